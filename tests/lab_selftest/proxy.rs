use std::time::Duration;

use lab::call::{Answer, ELBV2};
use lab::faults::{Fault, error};
use lab::http::{query, send};
use lab::moto::Moto;
use lab::need;
use lab::proxy::Proxy;
use lab::venv::Venv;

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_request_through_the_proxy_is_recorded_and_shows_in_the_inventory() {
    let moto = Moto::start(&need!(Venv::get()));
    let proxy = Proxy::start(moto.url());
    let network = moto.network();
    assert!(network.subnets.len() >= 3);
    assert!(moto.inventory().is_empty());
    let arn = create_load_balancer(&proxy, "first", &network.subnets[0].id);

    let calls = proxy.calls();
    let [call] = calls.as_slice() else { panic!("{calls:#?}") };
    assert_eq!(call.action, "CreateLoadBalancer");
    assert_eq!(call.service, ELBV2);
    assert_eq!(call.region, "us-east-1");
    assert_eq!(call.access_key, "test");
    assert_eq!(call.version, "2015-12-01");
    assert_eq!(call.param("Name"), Some("first"));
    assert_eq!(call.list("Subnets"), [network.subnets[0].id.as_str()]);
    assert_eq!(call.pairs("Tags", "Key", "Value"), [("a b&c", "ü+%")]);
    assert_eq!(call.status, 200);
    assert!(call.response.contains(&arn));
    assert!(call.ended.unwrap() > call.started);

    let inventory = moto.inventory();
    let load_balancer = inventory.load_balancer("first");
    assert_eq!(load_balancer.field("LoadBalancerArn"), arn);
    assert_eq!(load_balancer.field("Type"), "network");
    assert_eq!(load_balancer.tags["a b&c"], "ü+%");
    assert_eq!(load_balancer.attribute("deletion_protection.enabled"), "false");
    assert_ne!(inventory, Default::default());

    send(&proxy.url(), "POST", "/mark/here", &[], "").unwrap();
    query(&proxy.url(), ELBV2, "DescribeLoadBalancers", &[]).result();
    let expected = ["CreateLoadBalancer", "mark:here", "DescribeLoadBalancers"];
    assert_eq!(proxy.sequence(), expected);
    assert_eq!(proxy.mutating().len(), 1);
    proxy.clear();
    assert!(proxy.entries().is_empty());
}

#[test]
fn a_group_with_targets_and_a_listener_are_in_the_inventory() {
    let moto = Moto::start(&need!(Venv::get()));
    let network = moto.network();
    let arn = create_load_balancer_at(moto.url(), "nlb", &network.subnets[0].id);
    let group =
        [("Name", "tg"), ("Protocol", "TCP"), ("Port", "6443"), ("VpcId", &network.vpc_id), ("TargetType", "ip")];
    let group = query(moto.url(), ELBV2, "CreateTargetGroup", &group);
    let group = group.xml.find("TargetGroupArn").unwrap().text.clone();
    let listener = [
        ("LoadBalancerArn", arn.as_str()),
        ("Protocol", "TCP"),
        ("Port", "443"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", &group),
    ];
    query(moto.url(), ELBV2, "CreateListener", &listener).result();
    let instance = moto.run_instance(&network.subnets[0].id);
    let target =
        [("TargetGroupArn", group.as_str()), ("Targets.member.1.Id", &instance), ("Targets.member.1.Port", "6443")];
    query(moto.url(), ELBV2, "RegisterTargets", &target).result();

    let inventory = moto.inventory();
    assert_eq!(inventory.target_group("tg").field("TargetType"), "ip");
    let listener = inventory.listener(443);
    assert_eq!(listener.field("DefaultActions.1.TargetGroupArn"), group);
    assert_eq!(listener.attribute("tcp.idle_timeout.seconds"), "350");
    assert_eq!(inventory.health_of("tg")[&format!("{instance}:6443")], "healthy");
    assert_eq!(inventory, moto.inventory());
    assert!(moto.security_group("sg").starts_with("sg-"));
}

#[test]
fn a_stall_after_withholds_the_answer_to_a_call_that_was_performed() {
    let moto = Moto::start(&need!(Venv::get()));
    let proxy = Proxy::start(moto.url());
    let subnet = moto.network().subnets[0].id.clone();
    proxy.stall_after(2);
    create_load_balancer(&proxy, "one", &subnet);
    assert!(proxy.wait_stalled(Duration::ZERO).is_none());
    std::thread::scope(|scope| {
        let second = scope.spawn(|| create_load_balancer(&proxy, "two", &subnet));
        let stalled = proxy.wait_stalled(LIMIT).expect("the second call stalls");
        assert_eq!(stalled.param("Name"), Some("two"));
        assert_eq!(stalled.status, 200);
        assert_eq!(moto.inventory().load_balancers.len(), 2);
        assert!(!second.is_finished());
        proxy.release();
        assert!(second.join().unwrap().contains("two"));
    });
}

#[test]
fn a_stall_before_keeps_the_call_from_the_stand_in() {
    let moto = Moto::start(&need!(Venv::get()));
    let proxy = Proxy::start(moto.url());
    let subnet = moto.network().subnets[0].id.clone();
    proxy.stall_before(1);
    std::thread::scope(|scope| {
        let only = scope.spawn(|| create_load_balancer(&proxy, "one", &subnet));
        let stalled = proxy.wait_stalled(LIMIT).expect("the call stalls");
        assert_eq!((stalled.status, stalled.answer), (0, Answer::None));
        assert!(moto.inventory().is_empty());
        proxy.release();
        only.join().unwrap();
    });
    assert_eq!(moto.inventory().load_balancers.len(), 1);
}

#[test]
fn ordered_errors_come_for_the_chosen_calls_only_and_change_nothing() {
    let moto = Moto::start(&need!(Venv::get()));
    let proxy = Proxy::start(moto.url());
    let fault = Fault::new("DescribeLoadBalancers", 400, "ResourceInUse", "a <b> & c");
    proxy.fail(fault.nth(2).times(2));
    let codes: Vec<Option<String>> = (0..4)
        .map(|_| {
            let answer = query(&proxy.url(), ELBV2, "DescribeLoadBalancers", &[]);
            answer.error_code().map(str::to_owned)
        })
        .collect();
    let refused = Some("ResourceInUse".to_owned());
    assert_eq!(codes, [None, refused.clone(), refused, None]);
    let refused = &proxy.calls()[1];
    assert_eq!((refused.status, refused.answer), (400, Answer::Injected));
    assert!(refused.response.contains("a &lt;b&gt; &amp; c"));

    proxy.fail(Fault::access_denied("DescribeNetworkInterfaces"));
    for _ in 0..2 {
        let answer = query(&proxy.url(), "ec2", "DescribeNetworkInterfaces", &[]);
        assert_eq!(answer.error_code(), Some("AccessDenied"));
    }
    proxy.behave();
    query(&proxy.url(), "ec2", "DescribeNetworkInterfaces", &[]).result();
}

#[test]
fn hooks_see_calls_answer_them_and_change_answers() {
    let moto = Moto::start(&need!(Venv::get()));
    let proxy = Proxy::start(moto.url());
    let subnet = moto.network().subnets[0].id.clone();
    let direct = moto.url().to_owned();
    // Somebody else is faster by a moment.
    proxy.on("CreateLoadBalancer", move |call| {
        create_load_balancer_at(&direct, "foreign", call.list("Subnets")[0]);
        Some(error(ELBV2, 400, "DuplicateLoadBalancerName", "taken"))
    });
    proxy.on_reply("DescribeTargetGroups", |_, reply| reply.status = 500);
    let params = [("Name", "ours"), ("Subnets.member.1", subnet.as_str())];
    let answer = query(&proxy.url(), ELBV2, "CreateLoadBalancer", &params);
    assert_eq!(answer.error_code(), Some("DuplicateLoadBalancerName"));
    assert_eq!(answer.error_message(), Some("taken"));
    assert_eq!(moto.inventory().load_balancers.len(), 1);
    let changed = query(&proxy.url(), ELBV2, "DescribeTargetGroups", &[]);
    assert_eq!(changed.status, 500);
    assert_eq!(proxy.of("DescribeTargetGroups")[0].status, 500);
}

fn create_load_balancer(proxy: &Proxy, name: &str, subnet: &str) -> String {
    create_load_balancer_at(&proxy.url(), name, subnet)
}

fn create_load_balancer_at(base: &str, name: &str, subnet: &str) -> String {
    let params = [
        ("Name", name),
        ("Type", "network"),
        ("Scheme", "internal"),
        ("Subnets.member.1", subnet),
        ("Tags.member.1.Key", "a b&c"),
        ("Tags.member.1.Value", "ü+%"),
    ];
    let answer = query(base, ELBV2, "CreateLoadBalancer", &params);
    answer.result();
    let arn = answer.xml.find("LoadBalancerArn").expect("an ARN");
    arn.text.clone()
}
