//! Several regions in one configuration: by aliases of the provider, and by a resource's own `region`.

use std::collections::BTreeMap;

use lab::inventory::Inventory;
use lab::moto::Network;
use lab::need;

use crate::bench::Bench;

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-2"];

/// Each has the same name: regions don't share names.
#[test]
fn two_aliases_and_a_region_of_a_resource() {
    let bench = need!(Bench::start());
    let networks = REGIONS.map(|region| (region, Network::of(&place(&bench, region))));
    let networks = BTreeMap::from(networks);
    let nothing = REGIONS.map(|region| Inventory::of(&place(&bench, region)));
    bench.terraform.main(&configuration(&bench, &networks, "talosendpoint.west"));
    bench.terraform.apply().ok();
    for region in REGIONS {
        let made = Inventory::of(&place(&bench, region));
        assert_eq!((made.load_balancers.len(), made.target_groups.len(), made.listeners.len()), (1, 2, 2), "{region}");
        let arn = made.load_balancer("lab-api-nlb").field("LoadBalancerArn").to_owned();
        assert_eq!(arn.split(':').nth(3), Some(region));
        let target = made.health_of("lab-api-tg").keys().next().cloned();
        assert_eq!(target.as_deref(), Some("i-0123456789abcdef0:6443"), "{region}: by the ARN's region");
    }
    bench.terraform.assert_settled();

    // Another provider block for the same resource: it stays where it is.
    let before = REGIONS.map(|region| Inventory::of(&place(&bench, region)));
    bench.terraform.main(&configuration(&bench, &networks, "talosendpoint"));
    let shown = bench.terraform.plan().with_status(0);
    assert!(!shown.flat().contains("Error"), "{}", shown.said());
    bench.terraform.apply().ok();
    assert!(before == REGIONS.map(|region| Inventory::of(&place(&bench, region))));

    bench.terraform.destroy().ok();
    assert!(nothing == REGIONS.map(|region| Inventory::of(&place(&bench, region))));
}

fn place(bench: &Bench, region: &str) -> String {
    format!("{}/{region}", bench.moto.url().trim_end_matches('/'))
}

/// One endpoint in each region with a node; `west` is the provider of the second.
fn configuration(bench: &Bench, networks: &BTreeMap<&str, Network>, west: &str) -> String {
    let alias = r#"provider "talosendpoint" {
  alias = "west"
  aws   = { region = "eu-west-1" }
}
"#;
    let endpoint = |name: &str, region: &str, line: &str| {
        let subnets: Vec<&str> = networks[region].subnets[..2].iter().map(|subnet| subnet.id.as_str()).collect();
        format!(
            r#"resource "talosendpoint_nlb" "{name}" {{
  name       = "lab"
  subnet_ids = {subnets:?}
  {line}
}}
resource "talosendpoint_nlb_attachment" "{name}" {{
  target_id         = "i-0123456789abcdef0"
  target_group_arns = talosendpoint_nlb.{name}.control_plane_target_group_arns
}}
"#
        )
    };
    [
        bench.header(""),
        alias.to_owned(),
        endpoint("home", "us-east-1", ""),
        endpoint("west", "eu-west-1", &format!("provider = {west}")),
        endpoint("south", "ap-southeast-2", "region = \"ap-southeast-2\""),
    ]
    .concat()
}
