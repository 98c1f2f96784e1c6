//! What every test here stands on: the endpoint, a recording proxy before it, a workspace, and a name that nobody else has.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use lab::call::ELBV2;
use lab::http::{QueryAnswer, query};
use lab::inventory::Inventory;
use lab::model::Models;
use lab::moto::Network;
use lab::process::Outcome;
use lab::programs;
use lab::proxy::Proxy;
use lab::skip::{self, Missing};
use lab::terraform::{REQUIRED, Workspace, provider};
use lab::venv::Venv;

use crate::endpoint::Endpoint;

/// Arguments of the load balancer by name, as HCL. [`BASE`] is under them; an empty value takes one of these away.
pub type Arguments<'a> = &'a [(&'a str, &'a str)];

/// `NAME` stands for the test's own name, `SUBNET_A` to `SUBNET_C` for subnets of the default VPC. The attributes are there to be written:
/// a stand-in may not show before what AWS shows always.
const BASE: Arguments = &[
    ("name", r#""NAME""#),
    ("subnet_ids", r#"["SUBNET_A", "SUBNET_B"]"#),
    ("worker_talos_api", "{ port = 50010 }"),
    ("enable_cross_zone_load_balancing", "true"),
    ("tcp_idle_timeout", "600"),
    ("tags", r#"{ owner = "lab" }"#),
];

/// The tag on what was made and isn't known to be in a state yet.
pub const MARKER: &str = "talosendpoint:creating";

/// One test's place. What it made is removed with it, also when the test fails.
pub struct Stage {
    /// Between the provider and the endpoint.
    pub proxy: Proxy,
    /// Where Terraform runs.
    pub terraform: Workspace,
    /// With what everything's name begins: `lab-0123abcd`.
    pub name: String,
    endpoint: Endpoint,
    network: Network,
    models: &'static Models,
    /// The listeners seen so far: not every endpoint removes them with their load balancer.
    listeners: RefCell<BTreeSet<String>>,
}

impl Stage {
    /// Everything started, nothing configured.
    pub fn start() -> Result<Stage, Missing> {
        let program = programs::terraform()?;
        let models = Models::load(&Venv::get()?);
        let endpoint = Endpoint::get()?;
        let proxy = Proxy::start(endpoint.url());
        let terraform = Workspace::new(&program, &provider())
            .env("TALOSENDPOINT_CREATE_LEASE", "1s")
            // The provider block says it all, as the guide to credentials does.
            .without_env("AWS_ACCESS_KEY_ID")
            .without_env("AWS_SECRET_ACCESS_KEY")
            .without_env("AWS_REGION");
        let network = Network::of(endpoint.url());
        let mut random = [0; 4];
        getrandom::fill(&mut random).expect("the system has random numbers");
        let name = format!("lab-{:08x}", u32::from_ne_bytes(random));
        Ok(Stage { proxy, terraform, name, endpoint, network, models, listeners: RefCell::default() })
    }

    /// Writes the configuration: the provider block, the load balancer, and `more` behind it. Placeholders as in the arguments.
    pub fn configure(&self, arguments: Arguments, more: &str) {
        let all = BASE.iter().filter(|(name, _)| !arguments.iter().any(|(own, _)| own == name)).chain(arguments);
        let lines: Vec<String> =
            all.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("  {name} = {value}\n")).collect();
        let text = format!(
            r#"{REQUIRED}provider "talosendpoint" {{
  aws = {{
    endpoint_url = "{}"
    region       = "us-east-1"
    access_key   = "test"
    secret_key   = "test"
  }}
}}
resource "talosendpoint_nlb" "this" {{
{}}}
{more}"#,
            self.proxy.url(),
            lines.concat()
        );
        self.terraform.main(&self.with_ids(&text));
    }

    /// `text` with the values of its placeholders.
    pub fn with_ids(&self, text: &str) -> String {
        let subnets = ["SUBNET_A", "SUBNET_B", "SUBNET_C"].into_iter().zip(&self.network.subnets);
        let named = text.replace("NAME", &self.name).replace("VPC", &self.network.vpc_id);
        subnets.fold(named, |text, (placeholder, subnet)| text.replace(placeholder, &subnet.id))
    }

    /// Configures and applies for the first time, with `more` behind the load balancer. The log holds only this apply afterwards.
    ///
    /// # Panics
    /// When it fails, with what Terraform said.
    #[track_caller]
    pub fn create(&self, arguments: Arguments, more: &str) {
        self.configure(arguments, more);
        self.forget_calls();
        self.terraform.apply().ok();
        self.mend_subnets();
        self.take_tags_off();
    }

    /// What the next plan would do first: our tags come off everything that was just made.
    fn take_tags_off(&self) {
        if !self.proxy.mutating().iter().any(|call| call.action.starts_with("Create")) {
            return;
        }
        let made = self.inventory();
        let parts = made.load_balancers.iter().chain(&made.target_groups).chain(&made.listeners);
        for (arn, part) in parts {
            for key in part.tags.keys().filter(|key| key.starts_with("talosendpoint:")) {
                self.somebody(&format!("RemoveTags ResourceArns.member.1={arn} TagKeys.member.1={key}"));
            }
        }
    }

    /// Gives the load balancer the subnets that the provider asked for, where the endpoint has lost them.
    fn mend_subnets(&self) {
        for (arn, balancer) in &self.inventory().load_balancers {
            if balancer.fields_like("AvailabilityZones.", ".SubnetId").is_empty() {
                let subnets = "Subnets.member.1=SUBNET_A Subnets.member.2=SUBNET_B";
                self.somebody(&format!("SetSubnets LoadBalancerArn={arn} {subnets}")).result();
                let reason = "this endpoint ignores SubnetMappings of CreateLoadBalancer; the tests set the subnets";
                skip::case("a load balancer is born in its subnets", reason);
            }
        }
    }

    /// Configures and applies. The log holds only this apply afterwards.
    ///
    /// # Panics
    /// When it fails, with what Terraform said.
    #[track_caller]
    pub fn apply(&self, arguments: Arguments) -> Outcome {
        self.configure(arguments, "");
        self.forget_calls();
        let outcome = self.terraform.apply().ok();
        self.take_tags_off();
        outcome
    }

    /// Destroys, and expects nothing to be left.
    #[track_caller]
    pub fn destroy(&self) {
        self.inventory(); // remembers the listeners
        self.terraform.destroy().ok();
        let left = self.inventory();
        assert!(left.is_empty(), "left behind: {left:#?}");
        if self.remove_listeners() > 0 {
            let reason = "this endpoint keeps the listeners of a load balancer that is deleted; the tests remove them";
            skip::case("listeners go with their load balancer", reason);
        }
    }

    /// What the endpoint holds of this test.
    pub fn inventory(&self) -> Inventory {
        let inventory = Inventory::of_names(self.endpoint.url(), &self.name);
        self.listeners.borrow_mut().extend(inventory.listeners.keys().cloned());
        inventory
    }

    /// Checks the recorded requests against AWS's model, then forgets them.
    #[track_caller]
    pub fn forget_calls(&self) {
        self.models.assert_valid(&self.proxy.calls());
        self.proxy.clear();
    }

    /// The recorded mutating calls, counted.
    pub fn mutations(&self) -> String {
        self.proxy.mutations("talosendpoint:creating")
    }

    /// An attribute of the load balancer in the state; null where there is none.
    pub fn in_state(&self, name: &str) -> Json {
        let attributes = self.terraform.attributes("talosendpoint_nlb.this").unwrap_or_default();
        attributes[name].clone()
    }

    /// What somebody else does: `ACTION PARAMETER=VALUE …`, with placeholders. It doesn't pass the proxy.
    #[track_caller]
    pub fn somebody(&self, request: &str) -> QueryAnswer {
        let request = self.with_ids(request);
        let mut words = request.split_whitespace();
        let action = words.next().expect("an action");
        let params: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
        query(self.endpoint.url(), ELBV2, action, &params)
    }

    /// Removes the listeners that were seen and are still there; how many there were.
    fn remove_listeners(&self) -> usize {
        let listeners = self.listeners.take().into_iter();
        listeners.filter(|arn| self.somebody(&format!("DeleteListener ListenerArn={arn}")).status == 200).count()
    }

    /// Removes whatever bears this test's name.
    fn sweep(&self) {
        let inventory = self.inventory();
        for arn in inventory.load_balancers.keys() {
            let off = "Attributes.member.1.Key=deletion_protection.enabled Attributes.member.1.Value=false";
            self.somebody(&format!("ModifyLoadBalancerAttributes LoadBalancerArn={arn} {off}"));
        }
        self.remove_listeners();
        for arn in inventory.load_balancers.keys() {
            self.somebody(&format!("DeleteLoadBalancer LoadBalancerArn={arn}"));
        }
        for arn in inventory.target_groups.keys() {
            self.somebody(&format!("DeleteTargetGroup TargetGroupArn={arn}"));
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.proxy.behave();
        // A test that failed has said why; an endpoint that is gone has nothing left to remove.
        let swept = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.sweep()));
        if !std::thread::panicking() {
            assert!(swept.is_ok(), "what the test made could not be removed");
            self.models.assert_valid(&self.proxy.calls());
        }
    }
}
