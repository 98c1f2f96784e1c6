use super::*;
use crate::endpoint::aws_access::Access;
use crate::endpoint::nlb::sample::{config, state};

fn stored() -> (Arc<AwsAccess>, Stored, Object) {
    let access = Arc::new(AwsAccess::default());
    (Arc::clone(&access), Stored::new(access), state(&config([])))
}

#[tokio::test(start_paused = true)]
async fn a_create_waits_for_what_becomes_of_its_predecessor() {
    let (_, stored, object) = stored();
    assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None);
    stored.note(&object);
    let arn = stored.named("prod-api-nlb", "eu-central-1").unwrap();
    assert_eq!(Some(arn.as_str()), object["arn"].as_str());
    assert_eq!(stored.named("prod-api-nlb", "eu-north-1"), None);
    assert_eq!(stored.named("other-api-nlb", "eu-central-1"), None);
    assert_eq!(stored.fate(&arn).await, None, "a tainted one: no plan ever comes");
    assert!(stored.plan(&object, Fate::Goes).let_through, "it came later than the create could wait");
    stored.forget(&object);
    stored.note(&object);
    let (fate, ()) = tokio::join!(stored.fate(&arn), async {
        tokio::task::yield_now().await;
        assert_eq!(stored.plan(&object, Fate::Goes), Finding::default());
    });
    assert_eq!(fate, Some(Fate::Goes));
    stored.forget(&object);
    assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None);
}

#[test]
fn two_objects_with_one_load_balancer_are_found_in_any_order() {
    let replaced = Fate::Replaced { same_name: true };
    for (first, second, want) in [
        (Fate::Stays, Fate::Stays, Some(Shared::Kept)),
        (Fate::Stays, Fate::Goes, Some(Shared::Destroyed)),
        (Fate::Goes, Fate::Stays, Some(Shared::Destroyed)),
        (replaced, Fate::Stays, Some(Shared::Destroyed)),
        (Fate::Stays, replaced, Some(Shared::Destroyed)),
        (replaced, Fate::Goes, Some(Shared::Destroyed)),
        (Fate::Goes, Fate::Goes, None),
    ] {
        let (access, stored, object) = stored();
        assert_eq!(stored.plan(&object, first), Finding::default());
        assert_eq!(stored.plan(&object, second).shared, want, "{first:?}, then {second:?}");
        access.set(Access::NotYetKnown);
        assert_eq!(stored.plan(&object, second), Finding::default(), "of another walk");
    }
}

#[tokio::test(start_paused = true)]
async fn an_import_finds_what_the_state_holds_before_or_after() {
    let (_, before, object) = stored();
    before.note_stored(&object);
    assert!(before.import(&object).await);
    let (_, after, _) = stored();
    let (held, ()) = tokio::join!(after.import(&object), async {
        tokio::task::yield_now().await;
        after.note_stored(&object);
    });
    assert!(held);
    let (_, late, _) = stored();
    assert!(!late.import(&object).await);
    assert!(!late.is_imported_twice(&object));
    late.note(&object);
    assert!(!late.is_imported_twice(&object), "the read after the import");
    late.note_stored(&object);
    assert!(late.is_imported_twice(&object));
    late.plan(&object, Fate::Stays);
    assert_eq!(late.plan(&object, Fate::Stays).shared, Some(Shared::Imported));
    let (_, twice, _) = stored();
    assert!(!twice.import(&object).await && twice.import(&object).await);
}

#[test]
fn a_name_is_asked_for_once_in_a_region() {
    let (access, stored, _) = stored();
    assert!(stored.claim("load balancer", "a", "eu-central-1") && !stored.claim("load balancer", "a", "eu-central-1"));
    assert!(stored.claim("load balancer", "a", "eu-north-1") && stored.claim("target group", "a", "eu-central-1"));
    access.set(Access::NotYetKnown);
    assert!(stored.claim("load balancer", "a", "eu-central-1"), "of another walk");
}

#[test]
fn a_host_may_be_the_name_of_one_of_them() {
    let (_, stored, object) = stored();
    let host = object["dns_name"].as_str().unwrap();
    assert!(!stored.has_dns_name(host));
    stored.note(&object);
    assert!(stored.has_dns_name(&host.to_uppercase()) && !stored.has_dns_name("k8s.example.com"));
}

#[test]
fn after_a_question_without_an_answer_there_is_none_until_the_next_walk() {
    let (access, stored, object) = stored();
    stored.question().unwrap().answered();
    drop(stored.question().unwrap());
    assert!(stored.question().is_none());
    stored.note(&object);
    access.set(Access::NotYetKnown);
    assert!(stored.question().is_some());
    assert_eq!(stored.named("prod-api-nlb", "eu-central-1"), None, "of another walk");
}
