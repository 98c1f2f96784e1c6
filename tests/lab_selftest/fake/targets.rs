use std::time::Duration;

use lab::fake::Fake;

use super::{ask, balancer, group, health, listener, listener_params, refused, targets};

#[test]
fn a_target_goes_through_its_states() {
    let fake = Fake::start();
    let arn = balancer(&fake, "nlb", &[]);
    let group = group(&fake, "tg");
    fake.set(|settings| {
        settings.starting.insert("i-1".to_owned(), 1);
    });
    assert_eq!(refused(&fake, "RegisterTargets", &targets(&group, "i-1")), "InvalidTarget");
    ask(&fake, "RegisterTargets", &targets(&group, "i-1")).result();
    let pair = |state: &str, reason: &str| (state.to_owned(), reason.to_owned());
    assert_eq!(health(&fake, &group), pair("unused", "Target.NotInUse"));
    listener(&fake, &arn, &group, "443");
    assert_eq!(health(&fake, &group), pair("initial", "Elb.InitialHealthChecking"));
    assert_eq!(health(&fake, &group), pair("healthy", ""));
    ask(&fake, "DeregisterTargets", &targets(&group, "i-1")).result();
    assert_eq!(health(&fake, &group), pair("draining", "Target.DeregistrationInProgress"));
    assert_eq!(health(&fake, &group), pair("", ""));
    let asked = ask(&fake, "DescribeTargetHealth", &targets(&group, "i-1"));
    assert_eq!(asked.result().find("Reason").expect("one").text, "Target.NotRegistered");
    ask(&fake, "DeregisterTargets", &targets(&group, "i-1")).result();

    fake.set(|settings| settings.draining_time = Duration::from_secs(3600));
    ask(&fake, "RegisterTargets", &targets(&group, "i-1")).result();
    ask(&fake, "DeregisterTargets", &targets(&group, "i-1")).result();
    assert_eq!(health(&fake, &group).0, "draining");
    assert_eq!(health(&fake, &group).0, "draining");
    ask(&fake, "RegisterTargets", &targets(&group, "i-1")).result();
    assert_eq!(health(&fake, &group).0, "initial");
    fake.set(|settings| settings.health = ("unhealthy".to_owned(), "Target.Timeout".to_owned()));
    assert_eq!(health(&fake, &group), pair("unhealthy", "Target.Timeout"));
}

#[test]
fn id_and_port_together_are_a_registration() {
    let fake = Fake::start();
    let group = group(&fake, "tg");
    let other_port =
        [("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", "i-1"), ("Targets.member.1.Port", "1")];
    ask(&fake, "RegisterTargets", &targets(&group, "i-1")).result();
    ask(&fake, "RegisterTargets", &other_port).result();
    assert_eq!(fake.inventory().health_of("tg").len(), 2);
    ask(&fake, "DeregisterTargets", &targets(&group, "i-1")).result();
    let inventory = fake.inventory();
    let left: Vec<&String> = inventory.health_of("tg").keys().collect();
    assert_eq!(left, ["i-1:1"]);
    assert_eq!(refused(&fake, "RegisterTargets", &targets(&group, "10.0.0.1")), "InvalidTarget");
}

#[test]
fn a_listener_that_loses_its_targets_is_noticed() {
    let fake = Fake::start();
    let arn = balancer(&fake, "nlb", &[]);
    let (old, new) = (group(&fake, "old"), group(&fake, "new"));
    let port = listener(&fake, &arn, &old, "443");
    for group in [&old, &new] {
        ask(&fake, "RegisterTargets", &targets(group, "i-1")).result();
    }
    fake.set(|settings| settings.initial_describes = 0);
    let to = |group| {
        let mut params = listener_params(&arn, group, "443");
        params[0] = ("ListenerArn", &port);
        ask(&fake, "ModifyListener", &params).result();
    };
    to(&new);
    fake.assert_never_empty();
    fake.assert_never_unhealthy();
    let last = fake.snapshots().pop().expect("one");
    assert_eq!((last.action.as_str(), last.listeners.len()), ("ModifyListener", 1));
    assert_eq!((last.listeners[0].registered, last.listeners[0].healthy), (1, 1));
    ask(&fake, "DeregisterTargets", &targets(&new, "i-1")).result();
    let noticed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fake.assert_never_empty()));
    assert!(noticed.is_err());
}
