//! The tree in a folder of its own, with workspaces of Terraform for its environments, and what moto holds of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

use lab::http::{OBSERVER, query_as};
use lab::inventory::Inventory;
use lab::moto::Moto;
use lab::process::Outcome;
use lab::programs;
use lab::proxy::Proxy;
use lab::skip::Missing;
use lab::terraform::{Workspace, provider};
use lab::venv::Venv;

/// An image that moto knows.
const IMAGE: &str = "ami-12c6146b";

/// The tree, initialised.
pub struct Tree {
    pub moto: Moto,
    pub proxy: Proxy,
    terraform: Workspace,
    nothing: (Inventory, BTreeSet<String>),
}

impl Tree {
    /// Everything started. The environment names no region: it is in the environments' files.
    pub fn start() -> Result<Tree, Missing> {
        let program = programs::terraform()?;
        programs::peer()?;
        let moto = Moto::start(&Venv::get()?);
        let proxy = Proxy::start(moto.url());
        let terraform = Workspace::installed(&program, &provider())
            .endpoint(&proxy.url())
            .without_env("AWS_REGION")
            .env("TF_VAR_ami_id", IMAGE);
        terraform.take(&root().join("examples/terraform"));
        terraform.run([HERE, "init", "-input=false", "-no-color"]).ok();
        let nothing = (moto.inventory(), network(&moto));
        Ok(Tree { moto, proxy, terraform, nothing })
    }

    /// An environment in a new workspace, configured by the file of that name.
    pub fn environment(&self, workspace: &'static str, file: &'static str) -> Environment<'_> {
        self.terraform.run([HERE, "workspace", "new", "-no-color", workspace]).ok();
        Environment { tree: self, workspace, file: format!("-var-file=../envs/{file}") }
    }

    /// Reads a file of the tree.
    pub fn read(&self, name: &str) -> String {
        self.terraform.read(name)
    }

    /// Writes a file of the tree.
    pub fn write(&self, name: &str, content: &str) {
        self.terraform.write(name, content);
    }

    /// Expects moto to hold what it held before the first apply.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        assert_eq!((self.moto.inventory(), network(&self.moto)), self.nothing);
    }
}

const HERE: &str = "-chdir=cluster/aws";

/// A workspace of Terraform with its file of values.
pub struct Environment<'a> {
    tree: &'a Tree,
    workspace: &'static str,
    file: String,
}

impl Environment<'_> {
    /// A command that takes values.
    #[track_caller]
    pub fn run(&self, command: &str, more: &[&str]) -> Outcome {
        let mut arguments = vec![HERE, command, &self.file, "-input=false", "-no-color"];
        arguments.extend_from_slice(more);
        self.tree.terraform.run_in(self.workspace, &arguments)
    }

    /// `apply`
    #[track_caller]
    pub fn apply(&self, more: &[&str]) -> Outcome {
        self.run("apply", &[&["-auto-approve"], more].concat())
    }

    /// Takes a resource out of the state, and leaves it as it is.
    #[track_caller]
    pub fn forget(&self, address: &str) {
        self.tree.terraform.run_in(self.workspace, &[HERE, "state", "rm", address]).ok();
    }

    /// Plans, and expects nothing to change.
    #[track_caller]
    pub fn assert_settled(&self) {
        let planned = self.run("plan", &["-detailed-exitcode"]);
        assert_eq!(planned.status, 0, "not an empty plan: {}", planned.said());
    }

    /// Applies a plan that was saved before.
    #[track_caller]
    pub fn apply_by_plan(&self) {
        let file = format!("{}.tfplan", self.workspace);
        self.run("plan", &["-detailed-exitcode", &format!("-out={file}")]).with_status(2);
        self.tree.terraform.run_in(self.workspace, &[HERE, "apply", "-no-color", &file]).ok();
    }

    /// An output of the root module.
    #[track_caller]
    pub fn output(&self, name: &str) -> String {
        self.tree.terraform.run_in(self.workspace, &[HERE, "output", "-raw", name]).ok().stdout
    }

    /// The ids of the instances of one kind, by index.
    #[track_caller]
    pub fn instances(&self, kind: &str) -> Vec<String> {
        // From the file: `show` would start the providers for it.
        let file = format!("cluster/aws/terraform.tfstate.d/{}/terraform.tfstate", self.workspace);
        let state: Json = serde_json::from_str(&self.tree.read(&file)).expect("Terraform writes JSON");
        let mut resources = state["resources"].as_array().expect("resources").iter();
        let of_kind = resources.find(|resource| resource["type"] == "aws_instance" && resource["name"] == kind);
        let instances = of_kind.expect("such instances")["instances"].as_array().expect("instances");
        let mut found: Vec<(i64, String)> = instances
            .iter()
            .map(|instance| {
                let id = instance["attributes"]["id"].as_str().expect("an id").to_owned();
                (instance["index_key"].as_i64().expect("an index"), id)
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, id)| id).collect()
    }
}

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Terraform example in the tree's README that begins with `begin`.
#[track_caller]
pub fn example(begin: &str) -> String {
    let page = fs::read_to_string(root().join("examples/terraform/README.md")).expect("the README");
    let mut examples = page.split("```hcl\n").skip(1).filter_map(|rest| rest.split("```").next());
    examples.find(|text| text.starts_with(begin)).expect("such an example").to_owned()
}

/// The ids of everything in EC2 that the tree makes some of; of instances those that run.
fn network(moto: &Moto) -> BTreeSet<String> {
    let kinds = [
        ("DescribeVpcs", "vpcSet", "vpcId"),
        ("DescribeSubnets", "subnetSet", "subnetId"),
        ("DescribeInternetGateways", "internetGatewaySet", "internetGatewayId"),
        ("DescribeRouteTables", "routeTableSet", "routeTableId"),
        ("DescribeSecurityGroups", "securityGroupInfo", "groupId"),
    ];
    let mut ids = BTreeSet::new();
    for (action, list, id) in kinds {
        let answer = query_as(OBSERVER, moto.url(), "ec2", action, &[]);
        ids.extend(answer.xml.members(list).iter().map(|found| found.text_of(id).expect("an id").to_owned()));
    }
    let running = [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "running")];
    let answer = query_as(OBSERVER, moto.url(), "ec2", "DescribeInstances", &running);
    for reservation in answer.xml.members("reservationSet") {
        let instances = reservation.members("instancesSet").iter();
        ids.extend(instances.map(|found| found.text_of("instanceId").expect("an id").to_owned()));
    }
    ids
}
