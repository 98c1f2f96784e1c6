use std::collections::BTreeSet;
use std::future::ready;

use tokio::time::{Instant, sleep};

use super::*;
use crate::endpoint::aws_access::Access;
use crate::endpoint::nlb_attachment::model::registration::Claim;
use crate::endpoint::nlb_attachment::model::registration::tests::{claim, registration};
use crate::framework::stop::Stop;
use crate::framework::value::Value;

fn ledger() -> Arc<Ledger> {
    Arc::new(Ledger::new(Arc::default()))
}

fn one() -> Registration {
    registration("i-1", "a", None)
}

fn desired(port: Value) -> Claim {
    claim("i-1".into(), Value::set(["a".into()]), port)
}

fn deadline() -> Deadline {
    Deadline::new(Duration::from_secs(600), Stop::new())
}

fn decision(is_open: bool) -> Decision {
    Decision { is_open, ..Decision::default() }
}

/// Whether it goes, and after how long that is known.
async fn leave(ledger: &Ledger, decision: &Decision, own_port: Option<i64>) -> (bool, Duration) {
    let begun = Instant::now();
    let turn = ledger.turn_to_leave(&one(), decision, &deadline(), ready(own_port)).await.unwrap();
    (turn.is_some(), begun.elapsed())
}

/// Something else that happens after a while.
fn later(ledger: &Arc<Ledger>, after: Duration, act: impl FnOnce(&mut Registrations) + Send + 'static) {
    let ledger = Arc::clone(ledger);
    tokio::spawn(async move {
        sleep(after).await;
        ledger.with(act);
    });
}

#[tokio::test(start_paused = true)]
async fn what_nobody_wants_goes_after_a_moment() {
    assert_eq!(leave(&ledger(), &decision(false), None).await, (true, UNDER_WAY));
    assert_eq!(leave(&ledger(), &decision(true), None).await, (true, ANOTHER));
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_keeps_stays_at_once() {
    let stays = Decision { stays: BTreeSet::from(["a".to_owned()]), ..Decision::default() };
    assert_eq!(leave(&ledger(), &stays, None).await, (false, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_another_wants_meanwhile_stays() {
    let ledger = ledger();
    let second = Duration::from_secs(1);
    later(&ledger, second, |known| _ = known.plan(None, desired(Value::Null), None, false));
    assert_eq!(leave(&ledger, &decision(true), None).await, (false, second));
}

#[tokio::test(start_paused = true)]
async fn the_groups_own_port_decides_where_one_names_it() {
    for (own, goes) in [(Some(6443), false), (Some(7000), true), (None, false)] {
        let ledger = ledger();
        ledger.with(|known| known.plan(None, desired(6443.into()), None, false));
        assert_eq!(leave(&ledger, &decision(false), own).await.0, goes, "{own:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_for_one_target_take_turns() {
    let ledger = ledger();
    let turn = ledger.turn_to_leave(&one(), &decision(false), &deadline(), ready(None)).await.unwrap();
    assert!(ledger.with(|known| known.is_deregistered(&one())), "it is said before the call begins");
    let waiting = {
        let ledger = Arc::clone(&ledger);
        tokio::spawn(async move { ledger.turn(&registration("i-1", "a", Some(7000)), &deadline()).await.is_ok() })
    };
    sleep(Duration::from_secs(1)).await;
    assert!(!waiting.is_finished());
    assert!(ledger.turn(&registration("i-1", "b", None), &deadline()).await.is_ok(), "another group");
    drop(turn);
    assert!(waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_user_may_stop_the_wait() {
    let (ledger, stop) = (ledger(), Stop::new());
    stop.stop();
    let deadline = Deadline::new(Duration::from_secs(600), stop);
    let ended = ledger.turn_to_leave(&one(), &decision(true), &deadline, ready(None)).await;
    assert_eq!(ended.err(), Some(Interrupted::Stopped));
}

#[tokio::test(start_paused = true)]
async fn a_plan_waits_for_others_and_one_reports_for_all() {
    let ledger = ledger();
    let depart = |target: &str| {
        let registrations = BTreeSet::from([registration(target, "a", None)]);
        ledger.with(|known| known.depart(registrations, BTreeSet::new(), None))
    };
    let [first, second] = ["i-1", "i-2"].map(depart);
    for target in ["i-1", "i-2"] {
        let claim = claim(target.into(), Value::set(["a".into()]), Value::Null);
        later(&ledger, PLANS / 2, move |known| _ = known.plan(None, claim, None, false));
    }
    let begun = Instant::now();
    let ((one, reported), (two, silent)) = futures_util::join!(ledger.decide(first), ledger.decide(second));
    assert_eq!([one.stays.len(), two.stays.len()], [1, 1]);
    assert_eq!((reported.len(), silent.len()), (2, 0));
    assert_eq!(begun.elapsed(), PLANS);
    assert_eq!(one.process, ledger.process());
}

#[tokio::test(start_paused = true)]
async fn a_configuration_of_the_provider_begins_anew() {
    let access = Arc::new(AwsAccess::default());
    let ledger = Ledger::new(Arc::clone(&access));
    ledger.with(|known| known.plan(None, desired(Value::Null), None, false));
    let process = ledger.process();
    assert!(!leave(&ledger, &decision(false), None).await.0);
    access.set(Access::NotYetKnown);
    assert!(leave(&ledger, &decision(false), None).await.0);
    assert_ne!(ledger.process(), process);
}
