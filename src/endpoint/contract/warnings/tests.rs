use super::*;

fn object(version: &str, patch: &str, names: &[&str]) -> Object {
    let list = |items: &[&str]| Value::list(items.iter().map(|item| Value::from(*item)));
    let members = [
        (TALOS_VERSION, version.into()),
        (PATCHES, Value::Map(Object::new())),
        (CONTROL_PLANE_CONFIG_PATCHES, list(&[patch])),
        (WORKER_CONFIG_PATCHES, list(&[])),
        (API_SERVER_CERT_SANS, list(names)),
        (TALOSCTL_ENDPOINTS, list(&["192.0.2.11"])),
        (NODES, Value::Map(Object::new())),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn warned(prior: Option<&Object>, planned: &Object) -> String {
    let mut diagnostics = Diagnostics::new();
    let form: fn(&Object) -> Option<bool> = |object| object.get("form")?.as_bool();
    let kind = Kind { form: Some(("form", form)), ..Kind::PLAIN };
    warnings(&kind, &Object::new(), prior, planned, &mut diagnostics);
    let all = diagnostics.iter().map(|warning| format!("{}: {}: {}", warning.path, warning.title, warning.detail));
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn patches_of_another_form_need_a_base_of_that_form() {
    let raised =
        |old: &str, new: &str, names: &[&str]| warned(Some(&object(old, "old", names)), &object(new, "new", names));
    let warning = raised("v1.11", "v1.12", &[]);
    assert!(
        warning.starts_with("talos_version: The form of the patches changes: From v1.11 to v1.12 the form"),
        "{warning}"
    );
    assert!(
        warning.contains("Generate the machine configurations anew") && warning.contains("siderolabs/talos 0.10.0")
    );
    assert!(raised("1.13.2", "v1.14", &["nlb.aws"]).contains("siderolabs/talos 0.12.0 or newer"));
    assert!(!raised("v1.13", "v1.14", &[]).contains("0.12.0"));
    let lowered = raised("v1.12", "v1.11", &[]);
    assert!(lowered.contains("From v1.12 to v1.11") && !lowered.contains("siderolabs"), "{lowered}");
    assert_eq!(raised("v1.12", "v1.13", &[]), "");
    assert_eq!(warned(Some(&object("v1.11", "same", &[])), &object("v1.12", "same", &[])), "", "nothing differs");
    assert_eq!(warned(None, &object("v1.12", "new", &[])), "");
}

#[test]
fn a_version_that_is_not_known_yet_is_written_in_the_newest_form() {
    let newer = object("v1.20", "p", &[]);
    assert!(
        warned(None, &newer).starts_with("talos_version: Unknown Talos version: This provider knows Talos up to v1.14")
    );
    assert_eq!(warned(Some(&newer), &newer), "");
    assert_eq!(warned(None, &object("v1.14", "p", &[])), "");
}

#[test]
fn an_endpoint_that_names_nothing_to_talosctl_says_so() {
    let mut none = object("v1.12", "p", &[]);
    none.insert(TALOSCTL_ENDPOINTS.to_owned(), Value::list([]));
    assert!(warned(None, &none).starts_with("talos_api: No talosctl endpoints: "));
    assert_eq!(warned(Some(&none), &none), "");
    none.insert(NODES.to_owned(), Value::Map([("cp-1".to_owned(), Value::Null)].into()));
    assert_eq!(warned(None, &none), "", "the kind itself says which nodes lack an address");
}

#[test]
fn another_form_of_the_same_version_is_one_too() {
    let with = |form: Value, patch: &str| {
        let mut object = object("v1.12", patch, &[]);
        object.insert("form".to_owned(), form);
        object
    };
    let warning = warned(Some(&with(false.into(), "old")), &with(Value::Null, "new"));
    assert!(
        warning.starts_with("form: The form of the patches changes: The patches change from the legacy form to"),
        "{warning}"
    );
    assert!(
        warning.contains("siderolabs/talos 0.10.0") && warning.contains("machine configurations anew"),
        "{warning}"
    );
    let warning = warned(Some(&with(Value::Null, "old")), &with(false.into(), "new"));
    assert!(
        warning.contains("from documents of their own to the legacy form") && !warning.contains("siderolabs"),
        "{warning}"
    );
    assert_eq!(warned(Some(&with(Value::Null, "old")), &with(true.into(), "new")), "");
}
