//! What somebody changes and removes outside of Terraform.

use lab::http::QueryAnswer;
use lab::need;

use crate::stage::Stage;

/// One change of each kind of part and by each kind of call. `BALANCER`, `GROUP` and `LISTENER` stand for ARNs.
const CHANGES: [&str; 7] = [
    "ModifyLoadBalancerAttributes LoadBalancerArn=BALANCER \
     Attributes.member.1.Key=load_balancing.cross_zone.enabled Attributes.member.1.Value=false",
    "SetSubnets LoadBalancerArn=BALANCER \
     Subnets.member.1=SUBNET_A Subnets.member.2=SUBNET_B Subnets.member.3=SUBNET_C",
    "ModifyTargetGroupAttributes TargetGroupArn=GROUP \
     Attributes.member.1.Key=preserve_client_ip.enabled Attributes.member.1.Value=true",
    "ModifyTargetGroup TargetGroupArn=GROUP HealthCheckIntervalSeconds=30",
    "ModifyListener ListenerArn=LISTENER Port=7443",
    "AddTags ResourceArns.member.1=GROUP Tags.member.1.Key=owner Tags.member.1.Value=somebody",
    "RemoveTags ResourceArns.member.1=LISTENER TagKeys.member.1=owner",
];

#[test]
fn it_is_seen_and_put_right() {
    let stage = need!(Stage::start());
    stage.create(&[], "");
    let before = stage.inventory();
    for change in CHANGES {
        somebody(&stage, change);
    }
    assert!(stage.inventory() != before);
    assert_eq!(stage.terraform.plan().status, 2);
    stage.apply(&[]);
    let repair =
        "AddTags ModifyListener ModifyLoadBalancerAttributes ModifyTargetGroup ModifyTargetGroupAttributes SetSubnets";
    assert_eq!(stage.mutations(), repair);
    let now = stage.inventory();
    assert!(now == before, "{now:#?}");
    stage.terraform.assert_settled();
    stage.destroy();
}

#[test]
fn a_part_that_is_gone_comes_back_alone() {
    let stage = need!(Stage::start());
    stage.create(&[], "");
    let before = stage.inventory();
    somebody(&stage, "DeleteListener ListenerArn=LISTENER");
    somebody(&stage, "DeleteTargetGroup TargetGroupArn=GROUP");
    stage.apply(&[]);
    assert_eq!(
        stage.mutations(),
        "AddTags CreateListener CreateTargetGroup ModifyListenerAttributes ModifyTargetGroupAttributes"
    );
    let now = stage.inventory();
    let stayed = before.target_groups.keys().filter(|arn| now.target_groups.contains_key(*arn)).count();
    assert_eq!((now.listeners.len(), now.target_groups.len(), stayed), (3, 3, 2));
    stage.terraform.assert_settled();
    stage.destroy();
}

#[test]
fn what_others_made_is_left_alone() {
    let stage = need!(Stage::start());
    stage.create(&[], "");
    somebody(&stage, "CreateTargetGroup Name=NAME-theirs Protocol=TCP Port=80 VpcId=VPC").result();
    somebody(&stage, "AddTags ResourceArns.member.1=BALANCER Tags.member.1.Key=backup Tags.member.1.Value=daily");
    stage.terraform.assert_settled();
    stage.apply(&[("tags", r#"{ owner = "somebody" }"#)]);
    let balancer = stage.inventory().load_balancer(&format!("{}-api-nlb", stage.name)).tags.clone();
    assert_eq!((balancer["backup"].as_str(), balancer["owner"].as_str()), ("daily", "somebody"));
    stage.terraform.destroy().ok();
    let left = stage.inventory();
    assert_eq!(left.target_groups.len(), 1, "{left:#?}");
    let theirs = left.target_group(&format!("{}-theirs", stage.name)).field("TargetGroupArn");
    somebody(&stage, &format!("DeleteTargetGroup TargetGroupArn={theirs}"));
    stage.destroy();
}

/// Sends a request with placeholders, which must succeed. The group and the listener are the Kubernetes API's.
#[track_caller]
fn somebody(stage: &Stage, request: &str) -> QueryAnswer {
    let mut request = request.to_owned();
    for (placeholder, arn) in [
        ("=BALANCER", stage.in_state("arn")),
        ("=GROUP", stage.in_state("kubernetes_api_target_group_arn")),
        ("=LISTENER", stage.in_state("listener_arns")["kubernetes_api"].clone()),
    ] {
        if let Some(arn) = arn.as_str() {
            request = request.replace(placeholder, &format!("={arn}"));
        }
    }
    let answer = stage.somebody(&request);
    assert_eq!(answer.status, 200, "{request}: {:#?}", answer.xml);
    answer
}
