use super::super::attributes::*;
use super::super::behind::Addresses;
use super::super::kind::Kind;
use super::*;

const OWN_NAME: &str = "dns_name";

/// A kind that has everything, so that one fixture serves for all.
const KIND: Kind<'_> = Kind {
    own_name: Some(OWN_NAME),
    inputs: &[VIP, ADDITIONAL_VIPS, LOAD_BALANCERS, CONTROL_PLANE],
    behind_name,
    own_addresses: |object| Some(Addresses::virtual_ips(object)),
    ..Kind::PLAIN
};

fn behind_name(object: &Object) -> Behind {
    let machines = [LOAD_BALANCERS, CONTROL_PLANE].into_iter().find(|map| object.contains_key(*map));
    match object.get("external") {
        Some(Value::Bool(true)) => Behind::LoadBalancer,
        _ => Behind::Addresses(match machines {
            Some(map) => Addresses::of_machines(object, map),
            None => Addresses::virtual_ips(object).one_of_each_family(),
        }),
    }
}

fn text(value: &str) -> Value {
    value.into()
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An endpoint with virtual IPs, dialled at `host`.
fn endpoint(host: &str, vips: &[&str]) -> Object {
    let additional = vips[1..].iter().map(|vip| Value::Object(object([("address", text(vip))])));
    let names = vips.iter().filter(|vip| **vip != host);
    object([
        (HOST, text(host)),
        (VIP, text(vips[0])),
        (ADDITIONAL_VIPS, Value::list(additional)),
        (KUBERNETES_API_ENDPOINT, text(&format!("https://{host}:6443"))),
        (TALOS_API_ENDPOINT, text(&format!("{host}:50000"))),
        (API_SERVER_CERT_SANS, Value::list(names.map(|name| text(name)))),
        (MACHINE_CERT_SANS, Value::list([])),
        (TALOSCTL_ENDPOINTS, Value::list([text(host)])),
        (HOST_ENTRY, false.into()),
    ])
}

/// The same with other attributes.
fn with<const N: usize>(mut endpoint: Object, changes: [(&str, Value); N]) -> Object {
    endpoint.extend(object(changes));
    endpoint
}

/// `PATH: TITLE: DETAIL` of the warnings. The configuration sets `host` where that is a DNS name.
fn warned(prior: &Object, planned: &Object, only_one_fits: Option<&str>) -> String {
    let only_one_fits = |_| only_one_fits.map(str::to_owned);
    warned_of(&Kind { only_one_fits: &only_one_fits, ..KIND }, prior, planned)
}

fn warned_of(kind: &Kind<'_>, prior: &Object, planned: &Object) -> String {
    let host = planned[HOST].as_str().filter(|host| bare(host).is_none()).map_or(Value::Null, text);
    let config = &object([(HOST, host)]);
    let mut diagnostics = Diagnostics::new();
    moved(Change { kind, config, prior, planned }, &mut diagnostics);
    let all = diagnostics.iter().map(|warning| format!("{}: {}: {}", warning.path, warning.title, warning.detail));
    all.collect::<Vec<_>>().join("\n")
}

const A: &str = "192.0.2.30";
const B: &str = "192.0.2.29";
const NAME: &str = "api.example.com";

#[test]
fn what_stays_is_not_warned_of() {
    let before = endpoint(A, &[A]);
    assert_eq!(warned(&before, &before, None), "");
    assert_eq!(warned(&endpoint(NAME, &[A]), &endpoint("API.example.com", &[A]), None), "");
    // Another one comes to what is dialled.
    assert_eq!(warned(&before, &endpoint(A, &[A, B]), None), "");
    assert_eq!(warned(&endpoint(NAME, &[A]), &endpoint(NAME, &[A, "2001:db8::30"]), None), "");
    // What nobody could dial before is held by nobody.
    let without = with(before.clone(), [(TALOS_API_ENDPOINT, Value::Null)]);
    assert_eq!(warned(&without, &before, None), "");
}

#[test]
fn a_virtual_ip_stays_as_an_additional_one_until_nobody_dials_it() {
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B]), None);
    assert_eq!(
        warning,
        "vip: The endpoint moves: What clients dial changes from https://192.0.2.30:6443 to https://192.0.2.29:6443, \
         and from 192.0.2.30:50000 to 192.0.2.29:50000. The old endpoint is in kubeconfigs, talosconfigs and the \
         cluster endpoint of every node's machine configuration. The order that keeps clients connected: (1) keep \
         192.0.2.30, in `additional_vips`; (2) apply the new machine configuration to all nodes; (3) replace \
         kubeconfigs and talosconfigs; (4) remove 192.0.2.30 from `additional_vips`."
    );
    // What is done already is not advised.
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B, A]), None);
    assert!(warning.contains("connected: (1) apply the new machine configuration"), "{warning}");
    assert!(warning.ends_with("(3) remove 192.0.2.30 from `additional_vips`."), "{warning}");
    assert!(!warning.contains("additional_names"), "{warning}");
}

#[test]
fn where_there_is_only_one_fits_for_both_a_name_comes_first() {
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B]), Some("There is room for one"));
    assert!(warning.contains("The order: (1) apply the new") && !warning.contains("additional_vips"), "{warning}");
    let advice = "There is room for one, so 192.0.2.30 ends as soon as the new configuration is in place. To avoid \
                  that, first set `host` to a DNS name, in a change of its own";
    assert!(warning.contains(advice), "{warning}");
    let warning = warned(&endpoint(NAME, &[A]), &endpoint(NAME, &[B]), Some("There is room for one"));
    assert!(warning.contains("So change the DNS record at the same time"), "{warning}");
    // The old one stays, on another link: there is room.
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B, A]), Some("There is room for one"));
    assert!(!warning.contains("There is room for one"), "{warning}");
}

#[test]
fn a_name_is_put_in_front() {
    let warning = warned(&endpoint(A, &[A]), &endpoint(NAME, &[A]), None);
    assert!(warning.starts_with("host: The endpoint moves: "), "{warning}");
    assert!(warning.contains("(1) make `api.example.com` lead to the control plane; (2) apply"), "{warning}");
    assert!(warning.ends_with("(3) replace kubeconfigs and talosconfigs."), "{warning}");
}

#[test]
fn the_own_name_of_a_load_balancer_leads_to_it_anyway() {
    let own = "nlb.elb.example";
    let [before, after] = [endpoint(own, &[A]), endpoint(NAME, &[A])].map(|it| with(it, [(OWN_NAME, text(own))]));
    let warning = warned(&before, &after, None);
    assert!(warning.contains("(1) make `api.example.com` lead to the control plane; (2) apply"), "{warning}");
    assert!(warning.ends_with("(3) replace kubeconfigs and talosconfigs."), "{warning}");
}

#[test]
fn another_name_is_certified_beside_the_old_one() {
    let new = endpoint("new.example.com", &[A]);
    let warning = warned(&endpoint(NAME, &[A]), &new, None);
    let step = "(2) put \"api.example.com\" into `additional_names`, so that certificates are good for both; (3) keep \
                `api.example.com` leading to the control plane";
    assert!(warning.contains(step) && warning.ends_with("(6) retire `api.example.com`."), "{warning}");
    let certified = with(new, [(MACHINE_CERT_SANS, Value::list([text("API.example.com")]))]);
    let warning = warned(&endpoint(NAME, &[A]), &certified, None);
    assert!(
        warning.contains("(2) keep `api.example.com` leading") && !warning.contains("additional_names"),
        "{warning}"
    );
}

/// A load balancer has one listener on a port, so the old one can't be kept beside.
#[test]
fn a_port_that_goes_to_another_listener_is_not_kept() {
    let api = |port: i64| Value::Object(object([("port", port.into())]));
    let of = |kubernetes: i64, talos: i64| {
        let (url, talos_api) = (text(&format!("https://{A}:{kubernetes}")), text(&format!("{A}:{talos}")));
        with(
            endpoint(A, &[A]),
            [
                (KUBERNETES_API_ENDPOINT, url),
                (TALOS_API_ENDPOINT, talos_api),
                (KUBERNETES_API, api(kubernetes)),
                (TALOS_API, api(talos)),
            ],
        )
    };
    let warning = warned(&of(6443, 50000), &of(50000, 6443), None);
    assert!(warning.contains("Port 6443 is the port of `talos_api` from then on"), "{warning}");
    assert!(warning.contains("give `talos_api` a port that nothing had"), "{warning}");
    assert!(!warning.contains("keep the old port served"), "{warning}");
}

#[test]
fn another_port_is_served_beside_the_old_one() {
    let before = endpoint(A, &[A]);
    let api = |port: i64| Value::Object(object([("port", port.into())]));
    let [before, after] = [(before.clone(), 6443), (before, 443)].map(|(endpoint, port)| {
        let url = text(&format!("https://{A}:{port}"));
        with(endpoint, [(KUBERNETES_API_ENDPOINT, url), (KUBERNETES_API, api(port))])
    });
    let warning = warned(&before, &after, None);
    assert!(warning.starts_with("kubernetes_api: The endpoint moves: "), "{warning}");
    assert!(warning.contains("(1) keep the old port served") && !warning.contains("talosconfigs"), "{warning}");
}

#[test]
fn what_is_known_only_after_apply_may_move() {
    let before = endpoint(NAME, &[A]);
    let open = [HOST, KUBERNETES_API_ENDPOINT, TALOS_API_ENDPOINT].map(|name| (name, Value::UNKNOWN_NOT_NULL));
    let after = with(before.clone(), open);
    let mut diagnostics = Diagnostics::new();
    let config = &object([(HOST, Value::UNKNOWN)]);
    moved(Change { kind: &KIND, config, prior: &before, planned: &after }, &mut diagnostics);
    let warning = diagnostics.iter().next().unwrap();
    assert_eq!((warning.path.to_string().as_str(), warning.title.as_str()), ("host", "The endpoint may move"));
    assert!(
        warning.detail.contains("of https://api.example.com:6443 and api.example.com:50000 is known only after apply")
    );
    let after = with(before.clone(), [(VIP, Value::UNKNOWN)]);
    let warning = warned(&before, &after, None);
    assert!(
        warning.starts_with("vip: The endpoint may move: ") && warning.contains("was 192.0.2.30, and is"),
        "{warning}"
    );
}

#[test]
fn an_api_that_is_switched_off_leaves_its_clients() {
    let before = endpoint(A, &[A]);
    let warning = warned(&before, &with(before.clone(), [(TALOS_API_ENDPOINT, Value::Null)]), None);
    assert_eq!(
        warning,
        "talos_api: API switched off: Nothing serves 192.0.2.30:50000 any more. Before you apply this, change \
         talosconfigs to something that is served."
    );
}

#[test]
fn an_address_behind_a_name_is_held_by_dns_and_host_tables() {
    let before = endpoint(NAME, &[A]);
    let warning = warned(&before, &endpoint(NAME, &[B]), None);
    assert!(warning.starts_with("vip: The endpoint moves: Clients dial `api.example.com` as before, but"), "{warning}");
    assert!(warning.contains("from 192.0.2.30 to 192.0.2.29. DNS has to follow. "), "{warning}");
    let steps = "(1) keep 192.0.2.30, in `additional_vips`; (2) apply the new machine configuration to all nodes; (3) \
                 change the DNS record of `api.example.com`, and wait until its TTL has passed; (4) remove 192.0.2.30 \
                 from `additional_vips`.";
    assert!(warning.ends_with(steps), "{warning}");
    let entry = |endpoint| with(endpoint, [(HOST_ENTRY, true.into())]);
    let warning = warned(&entry(before), &entry(endpoint(NAME, &[B])), None);
    assert!(warning.contains("DNS and the host table of every node have to follow."), "{warning}");
    // One family moves, the other stays.
    let warning = warned(&endpoint(NAME, &[A, "2001:db8::30"]), &endpoint(NAME, &[A, "2001:db8::29"]), None);
    assert!(warning.starts_with("additional_vips: ") && warning.contains("keep 2001:db8::30, in"), "{warning}");
}

/// Machines `m-FIRST` and following of this map behind a name.
fn machines(map: &'static str, first: usize, addresses: &[&str]) -> Object {
    let machine =
        |(i, address): (usize, &&str)| (format!("m-{i}"), Value::Object(object([("address", text(address))])));
    let endpoint = with(endpoint(NAME, &[A]), [(VIP, Value::Null), ("external", false.into())]);
    with(endpoint, [(map, Value::Map((first..).zip(addresses).map(machine).collect()))])
}

#[test]
fn nodes_and_load_balancers_behind_a_name() {
    for map in [CONTROL_PLANE, LOAD_BALANCERS] {
        let three = machines(map, 0, &["192.0.2.11/24", "192.0.2.12/24", "192.0.2.13/24"]);
        // A name that leads to several still leads to one of them.
        let some = machines(map, 0, &["192.0.2.11/24", "192.0.2.22/24", "192.0.2.23/24"]);
        assert_eq!(warned(&three, &some, None), "");
        let warning = warned(&three, &machines(map, 3, &["192.0.2.21", "192.0.2.22"]), None);
        assert!(warning.starts_with(&format!("{map}: The endpoint moves: ")), "{warning}");
        let what =
            "where it leads changes from 192.0.2.11, 192.0.2.12 and 192.0.2.13 to 192.0.2.21 and 192.0.2.22. DNS";
        assert!(warning.contains(what), "{warning}");
        assert!(warning.contains("(1) keep 192.0.2.11, 192.0.2.12 and 192.0.2.13 in service; (2) apply"), "{warning}");
        assert!(warning.ends_with("(4) take them out of service."), "{warning}");
    }
}

#[test]
fn a_machine_that_changes_its_only_address_has_the_old_one_no_longer() {
    let node = |host: &str, address: &str| {
        let dialled = endpoint(host, &[A]);
        with(
            machines(CONTROL_PLANE, 0, &[address]),
            [HOST, KUBERNETES_API_ENDPOINT, TALOS_API_ENDPOINT].map(|name| (name, dialled[name].clone())),
        )
    };
    let old = with(node("192.0.2.11", "192.0.2.11"), [(TALOSCTL_ENDPOINTS, Value::list([text("192.0.2.11")]))]);
    let warning = warned(&old, &node("192.0.2.12", "192.0.2.12"), None);
    let advice = "192.0.2.11 ends when `m-0` gets its new address. To avoid that, first set `host` to a DNS name, in a \
                  change of its own, and change the address when every client dials the name. The order: (1) apply";
    assert!(warning.contains(advice) && warning.ends_with("(2) replace kubeconfigs and talosconfigs."), "{warning}");
    let warning = warned(&node(NAME, "192.0.2.11"), &node(NAME, "192.0.2.12"), None);
    let advice = "192.0.2.11 ends when `m-0` gets its new address. So change the DNS record at the same time";
    assert!(warning.contains(advice) && !warning.contains("keep 192"), "{warning}");
}

#[test]
fn a_name_moves_between_nodes_and_a_load_balancer() {
    let nodes = machines(CONTROL_PLANE, 0, &["192.0.2.11", "192.0.2.12"]);
    let balancer = with(nodes.clone(), [("external", true.into())]);
    assert_eq!(warned(&balancer, &balancer, None), "");
    let warning = warned(&nodes, &balancer, None);
    assert!(warning.contains("leads changes from 192.0.2.11 and 192.0.2.12 to the load balancer."), "{warning}");
    assert!(warning.contains("(1) make the load balancer lead to the control plane; (2) apply"), "{warning}");
    let warning = warned(&balancer, &nodes, None);
    assert!(warning.contains("leads changes from the load balancer to 192.0.2.11 and 192.0.2.12."), "{warning}");
    assert!(warning.ends_with("(4) take it out of service."), "{warning}");
}

#[test]
fn talosconfigs_hold_the_endpoint_only_where_talosctl_dials_it() {
    let nodes = |endpoint| with(endpoint, [(TALOSCTL_ENDPOINTS, Value::list([text("192.0.2.11")]))]);
    let warning = warned(&nodes(endpoint(A, &[A])), &nodes(endpoint(B, &[B])), None);
    assert!(!warning.contains("talosconfigs") && !warning.contains("50000"), "{warning}");
    assert!(warning.contains("is in kubeconfigs and the cluster endpoint of every node's"), "{warning}");
    let off = with(nodes(endpoint(A, &[A])), [(TALOS_API_ENDPOINT, Value::Null)]);
    assert_eq!(warned(&nodes(endpoint(A, &[A])), &off, None), "");
}

#[test]
fn further_names_need_a_version() {
    let without = |host: &str| with(endpoint(host, &[A]), [(TALOS_VERSION, Value::Null)]);
    let warning = warned(&without(NAME), &without("new.example.com"), None);
    let step = "put \"api.example.com\" into `additional_names` and set `talos_version`, which this needs, so that";
    assert!(warning.contains(step), "{warning}");
}

#[test]
fn a_port_moves_with_the_host_or_at_the_api_server_itself() {
    let at = |host: &str, port: i64| {
        let url = text(&format!("https://{host}:{port}"));
        with(endpoint(host, &[A]), [(KUBERNETES_API_ENDPOINT, url)])
    };
    let warning = warned(&at(NAME, 6443), &at("new.example.com", 443), None);
    assert!(
        warning.contains("(4) keep the old port served beside the new one") && warning.contains("(3) keep"),
        "{warning}"
    );
    assert!(warning.ends_with("(7) retire `api.example.com`; (8) end the old port."), "{warning}");
    let one_port = Kind { has_one_port: true, ..KIND };
    let warning = warned_of(&one_port, &at(A, 6443), &at(A, 443));
    assert!(
        !warning.contains("redirection") && warning.contains("The API server listens on one port alone"),
        "{warning}"
    );
    assert!(
        warning.ends_with("The order: (1) apply the new machine configuration to all nodes; (2) replace kubeconfigs."),
        "{warning}"
    );
}

#[test]
fn a_replacement_ends_the_endpoint_s_own_name() {
    let warned = |host: &str| {
        let prior = object([(HOST, text(host)), ("dns_name", text("old.elb.example"))]);
        let mut diagnostics = Diagnostics::new();
        replaced(OWN_NAME, &prior, &mut diagnostics);
        let [warning] = &diagnostics.iter().collect::<Vec<_>>()[..] else { panic!("{diagnostics:?}") };
        assert_eq!(warning.title, "The endpoint moves");
        warning.detail.clone()
    };
    let own = warned("old.elb.example");
    assert!(
        own.starts_with("old.elb.example ends with the load balancer") && own.contains("first set `host`"),
        "{own}"
    );
    let named = warned(NAME);
    assert!(named.starts_with("Clients dial `api.example.com` as before, but old.elb.example, the name"), "{named}");
    assert!(named.contains("lead the DNS record of `api.example.com` to `dns_name` of this resource"), "{named}");
}
