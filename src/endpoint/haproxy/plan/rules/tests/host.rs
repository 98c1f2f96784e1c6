use super::*;

#[test]
fn a_host_is_an_address_of_the_endpoint_or_of_nothing_here() {
    let host = |host: &str| config([("host", host.into()), version()]);
    let machine = "host: The host is a machine's own address";
    check(host("192.168.30.21"), &[machine]);
    check(host("192.168.30.31"), &[machine]); // and the node isn't blamed for it
    check(host("192.168.30.30"), &[]);
    check(host("203.0.113.5"), &[]);
    assert!(detail(&host("192.168.30.21")).starts_with("192.168.30.21 is the address of the load balancer `lb-01`"));
    check(single([("host", "192.168.30.21".into())]), &[]);
    check(single([("host", "192.168.30.31".into()), version()]), &[machine]);
}
