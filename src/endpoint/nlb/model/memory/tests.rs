use super::*;

fn everything() -> Memory {
    let group = KnownGroup { arn: "arn:1".into(), name: "prod-api-tg-00c0ffee".into(), port: 7443 };
    Memory {
        successors: [(Role::KubernetesApi, group)].into(),
        retired: vec!["arn:2".into()],
        misrouted: vec![Role::TalosApi],
        mixed_settings: true,
        markers: vec!["n1".into()],
        handover: None,
        failed: Some("n2".into()),
        imported: vec![Role::KubernetesApi, Role::TalosApi],
        kept_names: vec![Role::Trustd],
    }
}

fn stored(text: &str) -> Private {
    Private::from_bytes(text.as_bytes()).unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    let mut private = Private::new();
    private.set("of the framework", json!(1));
    let everything = Memory { markers: vec!["n1".into(), "n3".into()], handover: Some("n4/0".into()), ..everything() };
    everything.write(&mut private);
    assert_eq!(Memory::read(&private), everything);
    assert_eq!(private.get(ENTRY).unwrap()["version"], json!(VERSION));
    Memory::default().write(&mut private);
    assert_eq!(
        private,
        stored(r#"{"of the framework":1}"#),
        "what is forgotten leaves nothing, and other entries stay"
    );
}

#[test]
fn what_builds_without_a_version_wrote_is_read_and_replaced() {
    let earlier = stored(
        r#"{"successors":{"kubernetes_api":{"arn":"arn:1","name":"prod-api-tg-00c0ffee","port":7443}},"retired":["arn:2"],
            "misrouted":["talos_api"],"uneven":true,"creating":"n1","failed":"n2","imported":["kubernetes_api","talos_api"],
            "kept_names":["trustd"]}"#,
    );
    assert_eq!(Memory::read(&earlier), everything());
    let (mut replaced, mut anew) = (earlier, Private::new());
    everything().write(&mut replaced);
    everything().write(&mut anew);
    assert_eq!(replaced, anew);
}

#[test]
fn what_is_not_understood_is_not_remembered() {
    assert_eq!(Memory::read(&Private::new()), Memory::default());
    let later = stored(
        r#"{"nlb":{"version":2,"creating":"n1","surprise":{},"imported":["talos_api","moon"],"successors":[]}}"#,
    );
    let expected = Memory { markers: vec!["n1".into()], imported: vec![Role::TalosApi], ..Memory::default() };
    assert_eq!(Memory::read(&later), expected);
    assert_eq!(Memory::read(&stored(r#"{"nlb":7,"creating":8}"#)), Memory::default());
}

#[test]
fn runs_of_which_nothing_carries_a_tag_are_forgotten() {
    let mut memory = Memory { markers: ["n1", "n2", "n3", "n4"].map(str::to_owned).into(), ..Memory::default() };
    let tags = |key: &str, value: &str| Tags::from([(key.to_owned(), value.to_owned())]);
    let carried = [tags(MARKER, "n2/7"), tags(HANDOVER, "n9/0 n4/0"), Tags::new()];
    let successors = Memory { successors: everything().successors, ..memory.clone() };
    memory.forget_gone(carried.iter());
    assert_eq!(memory.markers, ["n2", "n4"]);
    let mut with_successor = successors.clone();
    with_successor.forget_gone(carried.iter());
    assert_eq!(with_successor, successors, "a successor's tags are not read");
}
