//! Names that are taken: by somebody else, and by a run that died.

use std::time::Duration;

use lab::need;

use crate::stage::Stage;

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn what_somebody_else_has_made_is_never_adopted() {
    let stage = need!(Stage::start());
    let made = stage.somebody(
        "CreateLoadBalancer Name=NAME-api-nlb Type=network Scheme=internal \
         Subnets.member.1=SUBNET_A Subnets.member.2=SUBNET_B",
    );
    let theirs = made.result().find("LoadBalancerArn").expect("an ARN").text.clone();
    stage.configure(&[], "");
    let said = stage.terraform.apply().with_status(1).flat();
    assert!(said.contains("Error: The name is taken") && said.contains(&theirs), "{said}");
    assert_eq!(stage.mutations(), "");
    assert_eq!(stage.inventory().load_balancers.keys().collect::<Vec<_>>(), [&theirs]);
}

#[test]
fn a_create_that_was_killed_is_completed_by_the_next_apply() {
    let stage = need!(Stage::start());
    stage.configure(&[], "");
    stage.proxy.stall_after(5);
    let terraform = stage.terraform.start_apply();
    assert!(stage.proxy.wait_stalled(LIMIT).is_some(), "there was no fifth call");
    terraform.kill_provider();
    terraform.finish(LIMIT);
    stage.proxy.release();
    let left = stage.inventory();
    assert!(!left.is_empty());
    stage.apply(&[]);
    stage.terraform.assert_settled();
    let now = stage.inventory();
    assert_eq!((now.load_balancers.len(), now.target_groups.len(), now.listeners.len()), (1, 3, 3));
    stage.destroy();
}
