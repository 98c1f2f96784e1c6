//! A state as `terraform show -json` prints it.

use std::fmt;

use serde_json::Value as Json;

use super::hcl::quoted;

/// The resources of a state, and the program that printed it.
#[derive(Clone, Debug)]
pub struct ShownState {
    /// Who printed it.
    pub cli: Cli,
    /// The managed objects, in the order in which they are printed.
    pub instances: Vec<Instance>,
    /// The root module's outputs by name, with what they hold.
    pub outputs: Vec<(String, Json)>,
}

/// One object of a managed resource.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Where it is.
    pub address: Address,
    /// Its attributes.
    pub values: Json,
    /// Which of them are sensitive: the same shape, with `true` at these.
    pub sensitive: Json,
    /// What its configuration refers to: addresses without keys.
    pub depends_on: Vec<String>,
    /// Terraform is about to replace it.
    pub tainted: bool,
    /// It has been replaced, and is still to be deleted.
    pub deposed: bool,
}

/// The address of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The module instance with its keys, `module.a["b"]`; empty for the root module.
    pub module: String,
    /// The resource type.
    pub kind: String,
    /// The resource's name.
    pub name: String,
    /// The key of `count` or `for_each`.
    pub key: Option<Key>,
    /// The whole, as it was printed.
    pub text: String,
}

/// A key of `count` or `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Of `count`.
    Number(i64),
    /// Of `for_each`.
    Text(String),
}

/// The program that printed the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cli {
    /// The providers come from OpenTofu's registry.
    pub is_opentofu: bool,
    /// Major and minor version; `None` where it isn't printed.
    pub version: Option<(u64, u64)>,
}

/// Why a text is not such a state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It isn't JSON, or no object.
    #[error("The input is not JSON: {0}. Pipe the output of `terraform show -json` into this command.")]
    NotJson(String),
    /// It is the state file itself.
    #[error(
        "The input is a state file, not what is shown of it. Pipe the output of `terraform show -json` into this \
         command."
    )]
    StateFile,
    /// It is a plan.
    #[error("The input is a plan. Run `terraform show -json` without the name of a plan file.")]
    Plan,
    /// It is something else.
    #[error("The input is not the output of `terraform show -json`: it has no `format_version`.")]
    NoState,
    /// Its format has another major version.
    #[error("The input has the format version {0}; this build reads 1.x. Is there a newer version of the provider?")]
    Format(String),
}

impl ShownState {
    /// Reads it. The providers of the resource types that `tells` accepts tell the program: their registry is its own.
    ///
    /// # Errors
    /// If it is something else, or of a format that isn't 1.x.
    pub fn parse(text: &str, tells: &dyn Fn(&str) -> bool) -> Result<ShownState, Unreadable> {
        let text = text.trim_start_matches('\u{feff}'); // PowerShell's pipe begins so
        let json: Json = serde_json::from_str(text).map_err(|error| Unreadable::NotJson(error.to_string()))?;
        if !json.is_object() {
            return Err(Unreadable::NotJson("there is no object".to_owned()));
        }
        let format = json["format_version"].as_str().unwrap_or_default();
        match format {
            "" if json["lineage"].is_string() => return Err(Unreadable::StateFile),
            _ if !json["planned_values"].is_null() || !json["resource_changes"].is_null() => {
                return Err(Unreadable::Plan);
            }
            _ if format.split('.').next() != Some("1") => {
                return Err(match format {
                    "" => Unreadable::NoState,
                    other => Unreadable::Format(other.to_owned()),
                });
            }
            _ => {}
        }
        let mut instances = Vec::new();
        let mut providers = Vec::new();
        collect(&json["values"]["root_module"], tells, &mut instances, &mut providers);
        let outputs = json["values"]["outputs"].as_object().into_iter().flatten();
        let of_opentofu = |provider: &String| provider.starts_with("registry.opentofu.org/");
        let is_opentofu = !providers.is_empty() && providers.iter().all(of_opentofu);
        // Where both registries are named nothing tells the program, and commands are right in either.
        let is_mixed = !is_opentofu && providers.iter().any(of_opentofu);
        let printed = version(json["terraform_version"].as_str().unwrap_or_default());
        let cli = Cli { is_opentofu, version: printed.filter(|_| !is_mixed) };
        let outputs = outputs.map(|(name, output)| (name.clone(), output["value"].clone())).collect();
        Ok(ShownState { cli, instances, outputs })
    }
}

impl Cli {
    /// What the user types.
    pub fn command(self) -> &'static str {
        if self.is_opentofu { "tofu" } else { "terraform" }
    }

    /// True from this minor version of major version 1 on.
    pub fn is_at_least(self, minor: u64) -> bool {
        self.version.is_some_and(|version| version >= (1, minor))
    }
}

impl Key {
    /// The literal of a text in Terraform's language.
    pub fn literal(&self) -> Option<String> {
        match self {
            Key::Number(_) => None,
            Key::Text(text) => Some(quoted(text)),
        }
    }

    /// True of this number.
    pub fn is_number(&self, number: usize) -> bool {
        matches!((self, i64::try_from(number)), (Key::Number(key), Ok(number)) if *key == number)
    }
}

impl Instance {
    /// An attribute.
    pub fn value(&self, name: &str) -> &Json {
        &self.values[name]
    }

    /// Text; empty where it is null.
    pub fn text(&self, name: &str) -> String {
        self.value(name).as_str().unwrap_or_default().to_owned()
    }

    /// True if the attribute, or something in it, is sensitive.
    pub fn is_sensitive(&self, name: &str) -> bool {
        holds_true(&self.sensitive[name])
    }
}

impl Address {
    /// The address of the configuration: without any keys.
    pub fn of_configuration(&self) -> String {
        let module = without_keys(&self.module);
        let dot = if module.is_empty() { "" } else { "." };
        format!("{module}{dot}{}.{}", self.kind, self.name)
    }

    /// The same inside its module.
    pub fn in_module(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// How its module is called in a sentence.
    pub fn module_name(&self) -> &str {
        if self.module.is_empty() { "the root module" } else { &self.module }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn collect(module: &Json, tells: &dyn Fn(&str) -> bool, instances: &mut Vec<Instance>, providers: &mut Vec<String>) {
    let list = |name: &str| module[name].as_array().into_iter().flatten();
    for resource in list("resources").filter(|resource| resource["mode"] == "managed") {
        let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        if tells(&text("type")) {
            providers.push(text("provider_name"));
        }
        let key = match &resource["index"] {
            Json::String(key) => Some(Key::Text(key.clone())),
            key => key.as_i64().map(Key::Number),
        };
        let address = Address {
            module: module["address"].as_str().unwrap_or_default().to_owned(),
            kind: text("type"),
            name: text("name"),
            key,
            text: text("address"),
        };
        let depends_on = resource["depends_on"].as_array().into_iter().flatten();
        instances.push(Instance {
            address,
            values: resource["values"].clone(),
            sensitive: resource["sensitive_values"].clone(),
            depends_on: depends_on.filter_map(|address| address.as_str().map(str::to_owned)).collect(),
            tainted: resource["tainted"] == true,
            deposed: resource["deposed_key"].is_string(),
        });
    }
    list("child_modules").for_each(|child| collect(child, tells, instances, providers));
}

fn version(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// An address without what is in brackets. A key in quotes may hold brackets, and quotes behind backslashes.
pub fn without_keys(address: &str) -> String {
    let (mut out, mut in_key, mut in_quotes, mut escaped) = (String::new(), false, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' if in_key => in_quotes = !in_quotes,
            '[' if !in_key => in_key = true,
            ']' if in_key && !in_quotes => in_key = false,
            _ if !in_key => out.push(c),
            _ => {}
        }
    }
    out
}

/// A module instance whose last step has a key: what is before the key, and the key as a literal.
pub fn last_key(address: &str) -> Option<(&str, &str)> {
    let inside = address.strip_suffix(']')?;
    let begins = address.match_indices('[').map(|(start, _)| start);
    // The bracket of the last key is the first one behind which nothing but that key is left.
    let start = begins.filter(|start| without_keys(&address[*start..]).is_empty()).min()?;
    Some((&address[..start], &inside[start + 1..]))
}

fn holds_true(json: &Json) -> bool {
    match json {
        Json::Bool(value) => *value,
        Json::Array(items) => items.iter().any(holds_true),
        Json::Object(members) => members.values().any(holds_true),
        _ => false,
    }
}

#[cfg(test)]
impl Instance {
    /// An object without attributes.
    pub fn sample(module: &str, kind: &str, name: &str, key: Option<Key>) -> Instance {
        let shown = match &key {
            None => String::new(),
            Some(Key::Number(number)) => format!("[{number}]"),
            Some(Key::Text(text)) => format!("[{text:?}]"),
        };
        let dot = if module.is_empty() { "" } else { "." };
        let text = format!("{module}{dot}{kind}.{name}{shown}");
        let address = Address { module: module.into(), kind: kind.into(), name: name.into(), key, text };
        let (values, sensitive) = (Json::Null, Json::Null);
        Instance { address, values, sensitive, depends_on: Vec::new(), tainted: false, deposed: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_out_of_addresses() {
        for (address, want) in [
            ("module.a", "module.a"),
            ("module.a[0].module.b", "module.a.module.b"),
            (r#"module.a["x.y[1]"].module.b["q\"]z"]"#, "module.a.module.b"),
        ] {
            assert_eq!(without_keys(address), want);
        }
        for (address, want) in [
            ("module.a", None),
            ("module.a[0].module.b", None),
            ("module.a[0]", Some(("module.a", "0"))),
            (r#"module.a["x[0]"].module.b["q\"][1"]"#, Some((r#"module.a["x[0]"].module.b"#, r#""q\"][1""#))),
        ] {
            assert_eq!(last_key(address), want);
        }
    }

    #[test]
    fn what_is_no_shown_state_is_named() {
        let reason = |text: &str| ShownState::parse(text, &|_| true).map(drop);
        assert!(matches!(reason("Error: no state"), Err(Unreadable::NotJson(_))));
        assert!(matches!(reason("[]"), Err(Unreadable::NotJson(_))));
        assert_eq!(reason(r#"{"version":4,"lineage":"x","resources":[]}"#), Err(Unreadable::StateFile));
        assert_eq!(reason(r#"{"format_version":"1.2","planned_values":{}}"#), Err(Unreadable::Plan));
        assert_eq!(reason(r#"{"format_version":"2.0"}"#), Err(Unreadable::Format("2.0".into())));
        assert_eq!(reason("{}"), Err(Unreadable::NoState));
        assert_eq!(reason("\u{feff}{\"format_version\":\"1.0\"}"), Ok(()));
    }

    #[test]
    fn the_registry_tells_the_program() {
        let cli = |providers: &[(&str, &str)]| {
            let resource = |(kind, registry): &(&str, &str)| serde_json::json!({"mode": "managed", "type": kind, "provider_name": format!("{registry}/hashicorp/aws")});
            let resources: Vec<Json> = providers.iter().map(resource).collect();
            let state = serde_json::json!({
                "format_version": "1.0",
                "terraform_version": "1.8.0",
                "values": {"root_module": {"resources": resources}},
            });
            let cli = ShownState::parse(&state.to_string(), &|kind| kind.starts_with("aws_lb")).unwrap().cli;
            (cli.is_opentofu, cli.version)
        };
        let (terraform, opentofu) = ("registry.terraform.io", "registry.opentofu.org");
        assert_eq!(cli(&[("aws_lb", terraform), ("null_resource", opentofu)]), (false, Some((1, 8))));
        assert_eq!(cli(&[("aws_lb", opentofu), ("null_resource", terraform)]), (true, Some((1, 8))));
        assert_eq!(cli(&[("aws_lb", opentofu), ("aws_lb_listener", terraform)]), (false, None));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let cli = |text: &str| Cli { is_opentofu: false, version: version(text) };
        assert!(cli("1.10.0").is_at_least(7) && cli("1.7.0-beta1").is_at_least(7) && cli("2.0.0").is_at_least(9));
        assert!(!cli("1.6.6").is_at_least(7) && !cli("").is_at_least(0));
    }
}
