//! What AWS exchanges in two calls only: the subnet or the address of a zone while another zone serves, and ports in a circle.

use talosendpoint::framework::value::{Object, Value};

use lab::call::Call;
use lab::fake::Fake;
use lab::fake::settings::Subnet;
use lab::faults::Fault;

use crate::child::scenario;
use crate::config::{A, B, config, nested};
use crate::creation::quick;
use crate::foreign;
use crate::terraform::{Terraform, errors, text};

/// A third zone, and second subnets of the zones.
const C: &str = "subnet-0000000000000000c";
const A2: &str = "subnet-000000000000000a2";
const B2: &str = "subnet-000000000000000b2";

fn fake() -> Fake {
    let fake = quick();
    fake.set(|settings| settings.subnets.push(Subnet::new(B2, "us-east-1b")));
    fake
}

fn on(subnets: &[&str]) -> Value {
    config([("subnet_ids", Value::set(subnets.iter().map(|id| (*id).into())))])
}

/// The subnets that a SetSubnets asked for, with what was pinned, and `!` where it was refused.
fn asked(call: &Call) -> String {
    let mut subnets: Vec<String> = (1..)
        .map_while(|index| {
            let field = |name: &str| call.param(&format!("SubnetMappings.member.{index}.{name}"));
            let subnet = [(A, "a"), (B, "b"), (C, "c"), (A2, "a2"), (B2, "b2")]
                .iter()
                .find(|(id, _)| Some(*id) == field("SubnetId"));
            let pinned = field("AllocationId").or(field("PrivateIPv4Address")).map(|address| format!("={address}"));
            subnet.map(|(_, short)| format!("{short}{}", pinned.unwrap_or_default()))
        })
        .collect();
    subnets.sort();
    subnets.join("+") + if call.status == 200 { "" } else { "!" }
}

fn calls(fake: &Fake) -> Vec<String> {
    let calls = fake.mutating();
    assert!(calls.iter().all(|call| call.action == "SetSubnets"), "{:?}", fake.sequence());
    calls.iter().map(asked).collect()
}

async fn check(from: &[&str], to: &[&str], want: &[&str]) {
    let fake = fake();
    let mut terraform = Terraform::at(&fake.url()).await;
    terraform.apply_well(&on(from)).await;
    let arn = terraform.text("arn").to_owned();
    fake.clear();
    terraform.apply_well(&on(to)).await;
    assert_eq!(calls(&fake), want, "{from:?} to {to:?}");
    assert_eq!(terraform.text("arn"), arn);
}

scenario! {
    async fn a_zone_leaves_and_comes_back_with_its_new_subnet() {
        check(&[A, B], &[A2, B], &["a2+b!", "b", "a2+b"]).await;
        check(&[A, B], &[A2, B, C], &["a2+b+c!", "b", "a2+b+c"]).await;
        check(&[A, B, C], &[A2, B2, C], &["a2+b2+c!", "c", "a2+b2+c"]).await;
        check(&[A, B, C], &[A2, C], &["a2+c!", "c", "a2+c"]).await;
        check(&[A, B], &[A, C], &["a+c"]).await;
    }
}

scenario! {
    async fn where_no_zone_stays_nothing_is_done() {
        let fake = fake();
        for (from, to, way) in [
            (vec![A], vec![A2], "Add a subnet of a second zone, keep the present one"),
            // The new zone would have to serve alone, minutes before it can.
            (vec![A], vec![A2, C], "Add a subnet of a second zone, keep the present one"),
            (vec![A, B], vec![A2, B2], "Change the zones one after the other"),
        ] {
            let mut terraform = Terraform::at(&fake.url()).await;
            terraform.apply_well(&on(&from)).await;
            fake.clear();
            let told = terraform.apply(&on(&to)).await;
            assert_eq!(errors(&told), ["No zone would stay"], "{}", text(&told));
            assert!(text(&told).contains(way), "{}", text(&told));
            assert!(text(&told).contains("at \"subnet_ids\""), "{}", text(&told));
            assert_eq!(fake.of("SetSubnets").iter().filter(|call| call.status == 200).count(), 0);
            terraform.assert_unchanged(&on(&from)).await;
            assert!(terraform.destroy().await.is_empty());
        }
    }
}

scenario! {
    /// Ended as by kill -9 after each of the calls that change something.
    async fn killed_in_between_the_next_apply_completes() {
        for n in [1, 2, 3] {
            let fake = fake();
            let mut before = Terraform::at(&fake.url()).await;
            before.apply_well(&on(&[A, B])).await;
            let (killed, mut after) = before.killed_after(n, &fake.url(), &on(&[A2, B])).await;
            killed.expect("nothing was stalled");
            after.apply_well(&on(&[A2, B])).await;
        }
    }
}

scenario! {
    async fn a_zone_that_can_not_come_back_gets_its_former_subnet() {
        let fake = fake();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on(&[A, B])).await;
        fake.clear();
        fake.fail(Fault::new("SetSubnets", 400, "InvalidSubnet", "Not enough IP space available").nth(3));
        let told = terraform.apply(&on(&[A2, B])).await;
        assert_eq!(errors(&told), ["AWS does not accept a subnet"]);
        assert!(text(&told).contains("The former subnets were put back."), "{}", text(&told));
        assert_eq!(calls(&fake), ["a2+b!", "b", "a2+b!", "a+b"]);
        terraform.assert_unchanged(&on(&[A, B])).await;
        fake.clear();
        fake.fail(Fault::new("SetSubnets", 400, "InvalidSubnet", "Not enough IP space available").nth(3).times(2));
        let told = terraform.apply(&on(&[A2, B])).await;
        assert!(text(&told).contains("the load balancer serves in its other zones"), "{}", text(&told));
        terraform.apply_well(&on(&[A2, B])).await;
    }
}

scenario! {
    /// AWS may notice only after a while that the zone is free.
    async fn a_zone_that_is_not_free_at_once_is_waited_for() {
        let fake = fake();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on(&[A, B])).await;
        fake.clear();
        let words = "Availability Zone that is already associated with the load balancer.";
        fake.fail(Fault::new("SetSubnets", 400, "InvalidSubnet", words).nth(3).times(2));
        terraform.apply_well(&on(&[A2, B])).await;
        assert_eq!(calls(&fake), ["a2+b!", "b", "a2+b!", "a2+b!", "a2+b"]);
    }
}

scenario! {
    async fn other_refusals_are_not_taken_for_it() {
        let fake = fake();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&on(&[A, B])).await;
        fake.clear();
        fake.fail(Fault::new("SetSubnets", 400, "InvalidSubnet", "Not enough IP space available").always());
        assert_eq!(errors(&terraform.apply(&on(&[A2, B])).await), ["AWS does not accept a subnet"]);
        assert_eq!(calls(&fake), ["a2+b!"]);
    }
}

fn mapped(internal: bool, mappings: &[(&str, &str)]) -> Value {
    let address = if internal { "private_ipv4_address" } else { "allocation_id" };
    let mappings = mappings.iter().map(|(subnet, pinned)| {
        let names = ["subnet_id", "allocation_id", "private_ipv4_address", "ipv6_address"];
        let mut fields: Object = names.map(|name| (name.to_owned(), Value::Null)).into();
        fields.insert("subnet_id".to_owned(), (*subnet).into());
        fields.insert(address.to_owned(), (*pinned).into());
        Value::Object(fields)
    });
    config([
        ("internal", internal.into()),
        ("subnet_ids", Value::Null),
        ("subnet_mappings", Value::set(mappings)),
        ("talos_version", "v1.12".into()),
    ])
}

async fn check_mappings(internal: bool, keeps: bool, [from, to]: [[(&str, &str); 2]; 2], want: &[&str]) {
    let fake = fake();
    fake.set(|settings| settings.keeps_addresses = keeps);
    let mut terraform = Terraform::at(&fake.url()).await;
    terraform.apply_well(&mapped(internal, &from)).await;
    fake.clear();
    terraform.apply_well(&mapped(internal, &to)).await;
    assert_eq!(calls(&fake), want, "{from:?} to {to:?}");
}

scenario! {
    /// Every call has all addresses of what stays.
    async fn pinned_addresses_go_along() {
        let (one, two, three) = ("eipalloc-1", "eipalloc-2", "eipalloc-3");
        let subnet = [[(A, one), (B, two)], [(A2, three), (B, two)]];
        check_mappings(false, false, subnet, &["a2=eipalloc-3+b=eipalloc-2!", "b=eipalloc-2", "a2=eipalloc-3+b=eipalloc-2"]).await;
        let moved = [[(A, one), (B, two)], [(A2, one), (B, two)]];
        check_mappings(false, false, moved, &["a2=eipalloc-1+b=eipalloc-2!", "b=eipalloc-2", "a2=eipalloc-1+b=eipalloc-2"]).await;
        // The same subnets: AWS takes the new address, or keeps the old one without a word.
        let address = [[(A, one), (B, two)], [(A, three), (B, two)]];
        check_mappings(false, false, address, &["a=eipalloc-3+b=eipalloc-2"]).await;
        let twice = ["a=eipalloc-3+b=eipalloc-2", "b=eipalloc-2", "a=eipalloc-3+b=eipalloc-2"];
        check_mappings(false, true, address, &twice).await;
        let private = [[(A, "10.0.0.7"), (B, "10.0.1.7")], [(A, "10.0.0.8"), (B, "10.0.1.7")]];
        check_mappings(true, true, private, &["a=10.0.0.8+b=10.0.1.7", "b=10.0.1.7", "a=10.0.0.8+b=10.0.1.7"]).await;
    }
}

scenario! {
    /// Two subnets of a zone are nothing to exchange: no zone leaves for that.
    async fn a_second_subnet_in_a_zone_is_refused_at_once() {
        for wanted in [vec![A, A2, B], vec![A, A2], vec![A, A2, C]] {
            let fake = fake();
            let mut terraform = Terraform::at(&fake.url()).await;
            terraform.apply_well(&on(&[A, B])).await;
            fake.clear();
            assert!(terraform.apply(&on(&wanted)).await.has_error());
            let calls = calls(&fake);
            assert!(calls.len() == 1 && calls[0].ends_with('!'), "{wanted:?}: {calls:?}");
        }
    }
}

scenario! {
    /// The last port, which a listener steps aside to, has a listener of the user's own.
    async fn ports_change_places_beside_listeners_of_others() {
        let fake = quick();
        let mut terraform = Terraform::at(&fake.url()).await;
        terraform.apply_well(&config([])).await;
        let theirs = foreign::listener(&fake, terraform.text("arn"), &foreign::group(&fake, "theirs", "80"), "65535");
        fake.clear();
        let turned = config([nested("kubernetes_api", [("port", 50000.into())]), nested("talos_api", [("port", 6443.into())])]);
        terraform.apply_well(&turned).await;
        let ports: Vec<String> = fake.of("ModifyListener").iter().filter_map(|call| call.param("Port").map(str::to_owned)).collect();
        assert_eq!(ports, ["65534", "6443", "50000"]);
        assert_eq!(fake.inventory().listeners[&theirs].field("Port"), "65535");
    }
}
