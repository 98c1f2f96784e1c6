//! Why an operation on AWS failed, and what the user is told.

use crate::endpoint::deadline::Interrupted;
use crate::endpoint::interruption;
use crate::endpoint::nlb::model::marker::MARKER;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::remote::aws_error::AwsError;

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// AWS or the way to it said no.
    Aws(AwsError),
    /// The operation was ended early while doing this.
    Interrupted(Interrupted, String),
    /// A name is taken by something that doesn't carry our marker.
    Foreign {
        /// `load balancer` or `target group`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// The ARN of the load balancer to import, where one has the name.
        balancer_arn: Option<String>,
    },
    /// Another run is making the same endpoint at this moment.
    AnotherRun {
        /// What carries its marker.
        name: String,
    },
    /// A port of our load balancer has a listener that we didn't make.
    ForeignListener {
        /// The port.
        port: i64,
        /// Its ARN.
        arn: String,
    },
    /// A load balancer that is to be imported carries a marker.
    Unfinished {
        /// Its ARN.
        arn: String,
    },
    /// AWS gave up on the load balancer.
    BalancerFailed {
        /// Its name.
        name: String,
        /// AWS's reason.
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
    NotExchanged {
        /// Why.
        error: AwsError,
        /// Whether the former subnets are back.
        restored: bool,
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
        diagnostic(failure).into()
    }
}

fn diagnostic(failure: Failure) -> Diagnostic {
    match failure {
        Failure::Aws(error) => {
            let (title, detail) = error.explain();
            Diagnostic::failed(title, detail)
        }
        Failure::Interrupted(why, doing) => interruption::interrupted(why, &doing),
        Failure::Foreign { what, name, arn, balancer_arn } => foreign(what, &name, &arn, balancer_arn.as_deref()),
        Failure::AnotherRun { name } => Diagnostic::failed(
            "Another run is creating this endpoint",
            format!(
                "`{name}` is being created by another Terraform run at this moment: its tag `{MARKER}` keeps changing. Two runs with one name \
                 would take it from each other. Wait for the other run, or choose another `name`."
            ),
        ),
        Failure::ForeignListener { port, arn } => Diagnostic::failed(
            "The port is taken",
            format!(
                "Port {port} of the load balancer has a listener that this resource did not make: {arn}. It was left alone. Remove it, or \
                 choose another `port`."
            ),
        ),
        Failure::Unfinished { arn } => Diagnostic::failed(
            "The load balancer is not finished",
            format!(
                "{arn} carries the tag `{MARKER}`: a run is creating it at this moment, or one that was interrupted has left it. Apply the \
                 configuration that it is from: that completes it, without an import. To import it all the same, remove the tag first."
            ),
        ),
        Failure::BalancerFailed { name, reason } => Diagnostic::failed(
            "AWS could not set up the load balancer",
            format!("`{name}` is in the state `failed`: {reason}. Correct what AWS names; the next apply makes it anew."),
        ),
        Failure::NoZoneStays { zones, pinned } => no_zone_stays(zones, pinned),
        Failure::NotExchanged { error, restored } => {
            let (title, detail) = error.explain();
            let now = if restored {
                "The former subnets were put back."
            } else {
                "The former subnet of the zone could not be put back: the load balancer serves in its other zones, and the next apply adds \
                 what is missing."
            };
            Diagnostic::failed(title, format!("{detail}\n\n{now}"))
        }
        Failure::NeedsNewPlan(attribute) => Diagnostic::failed(
            "A new plan is needed",
            format!(
                "`{attribute}` was not known when this was planned, and its value needs a change that must be planned. Nothing was changed. \
                 Run again: the value is known now."
            ),
        )
        .at(Path::of(attribute)),
    }
}

fn no_zone_stays(zones: usize, pinned: bool) -> Diagnostic {
    let way = if zones > 1 {
        "Change the zones one after the other: leave one of them as it is now, apply, and change that one then."
    } else {
        "Add a subnet of a second zone first and apply; then change this one. The second zone can be removed afterwards."
    };
    Diagnostic::failed(
        "No zone would stay",
        format!(
            "AWS exchanges the subnet or the address of a zone only by taking the zone out and in again, and a load balancer needs a zone at \
             every moment. The subnets are as they were. {way}"
        ),
    )
    .at(Path::of(if pinned { "subnet_mappings" } else { "subnet_ids" }))
}

/// Both ways in which a name can be taken, because only the user knows which it is.
fn foreign(what: &str, name: &str, arn: &str, balancer_arn: Option<&str>) -> Diagnostic {
    let import = balancer_arn.map_or(String::new(), |arn| {
        format!(" If it is yours, take it over with\n\n  import {{\n    to = talosendpoint_nlb.NAME\n    id = \"{arn}\"\n  }}")
    });
    let detail = format!(
        "A {what} named `{name}` exists already ({arn}) and is not a leftover of this resource. It was left alone.\n\n\
         If it belongs to somebody else, choose another `name`.{import}\n\n\
         If it is the one that is being replaced in this very run, something that depends on it has `create_before_destroy`, so the new one is \
         made while the old one still has the name: choose a new `name` for the new one, or remove `create_before_destroy` from what depends \
         on it."
    );
    Diagnostic::failed("The name is taken", detail).at(Path::of("name"))
}

#[cfg(test)]
mod tests;
