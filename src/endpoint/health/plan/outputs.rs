//! From what was found to the attributes.

use std::collections::BTreeMap;

use crate::endpoint::health::model::schema::names::*;
use crate::endpoint::readiness::group::{self, Health};
use crate::endpoint::readiness::table::Survey;
use crate::endpoint::readiness::verdict::Verdict;
use crate::framework::value::{Object, Value};

/// `config` with what was found. `asked` is how many target groups AWS was asked for.
pub fn outputs(config: &Object, survey: &Survey, asked: usize) -> Object {
    let serves = survey.verdicts.iter().filter(|verdict| verdict.of_endpoint).all(|verdict| verdict.ok);
    let all_serve = survey.verdicts.iter().all(|verdict| verdict.ok);
    let groups = survey.groups.len() == asked && survey.groups.values().all(group::is_healthy);
    let targets = survey.verdicts.iter().map(|verdict| (verdict.key.clone(), target(verdict)));
    let by_group = survey.groups.iter().map(|(arn, targets)| {
        let targets = targets.iter().map(|(target, health)| (target.clone(), registered(target, health)));
        (arn.clone(), Value::Map(targets.collect()))
    });
    let mut object = config.clone();
    object.insert(SERVES.to_owned(), serves.into());
    object.insert(HEALTHY.to_owned(), (all_serve && groups).into());
    object.insert(MESSAGE.to_owned(), message(survey).into());
    object.insert(LOOKED_FROM.to_owned(), survey.looked_from.clone().into());
    object.insert(TARGETS.to_owned(), Value::Map(targets.collect()));
    object.insert(TARGET_GROUPS.to_owned(), Value::Map(by_group.collect()));
    object
}

/// What is at fault, a line each. Never empty: Terraform takes no empty message of a check.
fn message(survey: &Survey) -> String {
    let problems = survey.problems();
    if problems.is_empty() { "The endpoint serves.".to_owned() } else { problems.join("\n") }
}

fn target(verdict: &Verdict) -> Value {
    let latency = verdict.latency.map(|latency| i64::try_from(latency.as_millis()).unwrap_or(i64::MAX));
    let certificate = verdict.certificate.as_ref().map(|certificate| {
        let names = certificate.names().into_iter().map(|name| Value::from(name.as_str()));
        object([
            (NAMES, Value::list(names)),
            (ISSUER, certificate.issuer.as_str().into()),
            (NOT_AFTER, certificate.not_after.text.as_str().into()),
        ])
    });
    object([
        (ADDRESS, verdict.address.as_str().into()),
        (STAGE, verdict.stage.name().into()),
        (OK, verdict.ok.into()),
        (MESSAGE, verdict.message.as_str().into()),
        (LATENCY_MS, latency.into()),
        (CERTIFICATE, certificate.unwrap_or(Value::Null)),
    ])
}

fn registered(target: &str, health: &Health) -> Value {
    object([
        (STATE, health.state.as_str().into()),
        (REASON, health.reason.clone().into()),
        (MESSAGE, group::meaning(target, health).into()),
    ])
}

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    let attributes: BTreeMap<String, Value> =
        attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value::Object(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::health::model::schema::SCHEMA;
    use crate::endpoint::readiness::verdict::Stage;

    fn verdict(key: &str, ok: bool) -> Verdict {
        Verdict {
            key: key.to_owned(),
            address: "10.0.0.1:6443".to_owned(),
            stage: Stage::Tcp,
            ok,
            message: "it says so".to_owned(),
            latency: None,
            certificate: None,
            stuck: false,
            of_endpoint: true,
        }
    }

    fn healthy(verdicts: Vec<Verdict>, groups: &[&[&str]], asked: usize) -> Value {
        let group = |states: &&[&str]| {
            let health = |state: &&str| Health { state: (*state).to_owned(), reason: None };
            states.iter().enumerate().map(|(index, state)| (index.to_string(), health(state))).collect()
        };
        let groups = groups.iter().enumerate().map(|(index, states)| (index.to_string(), group(states))).collect();
        let survey_groups = BTreeMap::len(&groups);
        let survey = Survey {
            verdicts,
            groups,
            unread: vec!["unread".to_owned(); asked - survey_groups],
            looked_from: "here".to_owned(),
        };
        let object = outputs(&SCHEMA.null_object(), &survey, asked);
        assert!(SCHEMA.object_type().admits(&Value::Object(object.clone())), "{object:?}");
        assert_eq!(object[HEALTHY] == true.into(), object[MESSAGE] == "The endpoint serves.".into(), "{object:?}");
        object[HEALTHY].clone()
    }

    #[test]
    fn everything_must_be_healthy() {
        assert_eq!(healthy(vec![verdict("a", true)], &[], 0), true.into());
        assert_eq!(healthy(vec![verdict("a", true), verdict("b", false)], &[], 0), false.into());
        assert_eq!(healthy(vec![verdict("a", true)], &[&["healthy"]], 1), true.into());
        assert_eq!(healthy(vec![verdict("a", true)], &[&["healthy"], &["unhealthy"]], 2), false.into());
        assert_eq!(healthy(vec![verdict("a", true)], &[&["healthy"]], 2), false.into(), "one wasn't read");
        assert_eq!(healthy(vec![verdict("a", true)], &[&[]], 1), false.into(), "an empty group has a message too");
    }
}
