//! Why an operation on AWS failed, and what the user reads of it.

use crate::endpoint::aws_diagnostic::{self, Advice};
use crate::endpoint::deadline::Interrupted;
use crate::endpoint::interruption;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::endpoint::nlb::model::role::Role;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::{self, AtBirth, SETTINGS};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::value::{Object, Value};
use crate::remote::aws_error::{AwsError, Cause};

/// What AWS answers where something of other settings has the name.
const NAME_TAKEN: [&str; 2] = ["DuplicateLoadBalancerName", "DuplicateTargetGroupName"];

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// AWS, or the way to it, failed the call.
    Aws(AwsError),
    /// The operation was ended early while doing this.
    Interrupted(Interrupted, String),
    /// A name is taken by something that doesn't carry our marker.
    Foreign {
        /// `load balancer` or `target group`.
        what: &'static str,
        /// The name that is taken, one of those that the configuration gives.
        name: String,
        /// The ARN of what has it.
        arn: String,
        /// The ARN of the load balancer to import, where one has the name.
        balancer_arn: Option<String>,
    },
    /// A name is taken by something that carries our marker and that others rely on.
    InUse {
        /// The name that is taken.
        name: String,
        /// The ARN of the load balancer to import, where it is one.
        balancer_arn: Option<String>,
        /// What relies on it.
        reason: String,
    },
    /// Another run is making the same endpoint at this moment.
    AnotherRun {
        /// What carries its marker.
        name: String,
    },
    /// A port of our load balancer has a listener that we didn't make.
    ForeignListener {
        /// The port that the configuration wants.
        port: i64,
        /// The ARN of the listener that has it.
        arn: String,
    },
    /// A load balancer that is to be imported carries a marker.
    Unfinished {
        /// The ARN of the load balancer.
        arn: String,
    },
    /// AWS gave up on the load balancer.
    BalancerFailed {
        /// The load balancer's name.
        name: String,
        /// AWS's reason, from the state of the load balancer.
        reason: String,
    },
    /// The subnet, or the address, of every zone would be exchanged at once.
    NoZoneStays {
        /// How many zones the load balancer has.
        zones: usize,
        /// Whether the configuration pins addresses.
        pinned: bool,
    },
    /// A zone has left and could not come back with its new subnet.
    SubnetsNotSet {
        /// What AWS answered when the zone was to come back.
        error: AwsError,
        /// Whether the former subnets are back.
        restored: bool,
    },
    /// A part could not be removed.
    NotRemoved {
        /// Its ARN.
        arn: String,
        /// What AWS answered.
        error: AwsError,
    },
    /// A value that was unknown at plan needs what only a new plan can decide.
    NeedsNewPlan(&'static str),
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Failure::Aws(error)
    }
}

impl From<Failure> for Diagnostics {
    fn from(failure: Failure) -> Self {
        diagnostic(failure, |_| Argument::of_name()).into()
    }
}

impl Failure {
    /// For the user who wrote `config`: where a name is taken, at the argument that gives it.
    pub fn in_terms_of(self, config: &Object) -> Diagnostics {
        let place = match &self {
            Failure::Aws(error) | Failure::SubnetsNotSet { error, .. } => refused_argument(error, config),
            _ => None,
        };
        let diagnostic = diagnostic(self, |name| Argument::giving(name, config));
        match place {
            Some(place) => diagnostic.at(Path::of(place)).into(),
            None => diagnostic.into(),
        }
    }
}

/// The argument that AWS doesn't accept, where it says so by its code or by the value.
fn refused_argument(error: &AwsError, config: &Object) -> Option<&'static str> {
    let Cause::Service { code, message } = &error.cause else { return None };
    let is_set = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
    let subnets = if is_set(names::SUBNET_MAPPINGS) { names::SUBNET_MAPPINGS } else { names::SUBNET_IDS };
    match code.strip_suffix("Exception").unwrap_or(code) {
        "SubnetNotFound" | "InvalidSubnet" | "InvalidSubnetID.NotFound" | "AvailabilityZoneNotSupported" => {
            Some(subnets)
        }
        "InvalidSecurityGroup" | "InvalidGroup.NotFound" => Some(names::SECURITY_GROUP_IDS),
        "AllocationIdNotFound" => Some(names::SUBNET_MAPPINGS),
        "InvalidVpcID.NotFound" => Some(names::VPC_ID).filter(|name| is_set(name)),
        _ => {
            let vpc = config.get(names::VPC_ID).and_then(Value::as_str)?;
            message.contains(vpc).then_some(names::VPC_ID)
        }
    }
}

/// An argument of the configuration, and how it is called.
struct Argument {
    path: Path,
    name: String,
}

impl Argument {
    fn of_name() -> Argument {
        Argument { path: Path::of(names::NAME), name: names::NAME.to_owned() }
    }

    /// The argument that gives something its name. AWS's own words may stand for the name.
    fn giving(text: &str, config: &Object) -> Argument {
        let gives = |value: Option<&Value>| {
            let quoted = |name: &str| text == name || text.contains(&format!("'{name}'"));
            value.and_then(Value::as_str).is_some_and(quoted)
        };
        for role in Role::ALL {
            let listener = config.get(role.name());
            if gives(listener.and_then(|listener| listener.attribute(names::TARGET_GROUP_NAME))) {
                let path = Path::of(role.name()).attribute(names::TARGET_GROUP_NAME);
                return Argument { name: path.to_string(), path };
            }
        }
        match gives(config.get(names::LOAD_BALANCER_NAME)) {
            true => Argument { path: Path::of(names::LOAD_BALANCER_NAME), name: names::LOAD_BALANCER_NAME.to_owned() },
            false => Argument::of_name(),
        }
    }
}

fn diagnostic(failure: Failure, argument: impl Fn(&str) -> Argument) -> Diagnostic {
    match failure {
        Failure::Aws(error) if NAME_TAKEN.iter().any(|code| error.is(code)) => {
            aws_diagnostic::diagnostic(&error, advice).at(argument(&error.cause.to_string()).path)
        }
        Failure::Aws(error) => not_offered(&error).unwrap_or_else(|| aws_diagnostic::diagnostic(&error, advice)),
        Failure::Interrupted(why, doing) => interruption::interrupted(why, &doing),
        Failure::Foreign { what, name, arn, balancer_arn } => {
            foreign(what, &name, &arn, balancer_arn.as_deref(), argument(&name))
        }
        Failure::InUse { name, balancer_arn, reason } => {
            in_use(&name, balancer_arn.as_deref(), &reason, argument(&name))
        }
        Failure::AnotherRun { name } => Diagnostic::failed(
            "Another run is creating this endpoint",
            format!(
                "`{name}` is being created at this moment, by another Terraform run or by another resource of this \
                 one: its tag `{MARKER}` keeps changing. Two with one name would take it from each other. Wait for the \
                 other run, or choose another `name`."
            ),
        ),
        Failure::ForeignListener { port, arn } => Diagnostic::failed(
            "The port is taken",
            format!(
                "Port {port} of the load balancer has a listener that this resource did not make: {arn}. It was left \
                 alone. Remove it, or choose another `port`."
            ),
        ),
        Failure::Unfinished { arn } => Diagnostic::failed(
            "The load balancer is not finished",
            format!(
                "{arn} carries the tag `{MARKER}`, and its value keeps changing: a run is creating it at this moment. \
                 Wait until that is done. If its state has it then, no import is needed."
            ),
        ),
        Failure::BalancerFailed { name, reason } => Diagnostic::failed(
            "AWS could not set up the load balancer",
            format!(
                "`{name}` is in the state `failed`: {reason}. Correct what AWS names; the next apply makes it anew."
            ),
        ),
        Failure::NoZoneStays { zones, pinned } => no_zone_stays(zones, pinned),
        Failure::SubnetsNotSet { error, restored } => {
            let (title, detail) = aws_diagnostic::explain(&error, advice);
            let now = if restored {
                "The former subnets were put back."
            } else {
                "The former subnet of the zone could not be put back: the load balancer serves in its other zones, and \
                 the next apply adds what is missing."
            };
            Diagnostic::failed(title, format!("{detail}\n\n{now}"))
        }
        Failure::NotRemoved { arn, error } => {
            let (title, detail) = aws_diagnostic::explain(&error, advice);
            Diagnostic::failed(title, format!("{arn} was not removed. {detail}"))
        }
        Failure::NeedsNewPlan(attribute) => Diagnostic::failed(
            "A new plan is needed",
            format!(
                "`{attribute}` was not known when this was planned, and its value needs a change that must be planned. \
                 Nothing was changed. Run again: the value is known now."
            ),
        )
        .at(Path::of(attribute)),
    }
}

/// A setting that the region doesn't have.
fn not_offered(error: &AwsError) -> Option<Diagnostic> {
    let Cause::Service { code, message } = &error.cause else { return None };
    let setting = settings::not_offered(SETTINGS, message)?;
    let (first, members) = setting.attribute.split_first()?;
    let place = members.iter().fold(Path::of(first), |path, member| path.attribute(member));
    let at_birth = match setting.at_birth {
        AtBirth::Always(value) => format!("`{value}`"),
        AtBirth::ByTargetType { instance, ip } => format!("`{instance}` with instances, `{ip}` with addresses"),
    };
    let detail = format!(
        "AWS refused {} ({code}): {}.\n\nThis region does not offer `{place}`. Set it to what a new one has: \
         {at_birth}. Then nothing is sent for it.",
        error.operation,
        message.trim_end_matches('.')
    );
    Some(Diagnostic::failed("Setting not offered in this region", detail).at(place))
}

/// What AWS's error codes mean for a load balancer, its groups and its listeners.
fn advice(code: &str) -> Option<Advice> {
    let (title, remedy) = match code {
        "TargetGroupAssociationLimit" => (
            "The target group serves another load balancer",
            "A target group works with one load balancer only. Choose another `target_group_name`.",
        ),
        "DuplicateLoadBalancerName" | "DuplicateTargetGroupName" => (
            "The name is taken",
            "Something with this name and other settings exists in this account and region. Choose another name, or \
             import what exists.",
        ),
        "DuplicateListener" => (
            "The port is taken",
            "Another listener of this load balancer has this port. Choose another `port`, or remove that listener.",
        ),
        "SubnetNotFound" | "InvalidSubnet" | "InvalidSubnetID.NotFound" => (
            "AWS does not accept a subnet",
            "Each subnet must exist in this region, in the same VPC as the others, one per Availability Zone, with at \
             least 8 free addresses.",
        ),
        "InvalidSecurityGroup" => (
            "AWS does not accept a security group",
            "Each security group must exist in the VPC of the load balancer. A load balancer created without one can \
             never be given one.",
        ),
        "AvailabilityZoneNotSupported" => (
            "AWS does not accept a subnet",
            "The Availability Zone of a subnet does not take load balancers. Choose a subnet in another one.",
        ),
        "AllocationIdNotFound" => (
            "AWS does not accept an Elastic IP",
            "Each `allocation_id` must be that of an Elastic IP in this account and region.",
        ),
        "InsufficientCapacity" => {
            ("AWS has no capacity for this", "Run again later, or choose subnets in other Availability Zones.")
        }
        "OperationNotPermitted" => (
            "AWS does not permit this now",
            "Most often deletion protection is on: apply `enable_deletion_protection = false` first.",
        ),
        "ResourceInUse" => (
            "Still in use",
            "Something else still uses it: for a load balancer a VPC endpoint service, for a target group a listener, \
             for an Elastic IP another load balancer. Remove that use and run again.",
        ),
        _ => return None,
    };
    Some(Advice { title, remedy })
}

fn no_zone_stays(zones: usize, pinned: bool) -> Diagnostic {
    let way = if zones > 1 {
        "Change the zones one after the other: leave one of them as it is now, apply, and change that one then."
    } else {
        "Add a subnet of a second zone, keep the present one, and apply; change it once the second zone serves. \
         The second zone can be removed afterwards."
    };
    Diagnostic::failed(
        "No zone would stay",
        format!(
            "AWS can change the subnet or the address of a zone only by removing the zone and adding it again. This \
             change affects every zone that serves traffic, and a new zone takes some minutes before it serves. \
             The subnets were not changed. {way}"
        ),
    )
    .at(Path::of(if pinned { names::SUBNET_MAPPINGS } else { names::SUBNET_IDS }))
}

fn in_use(name: &str, balancer_arn: Option<&str>, reason: &str, argument: Argument) -> Diagnostic {
    let Argument { path, name: argument } = argument;
    let import = balancer_arn.map_or(String::new(), |arn| {
        format!(
            " Take it over with\n\n  import {{\n    to = talosendpoint_nlb.NAME\n    id = \"{arn}\"\n  }}\n\nThe tag \
             goes with the first plan or apply after that."
        )
    });
    let detail = format!(
        "`{name}` exists, is in no state that this run knows, and {reason}. It carries the tag `{MARKER}`: a run of \
         this provider made it, and ended before Terraform had stored it, or another configuration has it in its \
         state. It was left alone.{import}\n\nIf it belongs to another configuration, choose another `{argument}`."
    );
    Diagnostic::failed("The name is taken by something in use", detail).at(path)
}

/// Both ways in which a name can be taken, because only the user knows which it is.
fn foreign(what: &str, name: &str, arn: &str, balancer_arn: Option<&str>, argument: Argument) -> Diagnostic {
    let Argument { path, name: argument } = argument;
    let import = balancer_arn.map_or(String::new(), |arn| {
        format!(
            " If it is yours, take it over with\n\n  import \
             {{\n    to = talosendpoint_nlb.NAME\n    id = \"{arn}\"\n  }}"
        )
    });
    let detail = format!(
        "A {what} named `{name}` exists already ({arn}) and is not a leftover of this resource. It was left \
         alone.\n\nIf it belongs to somebody else, choose another `{argument}`.{import}\n\nIf it is the one that is \
         being replaced in this very run, something that depends on it has `create_before_destroy`, so the new one is \
         made while the old one still has the name: choose a new `{argument}` for the new one, or remove \
         `create_before_destroy` from what depends on it."
    );
    Diagnostic::failed("The name is taken", detail).at(path)
}

#[cfg(test)]
mod tests;
