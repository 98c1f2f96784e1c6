//! What the user calls an attachment when importing it.

use crate::endpoint::nlb_attachment::model::schema::is_target_group_arn;
use crate::endpoint::nlb_attachment::model::schema::names::{ID, TARGET_GROUP_ARNS, TARGET_ID};
use crate::framework::diagnostic::Diagnostic;
use crate::framework::value::{Object, Value};

/// Reads `TARGET_ID,ARN[,ARN…]` into a partial state.
///
/// # Errors
/// If it has another form; the text says what is wrong with it.
pub fn state(id: &str) -> Result<Object, Diagnostic> {
    let mut parts = id.split(',').map(str::trim);
    let target = parts.next().unwrap_or_default();
    let arns: Vec<&str> = parts.collect();
    if target.is_empty() || is_target_group_arn(target) {
        return Err(malformed(id, "it doesn't begin with a target id"));
    }
    if arns.is_empty() {
        return Err(malformed(id, "it names no target group"));
    }
    if let Some(other) = arns.iter().find(|arn| !is_target_group_arn(arn)) {
        return Err(malformed(id, &format!("\"{other}\" is not the ARN of a target group")));
    }
    Ok(Object::from([
        (ID.to_owned(), target.into()),
        (TARGET_ID.to_owned(), target.into()),
        (TARGET_GROUP_ARNS.to_owned(), Value::set(arns.into_iter().map(Value::from))),
    ]))
}

fn malformed(id: &str, reason: &str) -> Diagnostic {
    Diagnostic::failed(
        "Not the id of an attachment",
        format!(
            "\"{id}\" can't be imported: {reason}. The form is TARGET_ID,ARN or TARGET_ID,ARN,ARN and so on, for \
             example\n\n  \
             i-0123456789abcdef0,arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-api-tg/6d0ecf831eec9f09\n\nRegistrations \
             on a port other than the group's own can't be imported; applying them anew changes nothing in AWS."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/1";
    const TWO: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/2";

    #[test]
    fn a_target_and_its_groups() {
        let state = state(&format!("i-1,{TWO}, {ONE}")).unwrap();
        assert_eq!(state[ID], "i-1".into());
        assert_eq!(state[TARGET_ID], "i-1".into());
        assert_eq!(state[TARGET_GROUP_ARNS], Value::set([ONE.into(), TWO.into()]));
    }

    #[test]
    fn the_error_says_what_is_wrong() {
        let check = |id: &str, reason: &str| {
            let detail = state(id).unwrap_err().detail;
            assert!(detail.contains(reason), "{id}: {detail}");
        };
        check("", "doesn't begin with a target id");
        check(ONE, "doesn't begin with a target id");
        check("i-1", "names no target group");
        check("i-1,", "\"\" is not the ARN");
        check(&format!("i-1,{ONE},x"), "\"x\" is not the ARN");
        check(&format!("i-1/{ONE}"), "names no target group");
    }
}
