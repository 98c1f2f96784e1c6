//! The guide's layout, made by the real hashicorp/aws in two workspaces, comes over by the file that `migrate` prints: every step is what
//! the file says, done by the letter. And back again.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread;

use lab::inventory::Inventory;
use lab::moto::Moto;
use lab::need;
use lab::process::Outcome;
use lab::programs;
use lab::proxy::Proxy;
use lab::skip::Missing;
use lab::terraform::{Workspace, migrate, provider};
use lab::venv::Venv;

use crate::cluster::root;

const MODULE: &str = "modules/loadbalancer/main.tf";

/// What the file asks to add, in the block that the layout has.
const SOURCE: &str =
    "talosendpoint = {\n      source  = \"talosendpoint/talosendpoint\"\n      version = \"~> 0.1\"\n    }\n";

#[test]
fn two_workspaces_come_over_by_the_printed_file_and_one_goes_back() {
    let stage = need!(Stage::start());
    thread::scope(|scope| {
        for name in ["demo", "prod"] {
            let stage = &stage;
            scope.spawn(move || stage.apply(name).ok());
        }
    });
    let before = stage.moto.inventory();

    // With the workers' listener, which stays the root module's own. The attachments come over too.
    let printed = stage.print("demo");
    assert!(printed.stderr.contains("aws_lb_listener.wk_talos_api[0] stays in the root module"), "{}", printed.stderr);
    stage.follow(&printed.stdout);
    stage.terraform.write("attachments.tf", &between(&printed.stdout, "--- attachments"));
    let said = stage.brought_over("demo");
    assert!(said.contains("1 imported, 2 added"), "{said}");
    same(&stage.moto.inventory(), &before);
    let demo = ["attachments.tf", "migrate.tf", MODULE].map(|name| (name, stage.terraform.read(name)));

    // Without it. The attachments stay.
    let printed = stage.print("prod");
    assert!(
        printed.stderr.contains("client addresses are preserved on an internal load balancer"),
        "{}",
        printed.stderr
    );
    stage.follow(&printed.stdout);
    stage.terraform.write("attachments.tf", &layout("attachments.tf"));
    let said = stage.brought_over("prod");
    assert!(said.contains("1 imported, 0 added"), "{said}");
    same(&stage.moto.inventory(), &before);

    stage.back("prod", &before);
    same(&stage.moto.inventory(), &before);
    stage.run("prod", &["destroy", "-auto-approve"]).ok();
    demo.iter().for_each(|(name, text)| stage.terraform.write(name, text));
    stage.terraform.write("versions.tf", &versions());
    stage.settled("demo");
    stage.run("demo", &["destroy", "-auto-approve"]).ok();
    assert!(stage.moto.inventory().is_empty());
}

struct Stage {
    moto: Moto,
    proxy: Proxy,
    terraform: Workspace,
}

impl Stage {
    fn start() -> Result<Stage, Missing> {
        let program = programs::terraform()?;
        programs::peer()?;
        let moto = Moto::start(&Venv::get()?);
        let proxy = Proxy::start(moto.url());
        let terraform = Workspace::installed(&program, &provider()).endpoint(&proxy.url());
        terraform.take(&folder());
        terraform.init().ok();
        for name in ["demo", "prod"] {
            terraform.run(["workspace", "new", "-no-color", name]).ok();
        }
        Ok(Stage { moto, proxy, terraform })
    }

    #[track_caller]
    fn run(&self, workspace: &str, arguments: &[&str]) -> Outcome {
        let (command, more) = arguments.split_first().expect("a command");
        self.terraform.run_in(workspace, &[&[*command, "-input=false", "-no-color"], more].concat())
    }

    #[track_caller]
    fn apply(&self, workspace: &str) -> Outcome {
        self.run(workspace, &["apply", "-auto-approve"])
    }

    #[track_caller]
    fn settled(&self, workspace: &str) {
        let planned = self.run(workspace, &["plan", "-detailed-exitcode"]);
        assert_eq!(planned.status, 0, "not an empty plan: {}", planned.said());
    }

    #[track_caller]
    fn print(&self, workspace: &str) -> Outcome {
        let shown = self.terraform.run_in(workspace, &["show", "-json"]).ok();
        migrate(shown.stdout.as_bytes()).ok()
    }

    /// What the head of the file asks for, by the letter.
    fn follow(&self, file: &str) {
        let words = |text: &str| {
            text.split(['#', ' ', '\n']).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(words(file).windows(words(SOURCE).len()).any(|found| found == words(SOURCE)), "{file}");
        self.terraform.write("migrate.tf", file);
        self.terraform.write("versions.tf", &versions());
        let mut module = layout(MODULE);
        for address in listed(file, "Delete the old blocks:") {
            let (kind, name) =
                address.strip_prefix("module.loadbalancer.").and_then(|at| at.split_once('.')).expect("an address");
            module = without(&module, &format!("resource \"{kind}\" \"{name}\" {{\n"));
        }
        for row in listed(file, "What takes the place of references in module.loadbalancer:") {
            let (old, new) = row.split_once("->").expect("two columns");
            module = module.replace(old.trim(), new.trim());
        }
        assert!(!module.contains("aws_"), "{module}");
        let required = format!("terraform {{\n  required_providers {{\n    {SOURCE}  }}\n}}\n");
        self.terraform.write(MODULE, &format!("{required}{module}\n{}", between(file, "--- Into module.loadbalancer")));
    }

    /// Initialises, plans and applies; nothing is destroyed, made or deregistered, and the next plan is empty. The apply's last words.
    #[track_caller]
    fn brought_over(&self, workspace: &str) -> String {
        self.terraform.init().ok();
        self.proxy.clear();
        let said = self.apply(workspace).ok().flat();
        assert!(said.contains("0 destroyed"), "{said}");
        let changed = self.proxy.mutations("talosendpoint:creating");
        assert!(
            !["Delete", "Deregister", "Create", "Terminate"].iter().any(|verb| changed.contains(verb)),
            "{changed}"
        );
        self.settled(workspace);
        said[said.rfind("Apply complete").expect("an end")..].to_owned()
    }

    /// The way back, as the guide page has it.
    fn back(&self, workspace: &str, before: &Inventory) {
        self.terraform.write("versions.tf", &versions());
        self.terraform.write(MODULE, &layout(MODULE));
        let balancer = before.load_balancer(&format!("{workspace}-talos-api-nlb")).field("LoadBalancerArn").to_owned();
        let mut blocks = format!(
            "removed {{\n  from = module.loadbalancer.talosendpoint_nlb.kubernetes_api\n  lifecycle {{\n    destroy = false\n  \
             }}\n}}\n{}",
            import("aws_lb.kubernetes_api", &balancer)
        );
        for (name, suffix) in [("kubernetes_api", "api-tg"), ("talos_api", "apid-tg")] {
            let group = before.target_group(&format!("{workspace}-talos-{suffix}")).field("TargetGroupArn");
            let leads_here = |part: &&lab::inventory::Part| part.field("DefaultActions.1.TargetGroupArn") == group;
            let listener = before.listeners.values().find(leads_here).expect("a listener").field("ListenerArn");
            blocks += &import(&format!("aws_lb_target_group.{name}"), group);
            blocks += &import(&format!("aws_lb_listener.{name}"), listener);
        }
        self.terraform.write("migrate.tf", &blocks);
        let said = self.brought_over(workspace);
        assert!(said.contains("5 imported, 0 added"), "{said}");
    }
}

fn import(address: &str, id: &str) -> String {
    format!("import {{\n  to = module.loadbalancer.{address}\n  id = \"{id}\"\n}}\n")
}

fn folder() -> PathBuf {
    root().join("tests/guide/layout")
}

fn layout(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn versions() -> String {
    layout("versions.tf").replacen("required_providers {\n", &format!("required_providers {{\n    {SOURCE}"), 1)
}

/// The ARNs, DNS names, targets and listeners are what they were.
#[track_caller]
fn same(now: &Inventory, before: &Inventory) {
    let seen = |inventory: &Inventory| {
        let fields = |parts: &BTreeMap<String, lab::inventory::Part>, name: &str| -> Vec<(String, String)> {
            parts.iter().map(|(arn, part)| (arn.clone(), part.field(name).to_owned())).collect()
        };
        (
            fields(&inventory.load_balancers, "DNSName"),
            fields(&inventory.target_groups, "TargetGroupName"),
            fields(&inventory.listeners, "DefaultActions.1.TargetGroupArn"),
            inventory
                .health
                .iter()
                .map(|(arn, targets)| (arn.clone(), targets.keys().cloned().collect()))
                .collect::<Vec<(String, Vec<String>)>>(),
        )
    };
    assert_eq!(seen(now), seen(before));
}

/// The indented lines of a comment below a title.
#[track_caller]
fn listed(file: &str, title: &str) -> Vec<String> {
    let (_, rest) = file.split_once(title).expect("such a title");
    let lines = rest.lines().skip(1).skip_while(|line| *line == "#");
    lines.take_while(|line| line.starts_with("#  ")).map(|line| line[1..].trim().to_owned()).collect()
}

/// What stands between a mark and the end mark, from the first block on, without the comment signs.
#[track_caller]
fn between(file: &str, mark: &str) -> String {
    let (_, rest) = file.split_once(&format!("# {mark}")).expect("such a mark");
    let (text, _) = rest.split_once("# --- end\n").expect("an end mark");
    let is_block = |line: &str| line.starts_with("# resource ") || line.starts_with("# removed ");
    let lines = text.lines().skip_while(|line| !is_block(line));
    lines.map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or_default())).collect()
}

/// A file without one block.
#[track_caller]
fn without(text: &str, head: &str) -> String {
    let (before, rest) = text.split_once(head).expect("such a block");
    let (_, after) = rest.split_once("\n}\n").expect("its end");
    format!("{before}{after}")
}
