//! The example of a bare-metal cluster for a pair of machines, which are given at first what the guide "Bare metal" gives them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::terraform::Workspace;

use crate::pair::{BALANCERS, NODES, Pair, VIP};

/// The name of the user's private key among the files of a pair.
pub const USER_KEY: &str = "user";

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn keygen(folder: &Path, name: &str) -> (String, String) {
    let path = folder.join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path).output();
    assert!(made.unwrap().status.success());
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    (fs::read_to_string(path).unwrap(), public.trim().to_owned())
}

/// The user-data in the guide, with these keys in place of those in the text.
fn user_data(user_key: &str, host_private: &str, host_public: &str) -> String {
    let page = guide();
    let block = page.split("```yaml\n").nth(1).expect("the user-data").split("```").next().unwrap();
    let mut private = Some(host_private.lines().map(|line| format!("    {line}\n")).collect::<String>());
    let mut text = String::new();
    for line in block.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("- ssh-ed25519 ") {
            text.push_str(&line.replace(trimmed, &format!("- {user_key}")));
        } else if trimmed.starts_with("ed25519_public: ") {
            text.push_str(&line.replace(trimmed, &format!("ed25519_public: {host_public}")));
        } else if trimmed.starts_with("-----") || trimmed == "..." {
            text.push_str(&private.take().unwrap_or_default());
            continue;
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    assert!(private.is_none() && text.contains(user_key) && text.contains(host_public), "{text}");
    text
}

/// The guide.
pub fn guide() -> String {
    fs::read_to_string(root().join("docs/guides/bare-metal.md")).unwrap()
}

/// A file of the example.
pub fn example(file: &str) -> String {
    fs::read_to_string(root().join("examples/terraform/cluster/baremetal").join(file)).unwrap()
}

/// Gives each machine its keys and its user; the folder of the CLI with the example. One host key is in a variable, the other one in
/// `known_hosts`.
pub fn prepare(pair: &Pair, terraform: &Path) -> Workspace {
    let (_, user_key) = keygen(pair.folder.path(), USER_KEY);
    let host_keys = pair.balancers.iter().map(|balancer| {
        let (private, public) = keygen(pair.folder.path(), balancer.name());
        balancer.seed("first", &user_data(&user_key, &private, &public));
        public
    });
    workspace(pair, terraform, &host_keys.collect::<Vec<_>>())
}

fn workspace(pair: &Pair, terraform: &Path, host_keys: &[String]) -> Workspace {
    let schemas = root().join("tests/pure/talos-provider-schemas.json");
    let workspace = pair.workspace(terraform).stand_in("siderolabs/talos", &schemas, "0.11.0");
    for file in ["versions.tf", "main.tf", "talos.tf", "variables.tf", "outputs.tf"] {
        workspace.write(file, &example(file));
    }
    let nodes = NODES.map(|(name, address)| format!("  {name} = \"{address}\"\n")).concat();
    let balancer = |(name, address)| format!("  {name} = {{ address = \"{address}/24\", interface = \"eth0\" }}\n");
    let balancers = BALANCERS.map(balancer).concat();
    workspace.write(
        "terraform.tfvars",
        &format!(
            "control_plane = {{\n{nodes}}}\nload_balancers = {{\n{balancers}}}\nvip = \"{VIP}\"\ntalos_version = \"v1.12\"\n\
             ssh_private_key_path = {:?}\nhost_keys = {{ {} = {:?} }}\n",
            pair.file(USER_KEY), BALANCERS[0].0, host_keys[0]
        ),
    );
    fs::create_dir(workspace.path().join(".ssh")).unwrap();
    workspace.write(".ssh/known_hosts", &format!("{} {}\n", BALANCERS[1].1, host_keys[1]));
    workspace
}
