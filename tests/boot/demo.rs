//! `make demo-baremetal`: the example of a bare-metal cluster on two machines that boot in containers here, and what a client sees when one
//! loses its power. They stay until SIGTERM.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod needed;
mod pair;
mod client;
mod cluster;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::time::Duration;

use lab::network::clock::now;
use lab::programs::quoted;
use lab::terraform::Workspace;
use tokio::signal::unix::{SignalKind, signal};

use cluster::{USER_KEY, prepare};
use pair::{BALANCERS, Pair};

/// As long as anything may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);

/// Ends with 0 after SIGTERM, 2 where the demo can't be shown.
fn main() {
    lab::network::agent::if_inside();
    let folder = PathBuf::from(std::env::args().nth(1).expect("usage: demo_baremetal FOLDER"));
    println!("\n== Packages of this distribution, once (a minute or two)");
    let (terraform, debian) = needed::needed().unwrap_or_else(|missing| {
        eprintln!(
            "{} not found. Debian, Ubuntu: make test installs what is missing, or scripts/install-test-programs",
            missing.0
        );
        exit(2);
    });
    let mut pair = Pair::new(&debian);
    let workspace = prepare(&pair, &terraform);
    pair.serve_packages();
    println!("{}, HAProxy {}, Keepalived {}", debian.name(), debian.version("haproxy"), debian.version("keepalived"));
    from_nothing(&mut pair, &workspace);
    power_cut(&mut pair);
    let tools = tools(&folder, &pair, &workspace, &terraform);
    println!("\n{tools}");
    fs::write(folder.join("ready"), "").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { signal(SignalKind::terminate()).unwrap().recv().await });
}

fn from_nothing(pair: &mut Pair, workspace: &Workspace) {
    println!("\n== Two machines are switched on, and terraform apply begins at once");
    let begun = now();
    for balancer in &mut pair.balancers {
        balancer.power_on().unwrap_or_else(|console| panic!("{console}"));
    }
    let applied = workspace.apply().ok();
    let lines = applied
        .stdout
        .lines()
        .filter(|line| line.contains(": Creation complete") || line.starts_with("Apply complete"));
    lines.for_each(|line| println!("{line}"));
    println!("{:.0} seconds from the power button to a virtual IP that serves", (now() - begun).as_secs_f64());
}

fn power_cut(pair: &mut Pair) {
    let place = pair.holder(PATIENCE);
    println!(
        "\n== The power of {}, which holds the virtual IP, is cut; a client connects every 50 ms",
        BALANCERS[place].0
    );
    let _alone = pair.alone();
    client::start(&pair.admin, Pair::vip(), &pair.authority);
    assert!(client::wait_for_answers(&pair.admin, PATIENCE), "no answers");
    let cut = now();
    pair.balancers[place].power_off(&pair.switch);
    let next = pair.holder(PATIENCE);
    assert!(client::wait_for_answers(&pair.admin, PATIENCE), "no answers");
    println!("{}\nthe virtual IP is on {}", client::seen_since(&pair.admin, cut), BALANCERS[next].0);
    println!("\n== {} is switched on again", BALANCERS[place].0);
    let back = now();
    pair.balancers[place].power_on().unwrap_or_else(|console| panic!("{console}"));
    pair.serves(place, PATIENCE);
    let holder = pair.holder(PATIENCE);
    println!("{}\nthe virtual IP is on {}", client::seen_since(&pair.admin, back), BALANCERS[holder].0);
}

/// Scripts by which a person gets at all of it, and what to say of them.
fn tools(folder: &Path, pair: &Pair, workspace: &Workspace, terraform: &Path) -> String {
    let on_the_network = format!("nsenter --net --target {}", pair.admin.pid());
    let (key, here) = (quoted(&pair.file(USER_KEY)), quoted(workspace.path()));
    let known = pair.file("known_hosts");
    let lines = BALANCERS.map(|(name, at)| {
        let key = fs::read_to_string(pair.file(&format!("{name}.pub"))).unwrap();
        format!("{at} {key}")
    });
    fs::write(&known, lines.concat()).unwrap();
    let schemas = quoted(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pure/talos-provider-schemas.json")));
    let scripts = [
        ("curl", format!("exec {on_the_network} curl \"$@\"")),
        (
            "ssh",
            format!("exec {on_the_network} ssh -i {} -o UserKnownHostsFile={} -l admin \"$@\"", key, quoted(&known)),
        ),
        (
            "terraform",
            format!(
                "cd {here}\nexport HOME={here} TF_CLI_CONFIG_FILE={here}/cli.tfrc SCHEMAS_FILE={schemas} SCHEMAS_VERSION=0.11.0\n\
                 exec {on_the_network} {} \"$@\"",
                quoted(terraform)
            ),
        ),
    ];
    for (name, text) in scripts {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let folder = folder.display();
    format!(
        "All of it stays, in a network of its own. The configuration is in {here}: change main.tf.\n\
         {folder}/terraform plan\n\
         {folder}/ssh {}\n\
         {folder}/curl -k https://{}/version\n\
         `make demo-down` removes all of it.",
        BALANCERS[0].1,
        Pair::vip()
    )
}
