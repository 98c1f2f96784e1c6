//! Which changes AWS can't make in place.

use crate::endpoint::contract;
use crate::endpoint::nlb::model::inputs::has_security_groups;
use crate::endpoint::nlb::model::role::BALANCER_SUFFIX;
use crate::endpoint::nlb::model::schema::names;
use crate::endpoint::nlb::model::settings::SETTINGS;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// The target type of targets that are addresses.
const ADDRESSES: &str = "ip";

/// The attributes whose change needs a new load balancer, as far as that is known, each with the reason.
pub fn needed(prior: &Object, planned: &Object) -> Vec<(&'static str, &'static str)> {
    let (before, after) = (Reader::new(prior), Reader::new(planned));
    let mut reasons = Vec::new();
    if let (Some(old), Some((attribute, new))) = (balancer_name(&before), balancer_name(&after))
        && old.1 != new
    {
        reasons.push((attribute, "a load balancer cannot be renamed"));
    }
    for (attribute, reason) in [
        (names::INTERNAL, "the scheme of a load balancer cannot be changed"),
        (names::TARGET_TYPE, "the type of its target groups cannot be changed"),
        (names::VPC_ID, "a load balancer and its target groups cannot move to another VPC"),
        (names::REGION, "a load balancer cannot move to another region"),
    ] {
        let (old, new) = (before.value(attribute), after.value(attribute));
        if !old.is_null() && !new.is_null() && !new.is_unknown() && old != new {
            reasons.push((attribute, reason));
        }
    }
    let of_addresses = after.text(names::TARGET_TYPE) == Maybe::Known(Some(ADDRESSES));
    let families = [before, after].map(|object| object.text(names::TARGET_IP_ADDRESS_TYPE));
    if let [Maybe::Known(Some(old)), Maybe::Known(Some(new))] = families
        && of_addresses
        && old != new
    {
        reasons.push((
            names::TARGET_IP_ADDRESS_TYPE,
            "its targets are addresses of the other family, which no new target group can take over",
        ));
    }
    match (has_security_groups(&before), has_security_groups(&after)) {
        (Maybe::Known(false), Maybe::Known(true)) => {
            reasons.push((
                names::SECURITY_GROUP_IDS,
                "a load balancer that was created without a security group can never be given one",
            ));
        }
        (Maybe::Known(true), Maybe::Known(false)) => {
            reasons
                .push((names::SECURITY_GROUP_IDS, "the last security group of a load balancer cannot be taken away"));
        }
        _ => {}
    }
    reasons
}

/// DNS takes capital letters for small ones.
pub fn is_own_name(host: &str, own: Option<&str>) -> bool {
    own.is_some_and(|own| own.eq_ignore_ascii_case(host))
}

/// The name of the load balancer and the attribute that sets it.
pub fn balancer_name(object: &Reader<'_>) -> Option<(&'static str, String)> {
    match (object.text(names::LOAD_BALANCER_NAME), object.text(names::NAME)) {
        (Maybe::Known(Some(name)), _) => Some((names::LOAD_BALANCER_NAME, name.to_owned())),
        (Maybe::Known(None), Maybe::Known(Some(name))) => Some((names::NAME, format!("{name}{BALANCER_SUFFIX}"))),
        _ => None,
    }
}

/// Asks for a replacement, or refuses it where it is not allowed: the DNS name of a stable endpoint is never changed by accident.
/// `imported` says that nothing was applied since an import.
pub fn plan(
    config: &Object,
    prior: &Object,
    planned: &Object,
    imported: bool,
    replace: &mut Vec<Path>,
    diagnostics: &mut Diagnostics,
) {
    let reasons = needed(prior, planned);
    let allowed = planned.get(names::ALLOW_REPLACEMENT).and_then(Value::as_bool) == Some(true);
    for (attribute, reason) in &reasons {
        if allowed {
            replace.push(Path::of(attribute));
        } else if imported {
            diagnostics.push(not_as_imported(prior, attribute, reason));
        } else {
            diagnostics.push(not_allowed(prior, attribute, reason));
        }
    }
    if allowed {
        undecided(&Reader::new(prior), &Reader::new(planned), diagnostics);
    }
    if allowed && !reasons.is_empty() {
        protected(prior, "replaced", diagnostics);
        let own = prior.get(names::DNS_NAME).and_then(Value::as_str);
        if let Some(host) = config.get(contract::HOST).and_then(Value::as_str).filter(|host| is_own_name(host, own)) {
            diagnostics.push(host_of_predecessor(host));
        }
    }
}

/// What can't be decided is an update, and where it turns out to be a replacement it is refused at apply. With `allow_replacement` the
/// refusal would be Terraform's own, which calls it a mistake of the provider: so the likely case is refused here, and the others are
/// announced. (The plan in the middle of an apply looks like any other, so it can't answer differently.)
fn undecided(before: &Reader<'_>, after: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let attribute = names::SECURITY_GROUP_IDS;
    if has_security_groups(after) == Maybe::Unknown && has_security_groups(before) == Maybe::Known(false) {
        diagnostics.push(Diagnostic::invalid(
            Path::of(attribute),
            "Not known yet whether the load balancer is replaced",
            "The load balancer has no security group, and whether it gets one is known only after apply: the whole \
             value is unknown. With one it must be replaced, and Terraform must plan that.\n\nWrite a list whose \
             length is known, such as `[aws_security_group.x.id]`, or make what the value comes from first \
             (`-target`), or set `allow_replacement = false`.",
        ));
    }
    let mut unknown: Vec<&str> =
        [names::NAME, names::LOAD_BALANCER_NAME, names::INTERNAL, names::TARGET_TYPE, names::VPC_ID, names::REGION]
            .into();
    unknown.retain(|attribute| after.value(attribute).is_unknown() && !before.value(attribute).is_null());
    if has_security_groups(after) == Maybe::Unknown && has_security_groups(before) == Maybe::Known(true) {
        unknown.push(attribute);
    }
    for attribute in unknown {
        diagnostics.push(Diagnostic::warning(
            Path::of(attribute),
            "Not known yet whether the load balancer is replaced",
            format!(
                "`{attribute}` is known only after apply. The apply goes through, unless the value needs a new load \
                 balancer: then it stops before anything is done here, with Terraform's \"inconsistent final plan\". \
                 Run it again in that case: the value is known then."
            ),
        ));
    }
}

fn not_allowed(prior: &Object, attribute: &str, reason: &str) -> Diagnostic {
    let text = |name: &str| prior.get(name).and_then(Value::as_str);
    let own = text(names::DNS_NAME);
    let loss = match (text(contract::HOST), own) {
        (Some(host), Some(own)) if !is_own_name(host, Some(own)) => format!(
            "It would have another DNS name than `{own}`, where `{host}` leads: until the DNS record of `{host}` \
             follows, nobody reaches the control plane."
        ),
        _ => "It would have another DNS name, and every kubeconfig and node holds the present one.".to_owned(),
    };
    Diagnostic::invalid(
        Path::of(attribute),
        "This change would replace the load balancer",
        format!(
            "The change needs a new load balancer, because {reason}. {loss}\n\nTo keep the load balancer, revert the \
             change. To replace it all the same, set `allow_replacement = true`. To remove it for good, use `terraform \
             destroy -refresh=false`: a plain destroy makes this plan first and stops here."
        ),
    )
}

/// After an import it is the configuration that is wrong.
fn not_as_imported(prior: &Object, attribute: &str, reason: &str) -> Diagnostic {
    let of_name = balancer_name(&Reader::new(prior)).map(|(own, _)| own);
    let is_name = [names::NAME, names::LOAD_BALANCER_NAME].contains(&attribute);
    let own = if is_name { of_name.unwrap_or(attribute) } else { attribute };
    let stored = prior.get(own).unwrap_or(&Value::Null);
    let write = match written(stored) {
        Some(value) if own == attribute => format!("write `{own} = {value}`"),
        Some(value) => format!("write `{own} = {value}` instead of `{attribute}`"),
        None => format!("leave `{own}` out"),
    };
    let or_none = match attribute {
        names::REGION | names::VPC_ID => format!(", or leave `{attribute}` out"),
        _ => String::new(),
    };
    Diagnostic::invalid(
        Path::of(attribute),
        "Not as the imported load balancer is",
        format!(
            "With this configuration the load balancer that was imported would be replaced, because {reason}. To keep \
             it, {write}{or_none}.\n\nWith an `import` block and no `resource` block, `terraform plan \
             -generate-config-out=FILE` writes the whole configuration. To replace the load balancer all the same, set \
             `allow_replacement = true`."
        ),
    )
}

/// A value as it is written in a configuration; none where nothing is written.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::String(text) => Some(format!("\"{text}\"")),
        Value::Set(items) if !items.is_empty() => {
            Some(format!("[{}]", items.iter().filter_map(written).collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    }
}

/// The error of a configuration whose host is the name of the load balancer that is replaced: it ends with that.
pub fn host_of_predecessor(host: &str) -> Diagnostic {
    Diagnostic::invalid(
        Path::of(contract::HOST),
        "The host goes with the load balancer",
        format!(
            "`{host}` is the name that AWS gave to the load balancer which is replaced, and it ends with that: nobody \
             would reach the new one by it. Remove `{}`: then the endpoint has the new load balancer's own name. \
             (`terraform plan -generate-config-out` writes the own name into a configuration.)",
            contract::HOST
        ),
    )
}

/// Refuses to remove a load balancer that is protected.
pub fn protected(prior: &Object, what: &str, diagnostics: &mut Diagnostics) {
    let exists = prior.get(names::ARN).is_some_and(|arn| arn.as_str().is_some());
    for guard in SETTINGS.iter().filter(|setting| setting.guards && exists) {
        let [name] = guard.attribute else { continue };
        if guard.get(prior).as_bool() == Some(true) {
            diagnostics.push(Diagnostic::invalid(
                Path::of(name),
                "Deletion protection is on",
                format!(
                    "The load balancer would be {what}, and deletion protection is on. Apply `{name} = false` first, \
                     then run again."
                ),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
