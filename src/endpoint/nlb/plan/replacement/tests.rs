use super::*;
use crate::endpoint::golden;
use crate::endpoint::nlb::sample::{config, in_full, nested, planned, said, state, texts};

/// The change from `before` to `after` needs a replacement because of the attributes `expected`.
#[track_caller]
fn check<const N: usize, const M: usize>(before: [(&str, Value); N], after: [(&str, Value); M], expected: &[&str]) {
    let (prior, mut planned) = (state(&config(before)), planned(&config(after)));
    for kept in ["vpc_id", "region"] {
        if planned[kept].is_null() {
            planned.insert(kept.to_owned(), prior[kept].clone());
        }
    }
    let found: Vec<&str> = needed(&prior, &planned).into_iter().map(|(attribute, _)| attribute).collect();
    assert_eq!(found, expected);
}

const GROUPS: &str = "security_group_ids";

#[test]
fn each_reason() {
    check([], [], &[]);
    check([], [("name", "other".into())], &["name"]);
    let full = || ("load_balancer_name", "prod-api-nlb".into());
    check([], [("name", Value::Null), full()], &[]);
    let groups = |name: &'static str| nested(name, [("target_group_name", name.replace('_', "-").into())]);
    let named = |name: &str| {
        [("name", Value::Null), ("load_balancer_name", name.into()), groups("kubernetes_api"), groups("talos_api")]
    };
    check(named("prod-api-nlb"), named("x"), &["load_balancer_name"]);
    check([], [("internal", false.into())], &["internal"]);
    check([], [("target_type", "ip".into())], &["target_type"]);
    check([], [("vpc_id", "vpc-2".into())], &["vpc_id"]);
    // Instances have addresses of both families: a new target group can take them over.
    let family = |family: &str| ("target_ip_address_type", family.into());
    check([family("ipv4")], [family("ipv6")], &[]);
    let of_addresses = |name: &str| [("target_type", "ip".into()), family(name)];
    check(of_addresses("ipv4"), of_addresses("ipv6"), &["target_ip_address_type"]);
    check([], [("region", "us-east-1".into())], &["region"]);
    check([], [(GROUPS, texts(&["sg-1"]))], &[GROUPS]);
    check([(GROUPS, texts(&["sg-1"]))], [], &[GROUPS]);
    check([(GROUPS, texts(&["sg-1"]))], [(GROUPS, texts(&["sg-2"]))], &[]);
    check([], [(GROUPS, texts(&[]))], &[]);
    check([], [("internal", false.into()), ("target_type", "ip".into())], &["internal", "target_type"]);
}

#[test]
fn what_is_unknown_is_no_reason() {
    for name in ["name", "internal", "target_type", "vpc_id", "region", GROUPS] {
        check([], [(name, Value::UNKNOWN)], &[]);
        check([(GROUPS, texts(&["sg-1"]))], [(name, Value::UNKNOWN), (GROUPS, texts(&["sg-1"]))], &[]);
    }
    // One element, whatever it will be, is a security group.
    check([], [(GROUPS, Value::set([Value::UNKNOWN]))], &[GROUPS]);
}

fn plan_of<const N: usize>(prior: [(&str, Value); 1], after: [(&str, Value); N]) -> (Vec<Path>, Diagnostics) {
    let (mut replace, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let after = config(after);
    plan(&after, &state(&config(prior)), &planned(&after), false, &mut replace, &mut diagnostics);
    (replace, diagnostics)
}

#[test]
fn a_replacement_is_refused_unless_it_is_allowed() {
    let protection = |on: bool| ("enable_deletion_protection", on.into());
    let (replace, refused) = plan_of([protection(false)], [("internal", false.into())]);
    assert_eq!(replace, Vec::<Path>::new());
    assert_eq!(said(&refused), ["internal: This change would replace the load balancer"]);
    let allowed = || [("internal", false.into()), ("allow_replacement", true.into())];
    let (replace, diagnostics) = plan_of([protection(false)], allowed());
    assert_eq!((replace, said(&diagnostics)), (vec![Path::of("internal")], vec![]));
    let (_, protected) = plan_of([protection(true)], allowed());
    assert_eq!(said(&protected), ["enable_deletion_protection: Deletion protection is on"]);
    golden::check("nlb/replacement.txt", &(in_full(&refused) + &in_full(&protected)));
}

/// What is said of `after` where the load balancer that was imported is as `before`.
fn after_import<const N: usize, const M: usize>(before: [(&str, Value); N], after: [(&str, Value); M]) -> Diagnostics {
    let (mut replace, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let after = config(after);
    plan(&after, &state(&config(before)), &planned(&after), true, &mut replace, &mut diagnostics);
    assert_eq!(replace, Vec::<Path>::new());
    diagnostics
}

#[test]
fn after_an_import_the_configuration_is_corrected() {
    let check = |diagnostics: Diagnostics, path: &str, expected: &str| {
        assert_eq!(said(&diagnostics), [format!("{path}: Not as the imported load balancer is")]);
        let text = in_full(&diagnostics);
        assert!(text.contains(expected) && !text.contains("revert the change"), "{expected}: {text}");
    };
    check(after_import([("internal", false.into())], []), "internal", "To keep it, write `internal = false`.");
    check(after_import([], [("name", "other".into())]), "name", "To keep it, write `name = \"prod\"`.");
    let region = after_import([], [("region", "us-east-1".into())]);
    check(region, "region", "To keep it, write `region = \"eu-central-1\"`, or leave `region` out.");
    let groups = after_import([(GROUPS, texts(&["sg-1", "sg-2"]))], []);
    check(groups, GROUPS, "To keep it, write `security_group_ids = [\"sg-1\", \"sg-2\"]`.");
    check(after_import([], [(GROUPS, texts(&["sg-1"]))]), GROUPS, "To keep it, leave `security_group_ids` out.");
    let named = |listener| nested(listener, [("target_group_name", "x".into())]);
    let own =
        [("name", Value::Null), ("load_balancer_name", "k8s".into()), named("kubernetes_api"), named("talos_api")];
    let whole = after_import([], own);
    check(whole, "load_balancer_name", "To keep it, write `name = \"prod\"` instead of `load_balancer_name`.");
}

#[test]
fn whoever_has_a_name_of_his_own_reads_of_its_record() {
    let (mut replace, mut diagnostics) = (Vec::new(), Diagnostics::new());
    let named = |internal: bool| {
        let host = ("host", "api.example.com".into());
        config([host, ("talos_version", "v1.12".into()), ("internal", internal.into())])
    };
    plan(&named(false), &state(&named(true)), &planned(&named(false)), false, &mut replace, &mut diagnostics);
    let text = in_full(&diagnostics);
    assert!(
        text.contains("until the DNS record of `api.example.com` follows") && !text.contains("every kubeconfig"),
        "{text}"
    );
}

#[test]
fn with_permission_what_can_not_be_decided_is_said() {
    let title = "Not known yet whether the load balancer is replaced";
    let found = |groups: &[&str], name: &str, value: Value, allowed: bool| {
        let prior = state(&config([(GROUPS, texts(groups))]));
        let after = [(GROUPS, texts(groups)), ("allow_replacement", allowed.into()), (name, value)];
        let (mut replace, mut diagnostics) = (Vec::new(), Diagnostics::new());
        let after = config(after);
        plan(&after, &prior, &planned(&after), false, &mut replace, &mut diagnostics);
        assert_eq!(replace, Vec::<Path>::new());
        said(&diagnostics)
    };
    assert_eq!(found(&[], GROUPS, Value::UNKNOWN, true), [format!("{GROUPS}: {title}")]);
    assert_eq!(found(&[], GROUPS, Value::UNKNOWN, false), Vec::<String>::new());
    assert_eq!(found(&["sg-1"], GROUPS, Value::UNKNOWN, true), [format!("[{GROUPS}: {title}]")]);
    assert_eq!(found(&["sg-1"], GROUPS, Value::set([Value::UNKNOWN]), true), Vec::<String>::new());
    for name in ["name", "internal", "target_type", "vpc_id", "region"] {
        assert_eq!(found(&[], name, Value::UNKNOWN, true), [format!("[{name}: {title}]")]);
        assert_eq!(found(&[], name, Value::UNKNOWN, false), Vec::<String>::new());
    }
}

#[test]
fn what_does_not_exist_is_not_protected() {
    let mut prior = state(&config([("enable_deletion_protection", true.into())]));
    let found = |prior: &Object| {
        let mut diagnostics = Diagnostics::new();
        protected(prior, "destroyed", &mut diagnostics);
        said(&diagnostics)
    };
    assert_eq!(found(&prior), ["enable_deletion_protection: Deletion protection is on"]);
    prior.insert("arn".to_owned(), Value::Null);
    assert_eq!(found(&prior), Vec::<String>::new());
}

/// `-generate-config-out` writes it into a configuration.
#[test]
fn the_name_of_a_predecessor_is_no_host() {
    let own = state(&config([("internal", false.into())]))["dns_name"].clone();
    let allowed = |host: Value| [("host", host), ("allow_replacement", true.into()), ("talos_version", "v1.12".into())];
    let (_, refused) = plan_of([("internal", false.into())], allowed(own));
    assert_eq!(said(&refused), ["host: The host goes with the load balancer"]);
    let (replace, diagnostics) = plan_of([("internal", false.into())], allowed("k8s.example.com".into()));
    assert_eq!((replace, said(&diagnostics)), (vec![Path::of("internal")], vec![]));
}
