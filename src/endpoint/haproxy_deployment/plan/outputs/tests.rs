//! What is wanted and what is found have the same form, and differ exactly where the host does.

use super::*;
use crate::endpoint::haproxy_deployment::model::inventory::Origin;
use crate::endpoint::haproxy_deployment::model::record::ServiceState;
use crate::endpoint::haproxy_deployment::sample::{found as file_found, fresh, inventory, object, owner, spec};

fn desired(host: &str) -> Desired {
    let spec = spec();
    Desired::of(&spec, &spec.hosts[host])
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry.attribute(name).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn what_is_deployed_is_what_was_wanted() {
    for host in ["lb-01", "lb-02"] {
        assert_eq!(found(&desired(host), &inventory(host), &owner()), wanted(&desired(host)), "{host}");
    }
}

#[test]
fn a_change_by_hand_is_a_difference_where_it_is() {
    let changed = |change: &dyn Fn(&mut Inventory)| {
        let mut inventory = inventory("lb-01");
        change(&mut inventory);
        found(&desired("lb-01"), &inventory, &owner())
    };
    let edited = changed(&|host| {
        let edited = host.text(host_files::HAPROXY_CFG).unwrap().replace("maxconn 8000", "maxconn 7");
        host.files.insert(host_files::HAPROXY_CFG.into(), file_found(&edited, "644", Origin::Nobody));
    });
    assert!(text(&edited, HAPROXY_CFG).contains("maxconn 7\n"));
    let mode = changed(&|host| {
        let same = host.text(host_files::KEEPALIVED_CONF).unwrap().to_owned();
        host.files.insert(host_files::KEEPALIVED_CONF.into(), file_found(&same, "666", Origin::Nobody));
    });
    assert!(text(&mode, KEEPALIVED_CONF).starts_with("# The file is root:root 666, not root:root 640.\nglobal_defs"));
    let stale = changed(&|host| host.live = Some("0000000000000000".into()));
    assert!(text(&stale, HAPROXY_CFG).starts_with("# HAProxy runs another file than this one.\nglobal"));
    let lost = changed(&|host| host.records.clear());
    let note = "# The record of this deployment is missing on the host.\n";
    assert!(text(&lost, HAPROXY_CFG).starts_with(note) && !text(&lost, KEEPALIVED_CONF).contains(note));
    let taken = changed(&|host| host.records[0].id = Some("other".into()));
    let note = "# The file belongs to another deployment of the same name.\nglobal";
    assert!(text(&taken, HAPROXY_CFG).starts_with(note), "{taken:?}");
    let other = changed(&|host| (host.records[0].owner, host.records[0].id) = ("other".into(), None));
    assert!(text(&other, HAPROXY_CFG).starts_with("# The file belongs to the deployment other.\nglobal"), "{other:?}");
    let stopped = changed(&|host| {
        host.services.insert("keepalived".into(), ServiceState::default());
    });
    let service = stopped.attribute(SERVICES).and_then(|all| all.entries()?.get("keepalived").cloned()).unwrap();
    assert_eq!(service.attribute(ACTIVE), Some(&Value::Bool(false)));
    let gone = changed(&|host| drop(host.files.remove(host_files::KEEPALIVED_CONF)));
    assert_eq!(gone.attribute(KEEPALIVED_CONF), Some(&Value::Null));
    let link = changed(&|host| drop(host.files.insert(host_files::HAPROXY_CFG.into(), FileFound::Other)));
    assert_eq!(text(&link, HAPROXY_CFG), "# This is no regular file.\n");
    let deployed =
        |entry: Value| -> Object { [(DEPLOYED.to_owned(), Value::Map([("lb-01".to_owned(), entry)].into()))].into() };
    assert_eq!(no_files(&deployed(link)), ["lb-01: /etc/haproxy/haproxy.cfg"]);
    assert_eq!(no_files(&deployed(gone)), Vec::<String>::new());
    let folder =
        changed(&|host| drop(host.files.insert("/etc/tmpfiles.d/talosendpoint.conf".into(), FileFound::Other)));
    assert_eq!(no_files(&deployed(folder)), ["lb-01: /etc/tmpfiles.d/talosendpoint.conf"]);
}

#[test]
fn a_host_that_nobody_can_ask_about_haproxy_has_no_false_drift() {
    let mut silent = inventory("lb-01");
    silent.live = None;
    assert_eq!(found(&desired("lb-01"), &silent, &owner()), wanted(&desired("lb-01")));
}

#[test]
fn files_of_others_are_not_shown() {
    let spec = spec();
    let mut host = spec.hosts["lb-01"].clone();
    host.keepalived_conf = None;
    let single = Desired::of(&spec, &host);
    let mut foreign = fresh("lb-01");
    foreign.files.insert(host_files::KEEPALIVED_CONF.into(), file_found("global_defs {\n}\n", "644", Origin::Nobody));
    assert_eq!(found(&single, &foreign, &owner()).attribute(KEEPALIVED_CONF), Some(&Value::Null));
}

#[test]
fn only_hosts_that_an_apply_may_do_without_are_left_open() {
    let mut prior = object();
    outputs(&mut prior, None, &[]);
    let open = |allowed: i64, unreached: &[String], maxconn: u32| {
        let mut planned = object();
        planned.insert(ALLOW_MISSING_HOSTS.into(), allowed.into());
        if let Some(Value::Object(endpoint)) = planned.get_mut(ENDPOINT) {
            let text = crate::endpoint::haproxy_deployment::sample::haproxy_cfg(maxconn);
            endpoint.insert(HAPROXY_CFG.into(), text.into());
        }
        outputs(&mut planned, Some(&prior), unreached);
        let all = planned[DEPLOYED].entries().unwrap().clone();
        all.into_iter().filter(|(_, entry)| entry.is_unknown()).map(|(name, _)| name).collect::<Vec<_>>()
    };
    let missing = ["lb-02".to_owned()];
    assert_eq!(open(1, &missing, 9000), ["lb-02"]);
    assert_eq!(open(0, &missing, 9000), Vec::<String>::new());
    assert_eq!(open(1, &missing, 8000), Vec::<String>::new(), "nothing is to be done there");
    assert_eq!(open(1, &["lb-01".to_owned(), "lb-02".to_owned()], 9000), Vec::<String>::new());
}
