//! One name for two load balancers: of two states, or of one that is made before the other goes.

use lab::need;

use crate::bench::Bench;

#[test]
fn a_second_state_with_the_same_name_is_refused_and_touches_nothing() {
    let mut bench = need!(Bench::start());
    bench.apply(&[("tags", r#"{ owner = "first" }"#)]);
    let before = bench.moto.inventory();
    let second = bench.another_workspace();
    let first = std::mem::replace(&mut bench.terraform, second);

    for arguments in [&[][..], &[("tags", r#"{ owner = "first" }"#)]] {
        bench.configure(arguments);
        bench.forget_calls();
        let said = bench.terraform.apply().with_status(1).flat();
        both_cases(&said);
        assert!(bench.in_state().is_none(), "not adopted");
        bench.terraform.destroy().ok();
        assert_eq!(bench.mutations(), "");
        assert!(bench.moto.inventory() == before, "something of the first was touched");
    }

    bench.terraform = first;
    bench.terraform.assert_settled();
    bench.destroy();
}

/// What depends on the load balancer hands its order on to it: the new one would be made while the old one has the name.
#[test]
fn a_dependent_that_is_created_before_it_is_destroyed() {
    const DEPENDENT: &str = r#"
resource "terraform_data" "dependent" {
  triggers_replace = talosendpoint_nlb.this.arn
  lifecycle {
    create_before_destroy = true
  }
}
"#;
    let bench = need!(Bench::start());
    bench.apply(&[("blocks", DEPENDENT)]);
    // With another name the old one serves until the new one is there.
    bench.forget_calls();
    bench.apply(&[("blocks", DEPENDENT), ("name", r#""next""#), ("allow_replacement", "true")]);
    let calls = bench.proxy.mutating();
    let place = |action: &str| calls.iter().position(|call| call.action == action).expect(action);
    assert!(place("CreateLoadBalancer") < place("DeleteLoadBalancer"), "{calls:?}");
    bench.apply(&[("blocks", DEPENDENT), ("name", r#""next""#)]);
    bench.terraform.assert_settled();

    let before = bench.moto.inventory();
    bench.forget_calls();
    let replace = ["apply", "-auto-approve", "-no-color", "-input=false", "-replace=talosendpoint_nlb.this"];
    let said = bench.terraform.run(replace).with_status(1).flat();
    both_cases(&said);
    assert_eq!(bench.mutations(), "");
    assert!(bench.moto.inventory() == before, "something was lost");

    // The ways out that the error names. The plan inside of the apply failed, so that Terraform has kept the object as a deposed one.
    bench.apply(&[("blocks", DEPENDENT), ("allow_replacement", "true")]);
    let now = bench.moto.inventory();
    assert_eq!((now.load_balancers.len(), now.target_groups.len(), now.listeners.len()), (1, 3, 3));
    assert_eq!(now.load_balancer("lab-api-nlb").field("LoadBalancerArn"), bench.text("arn"));
    bench.terraform.assert_settled();
    let plain = DEPENDENT.replace("create_before_destroy = true", "");
    bench.apply(&[("blocks", &plain)]);
    let arn = bench.text("arn");
    bench.terraform.run(replace).ok();
    assert_ne!(bench.text("arn"), arn);
    bench.terraform.assert_settled();
    bench.destroy();
}

#[track_caller]
fn both_cases(said: &str) {
    assert!(said.contains("Error: The name is taken"), "{said}");
    assert!(said.contains("If it belongs to somebody else, choose another `name`"), "{said}");
    assert!(said.contains("If it is the one that is being replaced in this very run"), "{said}");
    assert!(said.contains("choose a new `name` for the new one, or remove `create_before_destroy`"), "{said}");
}
