//! The provider's own address changes: another registry, another namespace. `moved` blocks take the objects along.

use lab::need;
use lab::programs::{Feature, terraform_with};
use lab::terraform::{REQUIRED, provider, required};

use crate::stage::workspace;

const FORMER: &str = "former/talosendpoint";

#[test]
fn an_object_follows_its_provider_to_another_address() {
    let workspace = workspace(&need!(terraform_with(Feature::Moves))).beside(FORMER, &provider());
    let block = |name: &str| {
        format!(
            "resource \"talosendpoint_static\" \"{name}\" {{\n  host = \"api.example.com\"\n  external = true\n}}\n"
        )
    };
    workspace.main(&(required(FORMER) + &block("before")));
    workspace.apply().ok();
    let stored = workspace.attributes("talosendpoint_static.before").expect("the object");
    let moved = "moved {\n  from = talosendpoint_static.before\n  to   = talosendpoint_static.after\n}\n";
    workspace.main(&(REQUIRED.to_owned() + &block("after") + moved));
    workspace.apply().ok();
    assert_eq!(workspace.attributes("talosendpoint_static.after"), Some(stored));
    assert_eq!(workspace.attributes("talosendpoint_static.before"), None);
    assert_eq!(workspace.plan().status, 0);
}

#[test]
fn an_object_of_another_type_is_refused_with_the_way_out() {
    let workspace = workspace(&need!(terraform_with(Feature::Moves)));
    workspace.main(&(REQUIRED.to_owned() + "resource \"terraform_data\" \"this\" {}\n"));
    workspace.apply().ok();
    let block = "resource \"talosendpoint_static\" \"this\" {\n  host = \"api.example.com\"\n  external = true\n}\n";
    let moved = "moved {\n  from = terraform_data.this\n  to   = talosendpoint_static.this\n}\n";
    workspace.main(&(REQUIRED.to_owned() + block + moved));
    let refused = workspace.plan().with_status(1);
    let text = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["Other type of resource", "`terraform_data`", "`talosendpoint_static` is made anew", "destroy = false"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Where the object is a load balancer of another provider, a command prints what the text asks for.
    let block =
        "resource \"talosendpoint_nlb\" \"this\" {\n  name = \"a\"\n  subnet_ids = [\"subnet-0123456789abcdef0\"]\n}\n";
    let moved = moved.replace("talosendpoint_static", "talosendpoint_nlb");
    workspace.main(&(REQUIRED.to_owned() + block + &moved));
    let text = workspace.plan().with_status(1).flat();
    assert!(
        text.contains("Other type of resource") && text.contains("terraform-provider-talosendpoint migrate"),
        "{text}"
    );
}
