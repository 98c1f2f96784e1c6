use super::*;

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
    let host = planned[HOST].as_str().filter(|host| bare(host).is_none()).map_or(Value::Null, text);
    let mut diagnostics = Diagnostics::new();
    moved(&object([(HOST, host)]), Some(prior), planned, only_one_fits, &mut diagnostics);
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
    let mut diagnostics = Diagnostics::new();
    moved(&object([(HOST, Value::Null)]), None, &before, None, &mut diagnostics);
    assert!(diagnostics.is_empty(), "a create moves nothing");
}

#[test]
fn a_virtual_ip_stays_as_an_additional_one_until_nobody_dials_it() {
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B]), None);
    assert_eq!(
        warning,
        "vip: The endpoint moves: What clients dial changes from https://192.0.2.30:6443 to https://192.0.2.29:6443, \
         and from 192.0.2.30:50000 to 192.0.2.29:50000. The old one is in kubeconfigs, talosconfigs, and the cluster \
         endpoint in every node's machine configuration. The order that keeps them connected: (1) keep 192.0.2.30, in \
         `additional_vips`; (2) apply the new machine configuration to all nodes; (3) replace kubeconfigs and \
         talosconfigs; (4) remove 192.0.2.30 from `additional_vips`."
    );
    // What is done already is not advised.
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B, A]), None);
    assert!(warning.contains("connected: (1) apply the new machine configuration"), "{warning}");
    assert!(warning.ends_with("(3) remove 192.0.2.30 from `additional_vips`."), "{warning}");
    assert!(!warning.contains("additional_names"), "{warning}");
}

#[test]
fn where_there_is_no_room_for_both_a_name_comes_first() {
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B]), Some("There is room for one."));
    assert!(warning.contains("connected: (1) apply the new") && !warning.contains("additional_vips"), "{warning}");
    let advice = "There is room for one. So 192.0.2.30 ends when the nodes get their new machine configuration. To \
                  avoid that, first set `host` to a DNS name";
    assert!(warning.contains(advice), "{warning}");
    let warning = warned(&endpoint(NAME, &[A]), &endpoint(NAME, &[B]), Some("There is room for one."));
    assert!(warning.contains("So change the DNS record at the same time"), "{warning}");
    // The old one stays, on another link: there is room.
    let warning = warned(&endpoint(A, &[A]), &endpoint(B, &[B, A]), Some("There is room for one."));
    assert!(!warning.contains("There is room for one."), "{warning}");
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
    let step = "(2) put \"api.example.com\" into `additional_names`, so that certificates are good for both, and keep \
                `api.example.com` leading to the control plane";
    assert!(warning.contains(step) && warning.ends_with("(5) end the old one."), "{warning}");
    let certified = with(new, [(MACHINE_CERT_SANS, Value::list([text("API.example.com")]))]);
    let warning = warned(&endpoint(NAME, &[A]), &certified, None);
    assert!(
        warning.contains("(2) keep `api.example.com` leading") && !warning.contains("additional_names"),
        "{warning}"
    );
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
    moved(&object([(HOST, Value::UNKNOWN)]), Some(&before), &after, None, &mut diagnostics);
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
        "talos_api: API switched off: Nothing serves 192.0.2.30:50000 any more. It is in talosconfigs: replace \
         it there before you apply this."
    );
}

#[test]
fn an_address_behind_a_name_is_held_by_dns_and_host_tables() {
    let before = endpoint(NAME, &[A]);
    let warning = warned(&before, &endpoint(NAME, &[B]), None);
    assert!(warning.starts_with("vip: The endpoint moves: Clients dial `api.example.com` as before, but"), "{warning}");
    assert!(warning.contains("from 192.0.2.30 to 192.0.2.29. The old one is in DNS. "), "{warning}");
    let steps = "(1) keep 192.0.2.30, in `additional_vips`; (2) apply the new machine configuration to all nodes; (3) \
                 change the DNS record of `api.example.com`, and wait until its TTL has passed; (4) remove 192.0.2.30 \
                 from `additional_vips`.";
    assert!(warning.ends_with(steps), "{warning}");
    let entry = |endpoint| with(endpoint, [(HOST_ENTRY, true.into())]);
    let warning = warned(&entry(before), &entry(endpoint(NAME, &[B])), None);
    assert!(warning.contains("is in DNS and in the host table of every node."), "{warning}");
    // One family moves, the other stays.
    let warning = warned(&endpoint(NAME, &[A, "2001:db8::30"]), &endpoint(NAME, &[A, "2001:db8::29"]), None);
    assert!(warning.starts_with("additional_vips: ") && warning.contains("keep 2001:db8::30, in"), "{warning}");
}

#[test]
fn nodes_and_load_balancers_behind_a_name() {
    let machines = |map: &'static str, addresses: &[&str]| {
        let machine =
            |(i, address): (usize, &&str)| (format!("m-{i}"), Value::Object(object([("address", text(address))])));
        let endpoint = with(endpoint(NAME, &[A]), [(VIP, Value::Null), ("external", false.into())]);
        with(endpoint, [(map, Value::Map(addresses.iter().enumerate().map(machine).collect()))])
    };
    for map in [CONTROL_PLANE, LOAD_BALANCERS] {
        let two = machines(map, &["192.0.2.11/24", "192.0.2.12/24"]);
        // A name that leads to several still leads to one of them.
        assert_eq!(warned(&two, &machines(map, &["192.0.2.11/24", "192.0.2.13/24"]), None), "");
        let warning = warned(&two, &machines(map, &["192.0.2.13", "192.0.2.14"]), None);
        assert!(warning.starts_with(&format!("{map}: The endpoint moves: ")), "{warning}");
        assert!(warning.contains("(1) keep `192.0.2.11` leading to the control plane; (2) keep"), "{warning}");
    }
    let external = |address| with(machines(CONTROL_PLANE, &[address]), [("external", true.into())]);
    assert_eq!(warned(&external("192.0.2.11"), &external("192.0.2.13"), None), "", "the name leads to a load balancer");
}

#[test]
fn a_replacement_ends_the_endpoint_s_own_name() {
    let warned = |host: &str| {
        let prior = object([(HOST, text(host)), ("dns_name", text("old.elb.example"))]);
        let mut diagnostics = Diagnostics::new();
        replaced(&prior, &mut diagnostics);
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
