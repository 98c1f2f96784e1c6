//! How the state forgets what comes over, and nothing is destroyed.

use std::collections::{BTreeMap, BTreeSet};

use crate::framework::hcl::{Expression, attributes};
use crate::framework::shown_state::{Cli, Instance, ShownState};

/// What the printed file says, and what is to be typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// `removed` blocks.
    pub blocks: String,
    /// Commands, one a line.
    pub commands: Vec<String>,
}

/// How the program is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `removed` that says what becomes of the object: Terraform from 1.7, OpenTofu from 1.10.
    Lifecycle,
    /// `removed` that always forgets, and knows no `lifecycle`: OpenTofu 1.7 to 1.9.
    Bare,
    /// A command.
    Command,
}

/// Forgets these. A `removed` block names a resource with all its objects: where some stay, the others are forgotten by commands.
pub fn removal(state: &ShownState, instances: &[&Instance]) -> Removal {
    let form = Form::of(state.cli);
    let mut by_resource: BTreeMap<String, Vec<&Instance>> = BTreeMap::new();
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for instance in instances.iter().filter(|instance| seen.insert(instance.address.text.clone())) {
        let resource = instance.address.of_configuration();
        if !by_resource.contains_key(&resource) {
            order.push(resource.clone());
        }
        by_resource.entry(resource).or_default().push(instance);
    }
    let mut removal = Removal::default();
    for resource in order {
        let going = &by_resource[&resource];
        let all = state.instances.iter().filter(|instance| instance.address.of_configuration() == resource);
        if form != Form::Command && all.count() == going.len() {
            let space = if removal.blocks.is_empty() { "" } else { "\n" };
            removal.blocks += &format!("{space}{}", form.block(&resource));
        } else {
            let lines = going
                .iter()
                .map(|instance| format!("{} state rm {}", state.cli.command(), for_shell(&instance.address.text)));
            removal.commands.extend(lines);
        }
    }
    removal
}

impl Form {
    fn of(cli: Cli) -> Form {
        match cli.is_opentofu {
            true if cli.is_at_least(10) => Form::Lifecycle,
            true if cli.is_at_least(7) => Form::Bare,
            false if cli.is_at_least(7) => Form::Lifecycle,
            _ => Form::Command,
        }
    }

    fn block(self, resource: &str) -> String {
        let from = attributes(&[("from".to_owned(), Expression::Raw(resource.to_owned()))], 1);
        match self {
            Form::Lifecycle => format!("removed {{\n{from}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"),
            Form::Bare | Form::Command => format!("removed {{\n{from}}}\n"),
        }
    }
}

/// True if the blocks are of the form that Terraform would take for an order to destroy.
pub fn is_for_opentofu_alone(cli: Cli) -> bool {
    Form::of(cli) == Form::Bare
}

/// One word of a POSIX shell.
pub fn for_shell(address: &str) -> String {
    format!("'{}'", address.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::shown_state::Key;

    fn check(cli: (bool, u64), all: Vec<Instance>, going: &[usize], blocks: &str, commands: &[&str]) {
        let cli = Cli { is_opentofu: cli.0, version: Some((1, cli.1)) };
        let state = ShownState { cli, instances: all, outputs: Vec::new() };
        let going: Vec<&Instance> = going.iter().map(|index| &state.instances[*index]).collect();
        let found = removal(&state, &going);
        assert_eq!(
            (found.blocks.as_str(), found.commands),
            (blocks, commands.iter().map(|c| (*c).to_owned()).collect())
        );
    }

    #[test]
    fn each_program_and_version_has_its_form() {
        let one = || vec![Instance::sample("module.a[0]", "aws_lb", "x", None)];
        let full = "removed {\n  from = module.a.aws_lb.x\n\n  lifecycle {\n    destroy = false\n  }\n}\n";
        let bare = "removed {\n  from = module.a.aws_lb.x\n}\n";
        check((false, 7), one(), &[0], full, &[]);
        check((false, 11), one(), &[0], full, &[]);
        check((false, 6), one(), &[0], "", &["terraform state rm 'module.a[0].aws_lb.x'"]);
        check((true, 10), one(), &[0], full, &[]);
        check((true, 9), one(), &[0], bare, &[]);
        check((true, 6), one(), &[0], "", &["tofu state rm 'module.a[0].aws_lb.x'"]);
    }

    #[test]
    fn where_some_objects_stay_the_others_are_named() {
        let keys = |module: &str, texts: [&str; 2]| {
            texts.map(|text| Instance::sample(module, "aws_lb", "x", Some(Key::Text(text.into()))))
        };
        let block = "removed {\n  from = aws_lb.x\n\n  lifecycle {\n    destroy = false\n  }\n}\n";
        check((false, 9), keys("", ["a", "b"]).into(), &[0, 1], block, &[]);
        check((false, 9), keys("", ["it's", "b"]).into(), &[0], "", &[r#"terraform state rm 'aws_lb.x["it'\''s"]'"#]);
        let modules = vec![
            Instance::sample("module.m[\"a\"]", "aws_lb", "x", None),
            Instance::sample("module.m[\"b\"]", "aws_lb", "x", None),
        ];
        check((false, 9), modules, &[1], "", &[r#"terraform state rm 'module.m["b"].aws_lb.x'"#]);
    }
}
