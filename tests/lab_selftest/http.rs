use std::io::{Read, Write};
use std::net::TcpListener;

use lab::http;
use lab::inventory::Inventory;
use lab::ministack::MiniStack;
use lab::moto::Network;
use lab::need;
use lab::venv::Venv;

/// Not every server knows the length of its answer beforehand.
#[test]
fn an_answer_in_chunks_is_put_together() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        while !request.ends_with(b"body") {
            let length = stream.read(&mut request).unwrap();
            request.rotate_left(length);
        }
        let answer =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nfirst\r\nA\r\n and\r\nrest\r\n0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let answer = http::send(&base, "POST", "/", &[], "body").unwrap();
    assert_eq!(answer, (200, "first and\r\nrest".to_owned()));
    server.join().unwrap();
}

#[test]
fn an_inventory_of_names_holds_no_others() {
    let ministack = MiniStack::start(&need!(Venv::ministack()));
    let subnet = &Network::of(ministack.url()).subnets[0].id;
    for name in ["ours-1", "theirs"] {
        let made = |action, params: &[(&str, &str)]| {
            let answer = http::query(ministack.url(), "elasticloadbalancing", action, params);
            let arn = answer.result().find(&format!("{}Arn", action.trim_start_matches("Create"))).unwrap();
            arn.text.clone()
        };
        let balancer = made("CreateLoadBalancer", &[("Name", name), ("Subnets.member.1", subnet)]);
        let group = made("CreateTargetGroup", &[("Name", name), ("Protocol", "TCP"), ("Port", "80")]);
        let forward = [
            ("LoadBalancerArn", balancer.as_str()),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &group),
        ];
        made("CreateListener", &forward);
    }
    for (prefix, count) in [("", 2), ("ours", 1), ("none", 0)] {
        let found = Inventory::of_names(ministack.url(), prefix);
        let counts = [found.load_balancers.len(), found.target_groups.len(), found.listeners.len()];
        assert_eq!(counts, [count; 3], "{prefix}");
    }
}
