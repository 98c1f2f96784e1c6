//! One answer of each kind, as AWS gives it, with the request that it answers to.

/// Form and answer.
pub fn all() -> Vec<(&'static str, String)> {
    let balancer = "<member><LoadBalancerArn>arn:lb</LoadBalancerArn><LoadBalancerName>n</LoadBalancerName><Type>network</Type><Scheme>internal</Scheme><DNSName>n.elb</DNSName><CanonicalHostedZoneId>Z</CanonicalHostedZoneId><VpcId>vpc</VpcId><State><Code>active</Code></State><AvailabilityZones><member><ZoneName>a</ZoneName><SubnetId>subnet-1</SubnetId></member></AvailabilityZones><SecurityGroups/></member>";
    let group = "<member><TargetGroupArn>arn:tg</TargetGroupArn><TargetGroupName>t</TargetGroupName><Protocol>TCP</Protocol><Port>6443</Port><VpcId>vpc</VpcId><TargetType>instance</TargetType><HealthCheckProtocol>TCP</HealthCheckProtocol><HealthCheckPort>traffic-port</HealthCheckPort><HealthCheckIntervalSeconds>10</HealthCheckIntervalSeconds><HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds><HealthyThresholdCount>2</HealthyThresholdCount><UnhealthyThresholdCount>2</UnhealthyThresholdCount><LoadBalancerArns/></member>";
    let listener = "<member><ListenerArn>arn:l</ListenerArn><LoadBalancerArn>arn:lb</LoadBalancerArn><Port>6443</Port><Protocol>TCP</Protocol><DefaultActions><member><Type>forward</Type><TargetGroupArn>arn:tg</TargetGroupArn></member></DefaultActions></member>";
    let tags =
        "<member><ResourceArn>arn:lb</ResourceArn><Tags><member><Key>k</Key><Value>v</Value></member></Tags></member>";
    let health = "<member><Target><Id>i-1</Id><Port>6443</Port></Target><TargetHealth><State>healthy</State></TargetHealth></member>";
    let attributes = "<member><Key>deletion_protection.enabled</Key><Value>false</Value></member><member><Key>x</Key><Value/></member>";
    let zones = "<member><ZoneName>a</ZoneName><SubnetId>subnet-1</SubnetId></member>";
    vec![
        ("Action=DescribeLoadBalancers&LoadBalancerArns.member.1=arn%3Alb", elb("DescribeLoadBalancers", "LoadBalancers", balancer)),
        ("Action=DescribeLoadBalancers&Names.member.1=n", elb("DescribeLoadBalancers", "LoadBalancers", balancer)),
        ("Action=CreateLoadBalancer&Name=n", elb("CreateLoadBalancer", "LoadBalancers", balancer)),
        ("Action=DescribeTargetGroups&TargetGroupArns.member.1=arn%3Atg", elb("DescribeTargetGroups", "TargetGroups", group)),
        ("Action=DescribeTargetGroups&Names.member.1=t", elb("DescribeTargetGroups", "TargetGroups", group)),
        ("Action=CreateTargetGroup&Name=t", elb("CreateTargetGroup", "TargetGroups", group)),
        ("Action=ModifyTargetGroup", elb("ModifyTargetGroup", "TargetGroups", group)),
        ("Action=DescribeListeners&ListenerArns.member.1=arn%3Al", elb("DescribeListeners", "Listeners", listener)),
        ("Action=DescribeListeners&LoadBalancerArn=arn%3Alb", elb("DescribeListeners", "Listeners", listener)),
        ("Action=CreateListener", elb("CreateListener", "Listeners", listener)),
        ("Action=ModifyListener", elb("ModifyListener", "Listeners", listener)),
        ("Action=DescribeTags&ResourceArns.member.1=arn%3Alb", elb("DescribeTags", "TagDescriptions", tags)),
        ("Action=DescribeTargetHealth", elb("DescribeTargetHealth", "TargetHealthDescriptions", health)),
        ("Action=DescribeLoadBalancerAttributes", elb("DescribeLoadBalancerAttributes", "Attributes", attributes)),
        ("Action=DescribeTargetGroupAttributes", elb("DescribeTargetGroupAttributes", "Attributes", attributes)),
        ("Action=DescribeListenerAttributes", elb("DescribeListenerAttributes", "Attributes", attributes)),
        ("Action=SetSubnets", elb("SetSubnets", "AvailabilityZones", zones)),
        ("Action=SetSecurityGroups", elb("SetSecurityGroups", "SecurityGroupIds", "<member>sg-1</member>")),
        ("Action=SetIpAddressType", elb("SetIpAddressType", "X", "")),
        ("Action=ModifyLoadBalancerAttributes", elb("ModifyLoadBalancerAttributes", "Attributes", attributes)),
        ("Action=ModifyTargetGroupAttributes", elb("ModifyTargetGroupAttributes", "Attributes", attributes)),
        ("Action=ModifyListenerAttributes", elb("ModifyListenerAttributes", "Attributes", attributes)),
        ("Action=DeleteLoadBalancer", elb("DeleteLoadBalancer", "X", "")),
        ("Action=DeleteTargetGroup", elb("DeleteTargetGroup", "X", "")),
        ("Action=DeleteListener", elb("DeleteListener", "X", "")),
        ("Action=RegisterTargets", elb("RegisterTargets", "X", "")),
        ("Action=DeregisterTargets", elb("DeregisterTargets", "X", "")),
        ("Action=AddTags", elb("AddTags", "X", "")),
        ("Action=RemoveTags", elb("RemoveTags", "X", "")),
        (
            "Action=DescribeNetworkInterfaces",
            "<DescribeNetworkInterfacesResponse \
             xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>"
                .to_owned(),
        ),
        (
            "Action=GetCallerIdentity",
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                .to_owned(),
        ),
        (
            "Action=AssumeRole",
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>"
                .to_owned(),
        ),
    ]
}

/// An answer of Elastic Load Balancing with one list.
pub fn elb(action: &str, list: &str, items: &str) -> String {
    format!(
        "<{action}Response \
         xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"><{action}Result><{list}>{items}</{list}></{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
    )
}
