//! A new load balancer in place of the old one: only on the user's word.

use lab::need;

use crate::bench::{Arguments, Bench};

#[test]
fn permission_makes_a_replacement() {
    let bench = need!(Bench::start());
    bench.apply(&[("allow_replacement", "true")]);
    let steps: [Arguments; 5] = [
        &[("internal", "false")],
        &[("target_type", r#""ip""#)],
        &[("name", r#""other""#)],
        &[("name", r#""other""#), ("security_group_ids", r#"["GROUP_A"]"#)],
        &[("name", r#""other""#)],
    ];
    for step in steps {
        let mut arguments = step.to_vec();
        arguments.push(("allow_replacement", "true"));
        replaced(&bench, &arguments, &["apply"]);
    }
    bench.destroy();
}

#[test]
fn the_user_s_word_is_obeyed() {
    let bench = need!(Bench::start());
    bench.apply(&[]);
    replaced(&bench, &[], &["apply", "-replace=talosendpoint_nlb.this"]);
    bench.terraform.run(["taint", "talosendpoint_nlb.this"]).ok();
    replaced(&bench, &[], &["apply"]);
    bench.destroy();
}

/// Destroys and makes anew, in this order, and has nothing to do afterwards.
#[track_caller]
fn replaced(bench: &Bench, arguments: Arguments, command: &[&str]) {
    let before = bench.text("arn");
    bench.configure(arguments);
    bench.forget_calls();
    let command = command.iter().chain(&["-auto-approve", "-input=false", "-no-color"]);
    bench.terraform.run(command).ok();
    let calls = bench.proxy.mutating();
    let place = |action: &str| calls.iter().position(|call| call.action == action).expect(action);
    let last_deletion = calls.iter().rposition(|call| call.action.starts_with("Delete")).expect("a deletion");
    assert!(
        place("DeleteLoadBalancer") < last_deletion && last_deletion < place("CreateLoadBalancer"),
        "{arguments:?}"
    );
    assert_ne!(bench.text("arn"), before);
    assert_eq!(bench.moto.inventory().load_balancers.len(), 1);
    bench.terraform.assert_settled();
}
