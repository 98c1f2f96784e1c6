//! Whether an answer can be believed. A connection that breaks, a proxy or a fault of the service can leave an answer with status 200 that
//! ends early, or lacks what was asked for; the SDK's reader takes what is there, and what is missing would look like something that is
//! gone. So the raw body is checked before the SDK reads it.

use roxmltree::{Document, Node};

/// An answer that can't be believed, which says nothing about whether the call had its effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not complete: {0}")]
pub struct BrokenAnswer(pub String);

/// What every item of one list of an answer has.
struct Items {
    /// The calls that answer with this list.
    actions: &'static [&'static str],
    /// The element that holds the items: there even where there are none.
    list: &'static str,
    /// Paths to elements that every item has with text in them.
    required: &'static [&'static str],
    /// Further ones that depend on what the item is.
    more: fn(Node<'_, '_>) -> &'static [&'static str],
    /// Lists of the request.
    asked: &'static [Asked],
}

/// A list of a request.
struct Asked {
    /// Its name: `TargetGroupArns`.
    parameter: &'static str,
    /// The element by which an item answers to it.
    path: &'static str,
    /// Whether everything of a longer list must be answered to, not only what is asked for alone. AWS answers what it doesn't find with an
    /// error either way. Stand-ins of AWS leave it out: of several, which whoever asks for several asks for again, alone; and alone, which
    /// leaves a whole document with an empty list. That is an answer.
    each: bool,
}

/// The lists that calls of ours read (API references of Elastic Load Balancing, version 2015-12-01, and EC2).
const ITEMS: [Items; 7] = [
    Items {
        actions: &["DescribeLoadBalancers", "CreateLoadBalancer"],
        list: "LoadBalancers",
        required: &["LoadBalancerArn", "LoadBalancerName", "State/Code", "Type", "VpcId"],
        more: |item| if text(item, "Type") == "network" { &["Scheme", "DNSName"] } else { &[] },
        asked: &[
            Asked { parameter: "LoadBalancerArns", path: "LoadBalancerArn", each: false },
            Asked { parameter: "Names", path: "LoadBalancerName", each: false },
        ],
    },
    Items {
        actions: &["DescribeTargetGroups", "CreateTargetGroup"],
        list: "TargetGroups",
        required: &["TargetGroupArn", "TargetGroupName", "TargetType"],
        more: |item| match text(item, "TargetType") {
            "instance" | "ip" => &[
                "Protocol",
                "Port",
                "VpcId",
                "HealthCheckProtocol",
                "HealthCheckPort",
                "HealthCheckIntervalSeconds",
                "HealthCheckTimeoutSeconds",
                "HealthyThresholdCount",
                "UnhealthyThresholdCount",
            ],
            _ => &[],
        },
        asked: &[
            Asked { parameter: "TargetGroupArns", path: "TargetGroupArn", each: false },
            Asked { parameter: "Names", path: "TargetGroupName", each: false },
        ],
    },
    Items {
        actions: &["DescribeListeners", "CreateListener"],
        list: "Listeners",
        required: &["ListenerArn", "Port", "Protocol", "DefaultActions/member/Type"],
        more: |_| &[],
        asked: &[Asked { parameter: "ListenerArns", path: "ListenerArn", each: false }],
    },
    Items {
        actions: &["DescribeTags"],
        list: "TagDescriptions",
        required: &["ResourceArn"],
        more: |_| &[],
        asked: &[Asked { parameter: "ResourceArns", path: "ResourceArn", each: true }],
    },
    Items {
        actions: &["DescribeTargetHealth"],
        list: "TargetHealthDescriptions",
        required: &["Target/Id", "TargetHealth/State"],
        // Only a function has no port.
        more: |item| if text(item, "Target/Id").starts_with("arn:") { &[] } else { &["Target/Port"] },
        asked: &[],
    },
    Items {
        actions: &["DescribeLoadBalancerAttributes", "DescribeTargetGroupAttributes", "DescribeListenerAttributes"],
        list: "Attributes",
        required: &["Key"],
        more: |_| &[],
        asked: &[],
    },
    Items {
        actions: &["DescribeNetworkInterfaces"],
        list: "networkInterfaceSet",
        required: &["networkInterfaceId"],
        more: |_| &[],
        asked: &[],
    },
];

/// What answers without lists have, by call.
const FIELDS: [(&str, &[&str]); 3] = [
    ("GetCallerIdentity", &["GetCallerIdentityResult/Account"]),
    ("AssumeRole", &["AssumeRoleResult/Credentials/AccessKeyId", "AssumeRoleResult/Credentials/SecretAccessKey"]),
    (
        "AssumeRoleWithWebIdentity",
        &[
            "AssumeRoleWithWebIdentityResult/Credentials/AccessKeyId",
            "AssumeRoleWithWebIdentityResult/Credentials/SecretAccessKey",
        ],
    ),
];

/// Checks the body of an answer to a request of AWS's query protocol, given as its form.
///
/// # Errors
/// If it can't be believed.
pub fn check(status: u16, request: &[u8], body: &[u8]) -> Result<(), BrokenAnswer> {
    let text = std::str::from_utf8(body).map_err(|_| broken("it is not UTF-8"))?;
    match status {
        200..=299 => succeeded(&Form::read(request), text),
        400..=499 => refused(text),
        _ => Ok(()),
    }
}

fn succeeded(request: &Form, text: &str) -> Result<(), BrokenAnswer> {
    let document = document(text)?;
    let (root, action) = (document.root_element(), request.value("Action"));
    if root.tag_name().name() != format!("{action}Response") {
        return Err(broken(format!("it is no answer to {action}")));
    }
    for items in ITEMS.iter().filter(|items| items.actions.contains(&action)) {
        check_items(items, request, root)?;
    }
    for (_, paths) in FIELDS.iter().filter(|(name, _)| *name == action) {
        lacks(root, paths, &root)?;
    }
    Ok(())
}

/// An error without its code could be any. What isn't AWS's (a page of a proxy) is left to whoever reads it.
fn refused(text: &str) -> Result<(), BrokenAnswer> {
    let is_ours = ["<?xml", "<ErrorResponse", "<Response"].iter().any(|start| text.trim_start().starts_with(start));
    if !is_ours {
        return Ok(());
    }
    let document = document(text)?;
    let error = document.descendants().find(|node| node.tag_name().name() == "Error");
    match error {
        Some(error) => lacks(error, &["Code"], &error),
        None => Err(broken("it is an error without a code")),
    }
}

/// The document, well-formed up to its closing root element.
fn document(text: &str) -> Result<Document<'_>, BrokenAnswer> {
    Document::parse(text).map_err(|error| match text.trim() {
        "" => broken("it is empty"),
        _ => broken(format!("it is cut or no XML ({error})")),
    })
}

fn check_items(items: &Items, request: &Form, root: Node<'_, '_>) -> Result<(), BrokenAnswer> {
    let list = root.descendants().find(|node| node.tag_name().name() == items.list);
    let list = list.ok_or_else(|| broken(format!("it has no {}", items.list)))?;
    let found: Vec<Node<'_, '_>> = list.children().filter(Node::is_element).collect();
    for item in &found {
        lacks(*item, items.required, item)?;
        lacks(*item, (items.more)(*item), item)?;
    }
    if request.value("Action").starts_with("Create") && found.is_empty() {
        return Err(broken("it names nothing that was made"));
    }
    // Further pages may have what this one hasn't.
    let is_whole = request.value("Marker").is_empty() && root.descendants().all(|node| !is_marker(node));
    for Asked { parameter, path, each } in items.asked.iter().filter(|_| is_whole) {
        let binds = *each || !found.is_empty() && request.members(parameter).count() == 1;
        let missing = request.members(parameter).find(|asked| !found.iter().any(|item| text(*item, path) == *asked));
        if let Some(missing) = missing.filter(|_| binds) {
            return Err(broken(format!("it lacks {missing}, which was asked for")));
        }
    }
    Ok(())
}

fn is_marker(node: Node<'_, '_>) -> bool {
    node.tag_name().name() == "NextMarker" && node.text().is_some_and(|marker| !marker.trim().is_empty())
}

/// # Errors
/// If one of `paths` leads to no text from `node`; `item` is what the message is about.
fn lacks(node: Node<'_, '_>, paths: &[&str], item: &Node<'_, '_>) -> Result<(), BrokenAnswer> {
    match paths.iter().find(|path| text(node, path).is_empty()) {
        Some(path) => Err(broken(format!("a {} lacks its {path}", parent_name(item)))),
        None => Ok(()),
    }
}

/// `TargetGroups` for one of its members.
fn parent_name(item: &Node<'_, '_>) -> String {
    let parent = item.parent().filter(Node::is_element).unwrap_or(*item);
    format!("{} entry", parent.tag_name().name())
}

/// The text at the end of a path; empty where there is none.
fn text<'a>(node: Node<'a, '_>, path: &str) -> &'a str {
    let end =
        path.split('/').try_fold(node, |node, name| node.children().find(|child| child.tag_name().name() == name));
    end.and_then(|end| end.text()).unwrap_or_default().trim()
}

/// The parameters of a request.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(body: &[u8]) -> Form {
        Form(form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// `Names.member.1`, `Names.member.2`, …
    fn members(&self, list: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{list}.member.");
        self.0.iter().filter(move |(name, _)| name.starts_with(&prefix)).map(|(_, value)| value.as_str())
    }
}

fn broken(reason: impl Into<String>) -> BrokenAnswer {
    BrokenAnswer(reason.into())
}

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;
