//! The file as a whole.

use std::collections::BTreeSet;

use super::attachments;
use super::blocks::{Block, blocks};
use super::hcl::{commented, prose};
use super::layout::Layout;
use super::references::{referrers, table};
use super::removal::{is_for_opentofu_alone, removal};
use super::shown_state::{Instance, ShownState};

/// The file.
pub fn file(state: &ShownState, layout: &Layout<'_>) -> String {
    let blocks = blocks(layout);
    let parts = [
        head(state, layout, &blocks),
        imports_and_removals(state, layout, &blocks),
        resources(&blocks),
        attached(state, layout, &blocks),
        replaced(state, layout, &blocks),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn head(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>]) -> String {
    let command = state.cli.command();
    let (whole, parts) = resources_that_go(state, layout);
    let modules = unique(blocks.iter().map(|block| block.module.clone()).filter(|module| !module.is_empty()));
    let list = |addresses: &[String]| addresses.iter().map(|address| format!("     {address}\n")).collect::<String>();
    let also = if modules.is_empty() { String::new() } else { format!(", and of {}", modules.join(", ")) };
    let mut text = format!(
        "Brings load balancers of hashicorp/aws over to talosendpoint_nlb, as they are. Nothing is destroyed.\n\n1. \
         Put this file into the root module, beside the others.\n2. Name the provider in the block \
         `required_providers` of the root module{also}:\n\n{}\n",
        list(&REQUIRED.map(str::to_owned))
    );
    if !whole.is_empty() {
        text += &format!("3. Delete the old blocks:\n\n{}\n", list(&whole));
    }
    if !parts.is_empty() {
        text += &format!(
            "{} these out of the `count` or `for_each` of their resource, or of their module, in which others \
             stay:\n\n{}\n",
            if whole.is_empty() { "3. Take" } else { "   and take" },
            list(&parts)
        );
    }
    text += "4. Where something refers to them, write what takes their place: see the end of this file.\n";
    if !modules.is_empty() {
        text += "5. Put the block of each module, below, into that module.";
        let of_module = |instance: &Instance| modules.iter().any(|module| is_inside(instance, module));
        let taken: BTreeSet<String> = layout.taken().iter().map(|instance| instance.address.text.clone()).collect();
        let has_others = |instance: &Instance| of_module(instance) && !taken.contains(&instance.address.text);
        if !state.instances.iter().any(has_others) {
            text += " Where the module isn't yours to edit, delete its call instead, put the block into the root \
                     module, and shorten `to` of the `import` block to the same.";
        }
        text.push('\n');
    }
    let first = if removal(state, &layout.taken()).commands.is_empty() {
        "Then"
    } else {
        "Run the `state rm` commands below, then"
    };
    text += &format!(
        "\n{first} `{command} init` and `{command} plan`. It must say \"0 to destroy\". After the apply, delete the \
         `import` and `removed` blocks.\n"
    );
    prose(&text)
}

/// What a block `required_providers` gets.
const REQUIRED: [&str; 4] = [
    "talosendpoint = {",
    "  source  = \"talosendpoint/talosendpoint\"",
    concat!("  version = \"~> ", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"), "\""),
    "}",
];

/// Resources that go with all their objects, and the objects of others.
fn resources_that_go(state: &ShownState, layout: &Layout<'_>) -> (Vec<String>, Vec<String>) {
    let taken = layout.taken();
    let going: BTreeSet<&str> = taken.iter().map(|instance| instance.address.text.as_str()).collect();
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    for instance in &taken {
        let resource = instance.address.of_configuration();
        let mut all = state.instances.iter().filter(|other| other.address.of_configuration() == resource);
        match all.all(|other| going.contains(other.address.text.as_str())) {
            true => whole.push(resource),
            false => parts.push(instance.address.text.clone()),
        }
    }
    (unique(whole.into_iter()), unique(parts.into_iter()))
}

fn imports_and_removals(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>]) -> String {
    let imports: Vec<String> = blocks.iter().map(Block::imports).collect();
    let removal = removal(state, &layout.taken());
    let mut parts = imports;
    if !removal.commands.is_empty() {
        parts.push(prose(&format!(
            "The state forgets these by commands, before the plan:\n\n{}",
            removal.commands.iter().map(|line| format!("  {line}\n")).collect::<String>()
        )));
    }
    if !removal.blocks.is_empty() && is_for_opentofu_alone(state.cli) {
        parts.push(prose(
            "For OpenTofu 1.7 to 1.9, where `removed` always forgets. Terraform would destroy: don't use this file \
             with it.\n",
        ));
    }
    parts.push(removal.blocks);
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Of a module that is called with keys.
const SEVERAL: &str = "The module is called with `count` or `for_each`: write the block once for all calls. Where a \
    call stays without it, make the block depend on a variable by `count`, or give the calls that come over a copy of \
    the module.\n\n";

fn resources(blocks: &[Block<'_>]) -> String {
    let texts = blocks.iter().map(|block| match block.module.as_str() {
        "" => block.resource(),
        module => {
            let title = format!(
                "--- Into {module}, without the comment signs. The values are those of this state: write the module's \
                 own variables in their place.\n\n"
            );
            let several = if module.contains('[') { SEVERAL } else { "" };
            prose(&(title + several)) + &commented(&block.resource()) + &commented("\n--- end\n")
        }
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn attached(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>]) -> String {
    if layout.attachments.is_empty() {
        return String::new();
    }
    let old = unique(layout.attachments.iter().map(|instance| instance.address.of_configuration()));
    let own: Vec<String> = blocks.iter().map(|block| block.module.clone()).collect();
    let elsewhere = layout.attachments.iter().map(|instance| instance.address.module.clone());
    let others = unique(elsewhere.filter(|module| !module.is_empty() && !own.contains(module)));
    let providers = match others.is_empty() {
        true => String::new(),
        false => format!(" Name the provider in `required_providers` of {} too.", others.join(", ")),
    };
    let choice = format!(
        "Attachments: {} may stay as they are, with the new ARNs.\n\nOr let talosendpoint_nlb_attachment take their \
         place: one for each node, which deregisters it and waits until it is drained before the node ends. Then \
         delete those blocks too, and remove the comment signs from here to the end mark. No registration is taken \
         back by it. Keep the keys, and write the expressions of the old blocks in place of the \
         ids.{providers}\n\n--- attachments\n\n",
        old.join(", ")
    );
    let mut text = String::new();
    let removal = removal(state, &layout.attachments);
    if !removal.commands.is_empty() {
        text += &commented(&removal.commands.join("\n"));
        text.push('\n');
    }
    if !removal.blocks.is_empty() {
        text += &removal.blocks;
        text.push('\n');
    }
    for (module, resources) in attachments::resources(layout, blocks) {
        if !module.is_empty() {
            text += &commented(&format!("Into {module}:"));
        }
        text += &resources;
        text.push('\n');
    }
    prose(&choice) + &commented(&(text + "--- end\n"))
}

fn replaced(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>]) -> String {
    let mut text = String::new();
    for module in unique(blocks.iter().map(|block| block.module.clone())) {
        let place = if module.is_empty() { "the root module" } else { &module };
        let of_block = |block: &Block<'_>| -> Vec<(String, String)> {
            let own = layout.endpoints.iter().filter(|endpoint| block.has(endpoint));
            own.flat_map(|endpoint| table(block, endpoint)).collect()
        };
        let rows: Vec<(String, String)> =
            blocks.iter().filter(|block| block.module == module).flat_map(of_block).collect();
        let width = rows.iter().map(|(old, _)| old.chars().count()).max().unwrap_or_default();
        text += &format!("What takes the place of references in {place}:\n\n");
        rows.iter().for_each(|(old, new)| text += &format!("  {old:width$} -> {new}\n"));
        text.push('\n');
    }
    let referrers = referrers(state, layout);
    if !referrers.is_empty() {
        text += "These refer to the old resources, or to outputs made of them:\n\n";
        referrers.iter().for_each(|address| text += &format!("  {address}\n"));
    }
    prose(text.trim_end())
}

fn unique(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    texts.for_each(|text| {
        if !seen.contains(&text) {
            seen.push(text);
        }
    });
    seen
}

/// True in the module, and in those that it calls.
fn is_inside(instance: &Instance, module: &str) -> bool {
    instance.address.module.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
