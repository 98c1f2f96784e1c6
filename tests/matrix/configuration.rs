//! Configurations: one load balancer and its attachments.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use talosendpoint::framework::provider::Provider;
use talosendpoint::framework::schema::Schema;
use talosendpoint::framework::ty::Type;
use talosendpoint::framework::value::{Object, Value};
use talosendpoint::provider::TalosEndpoint;

/// The load balancer's type.
pub const NLB: &str = "talosendpoint_nlb";
/// The attachments' type.
pub const ATTACHMENT: &str = "talosendpoint_nlb_attachment";

/// Subnets of the stand-in; the last is in the zone of the first.
pub const SUBNETS: [&str; 4] =
    ["subnet-0000000000000000a", "subnet-0000000000000000b", "subnet-0000000000000000c", "subnet-000000000000000a2"];

static SCHEMAS: LazyLock<BTreeMap<&'static str, Schema>> = LazyLock::new(|| {
    let resources = TalosEndpoint::default().resources();
    resources.into_iter().map(|resource| (resource.name(), resource.schema().clone())).collect()
});

/// What stands in the directory.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    pub balancer: Option<Value>,
    pub attachments: BTreeMap<String, Node>,
}

/// One attachment.
#[derive(Clone, Debug)]
pub struct Node {
    pub target: &'static str,
    /// Which attribute of the load balancer it refers to.
    pub groups: &'static str,
}

impl Configuration {
    /// Nothing.
    pub fn none() -> Configuration {
        Configuration::default()
    }

    /// The load balancer `prod` in two zones, without nodes.
    pub fn new() -> Configuration {
        let mut object = SCHEMAS[NLB].null_object();
        object.insert("name".into(), "prod".into());
        object.insert("subnet_ids".into(), subnets(&[0, 1]));
        Configuration { balancer: Some(Value::Object(object)), attachments: BTreeMap::new() }
    }

    /// With an attribute of the load balancer.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Configuration {
        if let Some(Value::Object(object)) = &mut self.balancer {
            assert!(object.contains_key(name), "{name}");
            object.insert(name.to_owned(), value.into());
        }
        self
    }

    /// With members of a nested attribute of the load balancer; the others are null.
    pub fn nested<const N: usize>(self, name: &str, members: [(&str, Value); N]) -> Configuration {
        let attribute = SCHEMAS[NLB].attribute(name).unwrap();
        let Type::Object(types) = attribute.value_type() else { panic!("{name} is no nested object") };
        let mut object: Object = types.keys().map(|name| (name.clone(), Value::Null)).collect();
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
        self.with(name, Value::Object(object))
    }

    /// With an attachment of `target` to the groups that an attribute of the load balancer names.
    pub fn attached(mut self, name: &str, target: &'static str, groups: &'static str) -> Configuration {
        self.attachments.insert(name.to_owned(), Node { target, groups });
        self
    }

    /// With two control planes.
    pub fn nodes(self) -> Configuration {
        let groups = "control_plane_target_group_arns";
        self.attached("cp-1", "i-00000000000000001", groups).attached("cp-2", "i-00000000000000002", groups)
    }
}

impl Node {
    /// As Terraform evaluates it where the load balancer is, or will be, `balancer`.
    pub fn config(&self, balancer: &Value) -> Value {
        let groups = balancer.attribute(self.groups).cloned().unwrap_or(Value::Null);
        let groups = match groups {
            one @ Value::String(_) => Value::set([one]),
            unknown @ Value::Unknown(_)
                if SCHEMAS[NLB]
                    .attribute(self.groups)
                    .is_some_and(|attribute| attribute.value_type() == Type::String) =>
            {
                Value::set([unknown])
            }
            other => other,
        };
        let mut object = SCHEMAS[ATTACHMENT].null_object();
        object.insert("target_id".into(), self.target.into());
        object.insert("target_group_arns".into(), groups);
        Value::Object(object)
    }
}

/// Subnets by their place in [`SUBNETS`].
pub fn subnets(places: &[usize]) -> Value {
    Value::set(places.iter().map(|place| SUBNETS[*place].into()))
}

/// A map of texts.
pub fn texts<const N: usize>(pairs: [(&str, &str); N]) -> Value {
    Value::Map(pairs.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect())
}
