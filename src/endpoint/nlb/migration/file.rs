//! The file as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::attachments;
use super::blocks::{Block, blocks};
use super::layout::Layout;
use super::references::{referrers, table};
use super::removal::{Removal, is_for_opentofu_alone, removal};
use super::staying::{Calls, Kept, kept};
use crate::framework::hcl::{commented, prose};
use crate::framework::shown_state::{Instance, ShownState, last_key, without_keys};

/// The file.
pub fn file(state: &ShownState, layout: &Layout<'_>) -> String {
    let mut blocks = blocks(layout);
    let calls = Calls::of(state, &blocks);
    for block in &mut blocks {
        block.is_switched = calls.iter().any(|calls| calls.module == without_keys(&block.module));
    }
    let parts = [
        head(state, layout, &blocks, &calls),
        imports_and_removals(state, layout, &blocks),
        resources(&blocks, &calls),
        attached(state, layout, &blocks, &calls),
        replaced(state, layout, &blocks),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn head(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>], calls: &[Calls]) -> String {
    let command = state.cli.command();
    let modules = unique(blocks.iter().map(|block| without_keys(&block.module)).filter(|module| !module.is_empty()));
    let also = if modules.is_empty() { String::new() } else { format!(", and of {}", modules.join(", ")) };
    let mut steps = vec![
        "Put this file into the root module, beside the others.\n".to_owned(),
        format!(
            "Name the provider in the block `required_providers` of the root module{also}:\n\n{}",
            list(&REQUIRED.map(str::to_owned))
        ),
    ];
    let whole = whole(state, &layout.taken());
    if !whole.is_empty() {
        steps.push(format!("Delete the old blocks:\n\n{}", list(&whole)));
    }
    steps.extend(what_stays(&kept(state, &layout.taken(), calls)));
    steps.push("Where something refers to them, write what takes their place: see the end of this file.\n".to_owned());
    if !modules.is_empty() {
        steps.push(into_modules(state, layout, blocks));
    }
    if !calls.is_empty() {
        let lines: Vec<String> = calls.iter().map(|calls| format!("{}: {}", calls.module, calls.argument())).collect();
        steps.push(format!("Pass to the module which of its calls come over:\n\n{}", list(&lines)));
    }
    let mut text = "Brings load balancers of hashicorp/aws over to talosendpoint_nlb, as they are. Nothing is \
                    destroyed.\n\n"
        .to_owned();
    for (place, step) in steps.iter().enumerate() {
        text += &format!("{}. {step}", place + 1);
        text += if step.contains("\n\n") { "\n" } else { "" };
    }
    let first = if removal(state, &layout.taken()).commands.is_empty() {
        "Then"
    } else {
        "Run the `state rm` commands below, then"
    };
    text = text.trim_end().to_owned();
    text += &format!(
        "\n\n{first} `{command} init` and `{command} plan`. It must say \"0 to destroy\". After the apply, delete the \
         `import` and `removed` blocks.\n"
    );
    prose(&text)
}

/// What becomes of resources of which some objects stay.
fn what_stays(kept: &Kept) -> Vec<String> {
    let mut steps = Vec::new();
    if !kept.lines.is_empty() {
        let width = kept.lines.iter().map(|(resource, _)| resource.chars().count() + 1).max().unwrap_or_default();
        let lines: Vec<String> =
            kept.lines.iter().map(|(old, line)| format!("{:width$} {line}", format!("{old}:"))).collect();
        let of_old = match lines.iter().any(|line| line.contains("OLD")) {
            true => " (OLD is the expression that is there now)",
            false => "",
        };
        steps.push(format!(
            "Keep these blocks for the objects that stay, with this `count` or `for_each`{of_old}:\n\n{}",
            list(&lines)
        ));
    }
    if !kept.others.is_empty() {
        steps.push(format!(
            "Take these out of the `count` or `for_each` of their resource, or of their module, in which others \
             stay:\n\n{}",
            list(&kept.others)
        ));
    }
    steps
}

fn into_modules(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>]) -> String {
    let modules = unique(blocks.iter().map(|block| block.module.clone()).filter(|module| !module.is_empty()));
    let taken: BTreeSet<String> = layout.taken().iter().map(|instance| instance.address.text.clone()).collect();
    let of_module = |instance: &Instance| modules.iter().any(|module| is_inside(instance, module));
    let has_others = |instance: &Instance| of_module(instance) && !taken.contains(&instance.address.text);
    let mut text = "Put the block of each module, below, into that module.".to_owned();
    if !state.instances.iter().any(has_others) {
        let call = match modules.iter().any(|module| last_key(module).is_some()) {
            true => "delete its call, or take its key out of the call",
            false => "delete its call",
        };
        text += &format!(
            " Where the module isn't yours to edit, {call} instead, put the block into the root module, and shorten \
             `to` of the `import` block to the same."
        );
    }
    text + "\n"
}

fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("     {line}\n")).collect()
}

/// What a block `required_providers` gets.
const REQUIRED: [&str; 4] = [
    "talosendpoint = {",
    "  source  = \"talosendpoint/talosendpoint\"",
    concat!("  version = \"~> ", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"), "\""),
    "}",
];

/// Resources of which all objects are among these.
fn whole(state: &ShownState, going: &[&Instance]) -> Vec<String> {
    let addresses: BTreeSet<&str> = going.iter().map(|instance| instance.address.text.as_str()).collect();
    let staying = state.instances.iter().filter(|other| !addresses.contains(other.address.text.as_str()));
    let staying: BTreeSet<String> = staying.map(|other| other.address.of_configuration()).collect();
    unique(going.iter().map(|one| one.address.of_configuration()).filter(|resource| !staying.contains(resource)))
}

fn imports_and_removals(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>]) -> String {
    let imports: Vec<String> = blocks.iter().map(Block::imports).collect();
    let removal = removal(state, &layout.taken());
    let mut parts = imports;
    if !removal.commands.is_empty() {
        parts.push(prose(&commands(&removal)));
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

fn commands(removal: &Removal) -> String {
    let lines: String = removal.commands.iter().map(|line| format!("  {line}\n")).collect();
    format!("The state forgets these by commands, before the plan:\n\n{lines}")
}

fn resources(blocks: &[Block<'_>], calls: &[Calls]) -> String {
    let mut begun = BTreeSet::new();
    let texts = blocks.iter().map(|block| match block.module.as_str() {
        "" => block.resource(),
        module => {
            let title = format!(
                "--- Into {module}, without the comment signs. The values are those of this state: write the module's \
                 own variables in their place.\n\n"
            );
            let calls = calls.iter().find(|calls| calls.module == without_keys(module));
            let is_first = begun.insert((without_keys(module), block.name.clone()));
            let variable = match calls.filter(|_| is_first) {
                Some(_) => Calls::variable() + "\n",
                None => String::new(),
            };
            prose(&(title + &several(module, calls))) + &commented(&(variable + &block.resource() + "\n--- end\n"))
        }
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Of a module that is called with keys.
fn several(module: &str, calls: Option<&Calls>) -> String {
    let once = "The module is called with `count` or `for_each`: write the block once for all calls.";
    match calls {
        _ if !module.contains('[') => String::new(),
        Some(calls) => {
            let staying: Vec<&str> = calls.staying.iter().map(String::as_str).collect();
            format!("{once} The variable keeps {} as it is.\n\n", staying.join(", "))
        }
        None => format!(
            "{once} Where a call stays without it, make the block depend on a variable by `count`, or give the calls \
             that come over a copy of the module.\n\n"
        ),
    }
}

fn attached(state: &ShownState, layout: &Layout<'_>, blocks: &[Block<'_>], calls: &[Calls]) -> String {
    if layout.attachments.is_empty() {
        return String::new();
    }
    let old = unique(layout.attachments.iter().map(|instance| instance.address.of_configuration()));
    let own: Vec<String> = blocks.iter().map(|block| without_keys(&block.module)).collect();
    let elsewhere = layout.attachments.iter().map(|instance| without_keys(&instance.address.module));
    let others = unique(elsewhere.filter(|module| !module.is_empty() && !own.contains(module)));
    let providers = match others.is_empty() {
        true => String::new(),
        false => format!(" Name the provider in `required_providers` of {} too.", others.join(", ")),
    };
    let mut choice = format!(
        "Attachments: {} may stay as they are, with the new ARNs.\n\nOr let talosendpoint_nlb_attachment take their \
         place: one for each node, which deregisters it and waits until it is drained before the node ends. Then \
         delete those blocks too, and remove the comment signs between the marks below. Put what is marked with a \
         module into that module. No registration is taken back by it. Keep the keys, and write the expressions of \
         the old blocks in place of the ids.{providers}\n\n",
        old.join(", ")
    );
    what_stays(&kept(state, &layout.attachments, calls)).iter().for_each(|step| choice += &format!("{step}\n"));
    let removal = removal(state, &layout.attachments);
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if !removal.commands.is_empty() {
        choice += &format!("{}\n", commands(&removal));
    }
    if !removal.blocks.is_empty() {
        parts.entry(String::new()).or_default().push(removal.blocks);
    }
    for (module, resources) in attachments::resources(layout, blocks) {
        parts.entry(module).or_default().push(resources);
    }
    let marked = parts.iter().map(|(module, texts)| {
        let place = if module.is_empty() { String::new() } else { format!(", into {module}") };
        commented(&format!("--- attachments{place}\n\n{}\n--- end\n", texts.join("\n")))
    });
    prose(&choice) + &marked.collect::<Vec<_>>().join("\n")
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
