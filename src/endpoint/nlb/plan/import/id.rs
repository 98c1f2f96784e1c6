//! What the user calls a load balancer, and which one that is.

use crate::endpoint::attributes;
use crate::framework::diagnostic::Diagnostic;
use crate::remote::elb::LoadBalancer;

/// What stands before the name in the ARN of a load balancer.
const ARN_KIND: &str = ":loadbalancer/";

/// What the user calls a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// Its ARN, which names its region too.
    Arn(String),
    /// Its name, in the provider's region.
    Name(String),
}

/// Reads an import id.
///
/// # Errors
/// If it is neither an ARN of a load balancer nor a name.
pub fn id(text: &str) -> Result<Id, Diagnostic> {
    let text = text.trim();
    if text.starts_with("arn:") {
        let reason = if text.contains(ARN_KIND) {
            "it is not a whole ARN, with region, account, name and id"
        } else {
            "it is the ARN of something else"
        };
        let is_balancer = attributes::is_elb_arn(text, "loadbalancer");
        return if is_balancer { Ok(Id::Arn(text.to_owned())) } else { Err(malformed(text, reason)) };
    }
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_name { Ok(Id::Name(text.to_owned())) } else { Err(malformed(text, "it is neither an ARN nor a name")) }
}

fn malformed(text: &str, reason: &str) -> Diagnostic {
    Diagnostic::failed(
        "Not the id of a load balancer",
        format!(
            "\"{text}\" can't be imported: {reason}. Use the ARN of the load balancer, or its name where it is in the \
             provider's region, for example\n\n  \
             arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/prod-talos-api-nlb/0123456789abcdef\n  \
             prod-talos-api-nlb"
        ),
    )
}

/// The error of an import by name where no region is set.
pub fn no_region(name: &str) -> Diagnostic {
    Diagnostic::failed(
        "No AWS region",
        format!(
            "\"{name}\" is a name, and nothing says in which region: an import does not see the resource's `region`, \
             only the id. Import by ARN, which names its region, or set the region in the provider block (`aws = {{ \
             region = \"…\" }}`) or in AWS_REGION."
        ),
    )
}

/// The one network load balancer among those that were found under an id.
///
/// # Errors
/// If there is none, or more than one.
pub fn only_network(mut found: Vec<LoadBalancer>, id: &str, region: &str) -> Result<LoadBalancer, Diagnostic> {
    let others: Vec<(String, String)> = found
        .extract_if(.., |balancer| balancer.kind != "network")
        .map(|balancer| (balancer.arn, balancer.kind))
        .collect();
    if found.len() > 1 {
        let arns: Vec<String> = found.into_iter().map(|balancer| balancer.arn).collect();
        return Err(Diagnostic::failed(
            "Several load balancers have this name",
            format!("\"{id}\" is the name of {}. Import the one that you mean by its ARN.", arns.join(" and of ")),
        ));
    }
    found.pop().ok_or_else(|| match others.first() {
        Some((arn, kind)) => {
            let which = if arn == id { arn.clone() } else { format!("\"{id}\" is {arn}, which") };
            Diagnostic::failed(
                "Not a Network Load Balancer",
                format!("{which} is of the type `{kind}`. Only one of the type `network` can be imported."),
            )
        }
        None => Diagnostic::failed("No such load balancer", missing(id, region)),
    })
}

fn missing(id: &str, region: &str) -> String {
    if id.starts_with("arn:") {
        return format!(
            "There is no load balancer {id} in {region}. Check the ARN, and whether the credentials are of its \
             account. It may have been deleted."
        );
    }
    format!(
        "There is no load balancer \"{id}\" in {region}. Check the name, the region and the account. An import by name \
         searches the provider's region, because it does not see the resource's `region`: import by ARN, which names \
         its region, or set the region in the provider block."
    )
}
