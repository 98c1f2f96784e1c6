"""The AWS side of the demo, asked without the provider: `network` to build on, `show` what was built."""

import json
import sys

import boto3


def network():
    """The default VPC, its first two subnets and three instances in them, as values of the quickstart's variables."""
    ec2 = boto3.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    subnets = [subnet["SubnetId"] for subnet in sorted(subnets, key=lambda subnet: subnet["AvailabilityZone"])][:2]
    values = {"vpc_id": vpc, "subnet_ids": subnets, "control_plane_instance_ids": instances(ec2, subnets[0])}
    print(json.dumps(values, indent=2))


def instances(ec2, subnet):
    """The instances of a former call, or three new ones."""
    found = [instance["InstanceId"] for group in ec2.describe_instances()["Reservations"] for instance in group["Instances"]]
    if not found:
        # An image that moto knows.
        made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=3, MaxCount=3, InstanceType="t3.micro", SubnetId=subnet)
        found = [instance["InstanceId"] for instance in made["Instances"]]
    return sorted(found)


def show():
    """Every load balancer with its listeners, target groups and targets."""
    elb = boto3.client("elbv2")
    balancers = elb.describe_load_balancers()["LoadBalancers"]
    for balancer in balancers:
        state, zones = balancer["State"]["Code"], [zone["ZoneName"] for zone in balancer["AvailabilityZones"]]
        print(f"load balancer {balancer['LoadBalancerName']} ({balancer['Scheme']}, {state}) in {', '.join(sorted(zones))}")
        print(f"  {balancer['DNSName']}")
        listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        for listener in sorted(listeners, key=lambda listener: listener["Port"]):
            arn = listener["DefaultActions"][0]["TargetGroupArn"]
            group = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
            targets = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            names = ", ".join(f"{target['Target']['Id']} {target['TargetHealth']['State']}" for target in targets)
            print(f"  {listener['Port']:>5} -> {group['TargetGroupName']}:{group['Port']} ({names or 'no targets'})")
    if not balancers:
        print("no load balancer")


{"network": network, "show": show}[sys.argv[1]]()
