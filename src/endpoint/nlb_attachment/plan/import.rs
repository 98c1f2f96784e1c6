//! What the user calls an attachment when importing it.

use crate::endpoint::attributes::is_port;
use crate::endpoint::nlb_attachment::model::schema::names::{
    ID, LOAD_BALANCER_ARN, PORT, TARGET_GROUP_ARNS, TARGET_ID,
};
use crate::endpoint::nlb_attachment::model::schema::{is_load_balancer_arn, is_target_group_arn};
use crate::framework::diagnostic::Diagnostic;
use crate::framework::value::{Object, Value};

/// An attachment, as an import id names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What is registered.
    pub target: String,
    /// Its port; none for each group's own.
    pub port: Option<i64>,
    /// Where it is.
    pub place: Place,
}

/// Where a target is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In these target groups.
    Groups(Vec<String>),
    /// In target groups of this load balancer.
    Behind(String),
}

/// Reads `TARGET_ID[,PORT],ARN[,ARN…]`: the ARNs of target groups, or the one of their load balancer.
///
/// # Errors
/// If it has another form; the text says what is wrong with it.
pub fn named(id: &str) -> Result<Named, Diagnostic> {
    let mut parts = id.split(',').map(str::trim).peekable();
    let target = parts.next().unwrap_or_default();
    let port = parts.next_if(|part| is_port(part)).and_then(|port| port.parse().ok());
    let arns: Vec<&str> = parts.collect();
    if target.is_empty() || is_target_group_arn(target) || is_load_balancer_arn(target) {
        return Err(malformed(id, "it doesn't begin with a target id"));
    }
    let place = match arns.as_slice() {
        [] => return Err(malformed(id, "it names no target group")),
        [balancer] if is_load_balancer_arn(balancer) => Place::Behind((*balancer).to_owned()),
        arns => match arns.iter().find(|arn| !is_target_group_arn(arn)) {
            Some(other) => return Err(malformed(id, &format!("\"{other}\" is not the ARN of a target group"))),
            None => Place::Groups(arns.iter().map(|arn| (*arn).to_owned()).collect()),
        },
    };
    Ok(Named { target: target.to_owned(), port, place })
}

/// What is known of an attachment in `groups`, as a partial state.
pub fn state(named: &Named, groups: Vec<String>) -> Object {
    let target = || Value::from(named.target.as_str());
    let balancer = match &named.place {
        Place::Behind(arn) => Value::from(arn.as_str()),
        Place::Groups(_) => Value::Null,
    };
    Object::from([
        (ID.to_owned(), target()),
        (TARGET_ID.to_owned(), target()),
        (PORT.to_owned(), named.port.map_or(Value::Null, Value::from)),
        (TARGET_GROUP_ARNS.to_owned(), Value::set(groups.into_iter().map(Value::from))),
        (LOAD_BALANCER_ARN.to_owned(), balancer),
    ])
}

fn malformed(id: &str, reason: &str) -> Diagnostic {
    Diagnostic::failed(
        "Not the id of an attachment",
        format!(
            "\"{id}\" can't be imported: {reason}. The form is TARGET_ID,ARN with the ARN of the load balancer, or \
             TARGET_ID,ARN,ARN and so on with those of the target groups, for example\n\n  \
             i-0123456789abcdef0,arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/prod-api-nlb/50dc6c495c0c9188\n  \
             i-0123456789abcdef0,arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-api-tg/6d0ecf831eec9f09\n\nFor \
             registrations on a port other than the group's own, write it behind the target: TARGET_ID,PORT,ARN."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1";
    const TWO: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/2";
    const BALANCER: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/1";

    #[test]
    fn a_target_and_its_groups() {
        let named = named(&format!("i-1,{TWO}, {ONE}")).unwrap();
        let Place::Groups(groups) = named.place.clone() else { panic!("{named:?}") };
        let state = state(&named, groups);
        assert_eq!((&state[ID], &state[TARGET_ID]), (&"i-1".into(), &"i-1".into()));
        assert_eq!(state[TARGET_GROUP_ARNS], Value::set([ONE.into(), TWO.into()]));
        assert_eq!((&state[PORT], &state[LOAD_BALANCER_ARN]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn a_target_behind_a_load_balancer_on_a_port() {
        let named = named(&format!("10.0.0.1, 7443,{BALANCER}")).unwrap();
        assert_eq!(named.place, Place::Behind(BALANCER.to_owned()));
        let state = state(&named, vec![ONE.to_owned()]);
        assert_eq!((&state[PORT], &state[LOAD_BALANCER_ARN]), (&7443.into(), &BALANCER.into()));
        assert_eq!(state[TARGET_GROUP_ARNS], Value::set([ONE.into()]));
    }

    #[test]
    fn the_error_says_what_is_wrong() {
        let check = |id: &str, reason: &str| {
            let detail = named(id).unwrap_err().detail;
            assert!(detail.contains(reason), "{id}: {detail}");
        };
        check("", "doesn't begin with a target id");
        check(ONE, "doesn't begin with a target id");
        check(BALANCER, "doesn't begin with a target id");
        check("i-1", "names no target group");
        check("i-1,7443", "names no target group");
        check("i-1,", "\"\" is not the ARN");
        check(&format!("i-1,{ONE},x"), "\"x\" is not the ARN");
        check(&format!("i-1,{ONE},{BALANCER}"), "is not the ARN of a target group");
        check(&format!("i-1,70000,{ONE}"), "\"70000\" is not the ARN");
        check(&format!("i-1/{ONE}"), "names no target group");
    }
}
