//! A load balancer of hashicorp/aws, and `talosendpoint_nlb` of the same name in its place.

use lab::call::ELBV2;
use lab::http::query;
use lab::moto::Moto;
use lab::need;
use lab::programs;
use lab::proxy::Proxy;
use lab::skip::Missing;
use lab::terraform::{Workspace, provider};
use lab::venv::Venv;

const HEADER: &str = r#"
terraform {
  required_providers {
    aws           = { source = "hashicorp/aws" }
    talosendpoint = { source = "talosendpoint/talosendpoint" }
  }
}
provider "aws" {
  region = "us-east-1"
}
provider "talosendpoint" {
  aws = { region = "us-east-1" }
}
"#;

const THEIRS: &str = r#"
resource "aws_lb" "this" {
  name               = "swap-api-nlb"
  load_balancer_type = "network"
  internal           = true
  subnets            = SUBNETS
}
"#;

const OURS: &str = r#"
resource "talosendpoint_nlb" "this" {
  name       = "swap"
  subnet_ids = SUBNETS
  kubernetes_api = { enabled = false }
  talos_api      = { enabled = false }
  trustd         = {}
}
"#;

#[test]
fn the_plan_of_a_naive_swap_stops_and_its_blocks_keep_the_load_balancer() {
    let (moto, proxy, terraform) = need!(start());
    let network = moto.network();
    let made = query(
        moto.url(),
        ELBV2,
        "CreateLoadBalancer",
        &[
            ("Name", "swap-api-nlb"),
            ("Type", "network"),
            ("Scheme", "internal"),
            ("Subnets.member.1", &network.subnets[0].id),
            ("Subnets.member.2", &network.subnets[1].id),
        ],
    );
    let arn = made.result().find("LoadBalancerArn").unwrap().text.clone();
    let subnets: Vec<&str> = network.subnets.iter().take(2).map(|subnet| subnet.id.as_str()).collect();
    let subnets = format!("{subnets:?}");
    let main = |text: String| terraform.main(&(HEADER.to_owned() + &text.replace("SUBNETS", &subnets)));
    main(THEIRS.to_owned());
    terraform.run(["init", "-input=false", "-no-color"]).ok();
    terraform.import("aws_lb.this", &arn).ok();

    proxy.clear();
    main(OURS.to_owned());
    // A plan that AWS doesn't answer in time goes through, as on a machine that has other things to do.
    let mut plans = std::iter::repeat_with(|| terraform.plan()).take(5);
    let said = plans.find(|planned| planned.status == 1).expect("no plan stopped").flat();
    assert!(said.contains("Error: The name is taken") && said.contains(&arn), "{said}");
    assert_eq!(proxy.mutations("talosendpoint:creating"), "");

    let blocks = format!(
        "removed {{\n  from = aws_lb.this\n  lifecycle {{\n    destroy = false\n  }}\n}}\nimport {{\n  to = \
         talosendpoint_nlb.this\n  id = \"{arn}\"\n}}\n"
    );
    main(format!("{OURS}{blocks}"));
    let said = terraform.apply().ok().flat();
    assert!(said.contains("1 imported") && said.contains("0 destroyed"), "{said}");
    let balancers = moto.inventory().load_balancers;
    assert_eq!(balancers.keys().collect::<Vec<_>>(), [&arn]);
}

fn start() -> Result<(Moto, Proxy, Workspace), Missing> {
    let program = programs::terraform()?;
    programs::peer()?;
    let moto = Moto::start(&Venv::get()?);
    let proxy = Proxy::start(moto.url());
    let terraform = Workspace::installed(&program, &provider()).endpoint(&proxy.url());
    Ok((moto, proxy, terraform))
}
