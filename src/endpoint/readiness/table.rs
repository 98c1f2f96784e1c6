//! All results in lines, for a diagnostic and for the log.

use super::group::{Groups, meaning};
use super::verdict::Verdict;

/// What one pass over everything has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The endpoint's servers, then those of the nodes.
    pub verdicts: Vec<Verdict>,
    /// What AWS says of the targets.
    pub groups: Groups,
    /// Why AWS says nothing of a group.
    pub unread: Vec<String>,
    /// From where all of this was seen.
    pub looked_from: String,
}

impl Survey {
    /// One line for each server and each target that has something to say. They begin with blanks: Terraform doesn't break such lines.
    pub fn table(&self) -> String {
        let mut rows: Vec<[String; 4]> = Vec::new();
        for Verdict { key, address, stage, message, .. } in &self.verdicts {
            rows.push([key.clone(), address.clone(), stage.name().to_owned(), message.clone()]);
        }
        for (arn, targets) in &self.groups {
            let group = arn.split(":targetgroup/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(arn);
            if targets.is_empty() {
                let nothing = "no targets are registered".to_owned();
                rows.push([group.to_owned(), "-".to_owned(), "-".to_owned(), nothing]);
            }
            for (target, health) in targets {
                let reason = health.reason.as_ref().map_or_else(String::new, |reason| format!("{reason}: "));
                rows.push([
                    group.to_owned(),
                    target.clone(),
                    health.state.clone(),
                    format!("{reason}{}", meaning(health)),
                ]);
            }
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths = [width(0), width(1), width(2)];
        let mut lines: Vec<String> = rows
            .iter()
            .map(|[key, address, stage, message]| {
                let [first, second, third] = widths;
                format!("\u{20} {key:first$} {address:second$} {stage:third$} {message}")
            })
            .collect();
        lines.extend(self.unread.iter().map(|why| format!("\u{20} {why}")));
        lines.push(format!("\u{20} Seen from {}.", self.looked_from));
        lines.join("\n")
    }

    /// How far each server was reached, in one line.
    pub fn stages(&self) -> String {
        let stage = |verdict: &Verdict| format!("{}: {}", verdict.key, verdict.stage.name());
        self.verdicts.iter().map(stage).collect::<Vec<_>>().join(", ")
    }

    /// What waiting alone doesn't change, each with its server.
    pub fn stuck(&self) -> Vec<String> {
        let of_endpoint = self.verdicts.iter().filter(|verdict| verdict.stuck && verdict.of_endpoint);
        of_endpoint.map(|verdict| format!("{}: {}", verdict.key, verdict.message)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::group::Health;
    use super::super::verdict::Stage;
    use super::*;

    #[test]
    fn the_table_is_aligned_and_names_everything() {
        let verdict = |key: &str, stage, ok, stuck, of_endpoint| Verdict {
            key: key.to_owned(),
            address: "10.0.0.1:6443".to_owned(),
            stage,
            ok,
            message: "it says so".to_owned(),
            latency: None,
            certificate: None,
            stuck,
            of_endpoint,
        };
        let health = Health { state: "unhealthy".to_owned(), reason: Some("Target.Timeout".to_owned()) };
        let arn = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/api-tg/0".to_owned();
        let survey = Survey {
            verdicts: vec![
                verdict("kubernetes_api", Stage::Tls, false, true, true),
                verdict("cp-01/talos_api", Stage::Done, true, true, false),
            ],
            groups: BTreeMap::from([
                (arn.clone(), BTreeMap::from([("i-1:6443".to_owned(), health)])),
                (format!("{arn}-other"), BTreeMap::new()),
            ]),
            unread: vec!["it wasn't read".to_owned()],
            looked_from: "here".to_owned(),
        };
        let expected = "  kubernetes_api  10.0.0.1:6443 tls       it says so\n  cp-01/talos_api 10.0.0.1:6443 done      it says so\n  \
             api-tg          i-1:6443      unhealthy Target.Timeout: health checks fail: not bootstrapped yet, or the \
             node's security group doesn't admit the load balancer\n  api-tg          -             -         no targets \
             are registered\n  it wasn't read\n  Seen from here.";
        assert_eq!(survey.table(), expected);
        assert_eq!(survey.stages(), "kubernetes_api: tls, cp-01/talos_api: done");
        assert_eq!(survey.stuck(), ["kubernetes_api: it says so"], "a node alone keeps nobody waiting");
    }
}
