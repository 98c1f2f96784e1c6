//! What every acceptance test stands on: one moto, one recording proxy before it, one workspace whose configuration is an NLB.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use lab::call::ELBV2;
use lab::http::query;
use lab::inventory::Inventory;
use lab::model::Models;
use lab::moto::Moto;
use lab::process::Outcome;
use lab::programs;
use lab::proxy::Proxy;
use lab::skip::Missing;
use lab::terraform::{REQUIRED, Workspace, provider};
use lab::venv::Venv;

/// The tag on what was made and isn't known to be in a state yet.
pub const MARKER: &str = "talosendpoint:creating";

/// How the keys of all tags begin that say what a run has made.
const OWN_TAGS: &str = "talosendpoint:";

/// Arguments of the NLB by name; of two with one name the later counts. An empty value takes one of [`BASE`] away; `provider` is the content of the provider block's `aws`,
/// `blocks` is put behind everything. `SUBNET_A` to `SUBNET_C`, `GROUP_A`, `GROUP_B` and `VPC` stand for ids.
pub type Arguments<'a> = &'a [(&'a str, &'a str)];

/// The arguments of every NLB that doesn't say otherwise: three listeners.
pub const BASE: Arguments =
    &[("name", r#""lab""#), ("subnet_ids", r#"["SUBNET_A", "SUBNET_B"]"#), ("worker_talos_api", "{ port = 50010 }")];

/// A moto, a proxy and a workspace. Every request that went through the proxy is checked against AWS's model at the latest when this
/// value ends.
pub struct Bench {
    /// The stand-in for AWS.
    pub moto: Moto,
    /// Between the provider and moto.
    pub proxy: Proxy,
    /// Where Terraform runs.
    pub terraform: Workspace,
    ids: BTreeMap<&'static str, String>,
    nothing: Inventory,
    models: &'static Models,
}

impl Bench {
    /// Everything started, nothing configured. The lease is so short that leftovers are taken over within seconds.
    pub fn start() -> Result<Bench, Missing> {
        let program = programs::terraform()?;
        let venv = Venv::get()?;
        let moto = Moto::start(&venv);
        let proxy = Proxy::start(moto.url());
        let terraform = workspace(&program, &proxy);
        let network = moto.network();
        let mut ids = BTreeMap::from([("VPC", network.vpc_id)]);
        for (name, subnet) in ["SUBNET_A", "SUBNET_B", "SUBNET_C"].into_iter().zip(network.subnets) {
            ids.insert(name, subnet.id);
        }
        for name in ["GROUP_A", "GROUP_B"] {
            ids.insert(name, moto.security_group(name));
        }
        let nothing = moto.inventory();
        Ok(Bench { moto, proxy, terraform, ids, nothing, models: Models::load(&venv) })
    }

    /// A new workspace with no state, over the same moto.
    pub fn renew_workspace(&mut self) {
        self.terraform = self.another_workspace();
    }

    /// A further workspace with a state of its own, over the same moto.
    pub fn another_workspace(&self) -> Workspace {
        let program = programs::terraform().expect("it was there at the start");
        workspace(&program, &self.proxy)
    }

    /// Changes the environment in which Terraform runs.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.change_workspace(|workspace| workspace.env(name, value));
    }

    /// Takes a variable out of the environment in which Terraform runs.
    pub fn remove_env(&mut self, name: &str) {
        self.change_workspace(|workspace| workspace.without_env(name));
    }

    fn change_workspace(&mut self, change: impl FnOnce(Workspace) -> Workspace) {
        let program = programs::terraform().expect("it was there at the start");
        let placeholder = Workspace::new(&program, &provider());
        self.terraform = change(std::mem::replace(&mut self.terraform, placeholder));
    }

    /// The id that a placeholder of [`Arguments`] stands for.
    pub fn id(&self, name: &str) -> &str {
        &self.ids[name]
    }

    /// Writes the configuration: an NLB of [`BASE`] with `arguments` over it.
    pub fn configure(&self, arguments: Arguments) {
        self.terraform.main(&self.configuration(arguments));
    }

    /// The configuration's text.
    pub fn configuration(&self, arguments: Arguments) -> String {
        let value = |name: &str| arguments.iter().rfind(|(own, _)| *own == name).map_or("", |(_, value)| value);
        self.header(value("provider")) + &self.resource("this", arguments) + &self.with_ids(value("blocks"))
    }

    /// What comes before the resources: `aws` is the content of the provider block's attribute.
    pub fn header(&self, aws: &str) -> String {
        format!("{REQUIRED}provider \"talosendpoint\" {{\n  aws = {{ {aws} }}\n}}\n")
    }

    /// A resource: [`BASE`] with `arguments` over it, each on a line of its own.
    pub fn resource(&self, name: &str, arguments: Arguments) -> String {
        let mut all: BTreeMap<&str, &str> = BASE.iter().copied().collect();
        all.extend(arguments.iter().copied());
        all.retain(|name, value| !value.is_empty() && !["provider", "blocks"].contains(name));
        let lines: Vec<String> = all.iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
        self.with_ids(&format!("resource \"talosendpoint_nlb\" \"{name}\" {{\n{}}}\n", lines.concat()))
    }

    /// The text with ids in the place of placeholders.
    pub fn with_ids(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    /// Configures and applies. The log holds only this apply afterwards.
    ///
    /// # Panics
    /// When it fails, with what Terraform said.
    #[track_caller]
    pub fn apply(&self, arguments: Arguments) -> Outcome {
        self.configure(arguments);
        self.forget_calls();
        let outcome = self.terraform.apply().ok();
        self.take_tags_off();
        outcome
    }

    /// What the next plan would do first, and what few tests are about: our tags come off everything that was just made.
    fn take_tags_off(&self) {
        if !self.proxy.mutating().iter().any(|call| call.action.starts_with("Create")) {
            return;
        }
        let made = self.moto.inventory();
        let parts = made.load_balancers.iter().chain(&made.target_groups).chain(&made.listeners);
        for (arn, part) in parts {
            for key in part.tags.keys().filter(|key| key.starts_with(OWN_TAGS)) {
                self.somebody("RemoveTags", &[("ResourceArns.member.1", arn), ("TagKeys.member.1", key)]);
            }
        }
    }

    /// Destroys, and expects that nothing is left.
    #[track_caller]
    pub fn destroy(&self) {
        self.terraform.destroy().ok();
        self.assert_nothing_left();
    }

    /// Expects moto to hold what it held before the test.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        let left = self.left_behind();
        assert!(left.is_empty(), "left behind: {left:#?}");
    }

    /// Whatever moto holds that it did not hold before the test, and what it no longer holds, by ARN with the tags.
    pub fn left_behind(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let now = self.moto.inventory();
        if now == self.nothing { BTreeMap::new() } else { names(&now) }
    }

    /// Checks the recorded requests against AWS's model, then forgets them.
    #[track_caller]
    pub fn forget_calls(&self) {
        self.models.assert_valid(&self.proxy.calls());
        self.proxy.clear();
    }

    /// [`lab::log::Log::mutations`].
    pub fn mutations(&self) -> String {
        self.proxy.mutations(MARKER)
    }

    /// An attribute of the NLB in the state.
    #[track_caller]
    pub fn attribute(&self, name: &str) -> Json {
        self.in_state().expect("the NLB is in the state")["attributes"][name].clone()
    }

    /// The NLB's instance in the state file, which is quicker to read than to be shown.
    pub fn in_state(&self) -> Option<Json> {
        let text = std::fs::read_to_string(self.terraform.path().join("terraform.tfstate")).ok()?;
        let state: Json = serde_json::from_str(&text).expect("Terraform writes JSON");
        let resources = state["resources"].as_array()?;
        let found = resources.iter().find(|resource| resource["type"] == "talosendpoint_nlb")?;
        found["instances"].as_array()?.first().cloned()
    }

    /// The same as text.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.attribute(name).as_str().unwrap_or_else(|| panic!("{name} is no string")).to_owned()
    }

    /// The ARN of a target group, by its listener's name.
    #[track_caller]
    pub fn group_arn(&self, listener: &str) -> String {
        self.attribute("target_groups")[listener]["arn"].as_str().expect("the group exists").to_owned()
    }

    /// The ARN of a listener.
    #[track_caller]
    pub fn listener_arn(&self, listener: &str) -> String {
        self.attribute("listener_arns")[listener].as_str().expect("the listener exists").to_owned()
    }

    /// What somebody else does to AWS: a request that doesn't pass the proxy.
    #[track_caller]
    pub fn somebody(&self, action: &str, params: &[(&str, &str)]) {
        query(self.moto.url(), ELBV2, action, params).result();
    }

    /// The same, and the first ARN that the answer names.
    #[track_caller]
    pub fn somebody_makes(&self, action: &str, arn: &str, params: &[(&str, &str)]) -> String {
        let answer = query(self.moto.url(), ELBV2, action, params);
        answer.result().find(arn).expect("an ARN").text.clone()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.proxy.behave();
        if !std::thread::panicking() {
            self.models.assert_valid(&self.proxy.calls());
        }
    }
}

fn workspace(program: &std::path::Path, proxy: &Proxy) -> Workspace {
    let workspace = Workspace::new(program, &provider());
    workspace.endpoint(&proxy.url()).env("TALOSENDPOINT_CREATE_LEASE", "1s")
}

/// The ARNs of everything.
pub fn arns(inventory: &Inventory) -> BTreeSet<String> {
    let groups = inventory.target_groups.keys();
    inventory.load_balancers.keys().chain(groups).chain(inventory.listeners.keys()).cloned().collect()
}

/// Everything by ARN with its tags, for messages.
fn names(inventory: &Inventory) -> BTreeMap<String, BTreeMap<String, String>> {
    let groups = inventory.target_groups.iter();
    let all = inventory.load_balancers.iter().chain(groups).chain(&inventory.listeners);
    all.map(|(arn, part)| (arn.clone(), part.tags.clone())).collect()
}
