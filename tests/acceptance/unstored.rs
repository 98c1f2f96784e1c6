//! A backend that stores what Terraform has done later, or never: Terraform is killed between the end of a create and the end of the
//! command. No provider can see that.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::fake::Fake;
use lab::inventory::Inventory;
use lab::process::Outcome;
use lab::server::{Reply, Server};
use lab::terraform::{REQUIRED, Workspace, provider};
use lab::{need, programs};

/// How long anything may take that waits for nothing but a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A backend of the type `http`.
struct Backend {
    server: Server,
    stored: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Backend {
    fn start() -> Backend {
        let stored: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
        let state = Arc::clone(&stored);
        let server = Server::start(Arc::new(move |request| {
            let mut state = state.lock().unwrap();
            let reply = match request.method.as_str() {
                "GET" => match state.as_ref() {
                    Some(body) => Reply { status: 200, headers: Vec::new(), body: body.clone() },
                    None => Reply::text(404, ""),
                },
                "POST" => {
                    *state = Some(request.body);
                    Reply::text(200, "")
                }
                _ => Reply::text(405, ""),
            };
            Box::pin(async move { reply })
        }));
        Backend { server, stored }
    }

    /// Whether a state was stored that has a load balancer.
    fn has_stored(&self) -> bool {
        let stored = self.stored.lock().unwrap();
        stored.as_ref().is_some_and(|body| String::from_utf8_lossy(body).contains("loadbalancer/net/"))
    }
}

/// A workspace with that backend, where Terraform was killed after `text` had been written and before anything was stored.
fn killed_after(text: &str, node: bool) -> Option<(Fake, Backend, Workspace)> {
    let terraform = programs::terraform().ok()?;
    let fake = Fake::start();
    fake.set(|settings| settings.provisioning_describes = 0);
    let backend = Backend::start();
    let workspace =
        Workspace::installed(&terraform, &provider()).endpoint(&fake.url()).env("TALOSENDPOINT_CREATE_LEASE", "1s");
    configure(&workspace, &backend, node, "sleep 60", "");
    workspace.init().ok();
    let mut running = workspace.start_apply();
    assert!(running.wait_for(text, LIMIT), "it never said {text}");
    running.kill_terraform();
    drop(running.wait(LIMIT).expect("it was killed"));
    assert!(!backend.has_stored(), "the state was stored too early for this test");
    configure(&workspace, &backend, node, "true", "");
    Some((fake, backend, workspace))
}

fn configure(workspace: &Workspace, backend: &Backend, node: bool, slow: &str, more: &str) {
    let address = backend.server.url();
    let required = REQUIRED
        .replace("terraform {\n", &format!("terraform {{\n  backend \"http\" {{\n    address = \"{address}\"\n  }}\n"));
    let attachment = r#"
resource "talosendpoint_nlb_attachment" "node" {
  target_id         = "i-00000000000000001"
  target_group_arns = talosendpoint_nlb.this.control_plane_target_group_arns
}
"#;
    let (attachment, last) =
        if node { (attachment, "talosendpoint_nlb_attachment.node") } else { ("", "talosendpoint_nlb.this") };
    workspace.main(&format!(
        r#"{required}
provider "talosendpoint" {{}}

resource "talosendpoint_nlb" "this" {{
  name       = "prod"
  subnet_ids = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
}}
{attachment}
resource "terraform_data" "slow" {{
  depends_on = [{last}]
  provisioner "local-exec" {{
    command = "{slow}"
  }}
}}
{more}"#
    ));
}

fn assert_settled(workspace: &Workspace) {
    let planned: Outcome = workspace.plan();
    assert_eq!(planned.status, 0, "{}", planned.said());
}

/// Nobody relies on it: the next apply goes on with what is there.
#[test]
fn what_serves_nobody_is_completed_by_the_next_apply() {
    need!(programs::terraform());
    let (fake, _backend, workspace) = killed_after("talosendpoint_nlb.this: Creation complete", false).unwrap();
    let made = fake.inventory();
    workspace.apply().ok();
    assert_settled(&workspace);
    let now = fake.inventory();
    assert!(now.load_balancers.keys().eq(made.load_balancers.keys()), "it was made anew");
    assert!(now.target_groups.keys().eq(made.target_groups.keys()) && now.listeners.keys().eq(made.listeners.keys()));
    workspace.destroy().ok();
    assert!(fake.inventory().is_empty(), "{:#?}", fake.inventory());
}

/// A node is registered: an error, and the import block in it leads to an empty plan.
#[test]
fn what_serves_is_an_error_whose_import_block_leads_to_an_empty_plan() {
    need!(programs::terraform());
    let (fake, backend, workspace) =
        killed_after("talosendpoint_nlb_attachment.node: Creation complete", true).unwrap();
    let before = fake.inventory();
    let refused = workspace.apply().with_status(1).flat();
    let after = fake.inventory();
    let parts = |all: &Inventory| (all.load_balancers.clone(), all.target_groups.clone(), all.listeners.clone());
    assert_eq!(parts(&after), parts(&before), "it was touched");
    let block = refused.split("import {").nth(1).and_then(|rest| rest.split("id = \"").nth(1));
    let id = block.and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_else(|| panic!("no import block: {refused}"));
    let import = format!("import {{\n  to = talosendpoint_nlb.this\n  id = \"{id}\"\n}}\n");
    configure(&workspace, &backend, true, "true", &import);
    workspace.apply().ok();
    assert_settled(&workspace);
    let now = fake.inventory();
    assert!(now.load_balancers.keys().eq(before.load_balancers.keys()), "it was made anew");
    fake.assert_never_empty();
    workspace.destroy().ok();
    assert!(fake.inventory().is_empty(), "{:#?}", fake.inventory());
}
