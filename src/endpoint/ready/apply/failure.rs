//! What the user reads where the wait ended early.

use super::run::{Course, ROUNDS};
use crate::endpoint::deadline::Interrupted;
use crate::endpoint::timeouts::TIMEOUTS;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// The end of a wait, with what was seen last.
pub fn ended(why: Interrupted, course: &Course) -> Diagnostic {
    let survey = &course.last;
    let table = if survey.verdicts.is_empty() {
        String::new()
    } else {
        format!(" How far each server was reached:\n\n{}\n", survey.table())
    };
    match why {
        Interrupted::Stopped => Diagnostic::failed(
            "Interrupted",
            format!(
                "Interrupted on your request while waiting until the endpoint serves.{table}\nThe next apply waits \
                 again."
            ),
        ),
        Interrupted::TimedOut => Diagnostic::failed(
            "Timed out",
            format!(
                "The time set by `{TIMEOUTS}` expired while waiting until the endpoint serves.{table}\n{}The next \
                 apply waits again. Set a longer timeout if the cluster was only slow.",
                remedy(course)
            ),
        )
        .at(Path::of(TIMEOUTS)),
    }
}

/// What a longer wait would not change comes first.
fn remedy(course: &Course) -> String {
    let stuck: Vec<&str> = course.last.stuck().into_iter().flat_map(|(keys, _)| keys).collect();
    if !stuck.is_empty() {
        return format!(
            "What is at fault at {} may not go away by itself: see to it before you wait longer.\n\n",
            stuck.join(" and ")
        );
    }
    if course.served == 0 {
        return String::new();
    }
    let failure =
        course.failure.as_ref().map_or_else(String::new, |failure| format!(" The last failure was: {failure}."));
    format!(
        "It served in {} of {} rounds, and must do so in {ROUNDS} in a row, a second apart.{failure}\n\n",
        course.served, course.rounds
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::readiness::table::Survey;
    use crate::endpoint::readiness::verdict::{Stage, Verdict};

    #[test]
    fn the_table_is_in_it_and_what_waiting_does_not_change() {
        let verdict = |stuck| Verdict {
            key: "kubernetes_api".to_owned(),
            address: "api.example.com:6443".to_owned(),
            stage: Stage::Name,
            ok: false,
            message: "api.example.com isn't in DNS".to_owned(),
            latency: None,
            certificate: None,
            stuck,
            of_endpoint: true,
        };
        let of = |why, stuck| {
            let last = Survey { verdicts: vec![verdict(stuck)], looked_from: "here".to_owned(), ..Survey::default() };
            ended(why, &Course { last, ..Course::default() })
        };
        let row = "\n\n  kubernetes_api api.example.com:6443 name api.example.com isn't in DNS\n  Seen from here.\n\n";
        let up = of(Interrupted::TimedOut, true);
        assert!(
            up.detail.contains(&format!("{row}What is at fault at kubernetes_api may not go away by itself")),
            "{}",
            up.detail
        );
        assert_eq!(up.path, Path::of(TIMEOUTS));
        let slow = of(Interrupted::TimedOut, false).detail;
        assert!(slow.contains(&format!("{row}The next apply")) && !slow.contains("by itself"), "{slow}");
        assert!(of(Interrupted::Stopped, true).detail.contains(row));
        let early = ended(Interrupted::Stopped, &Course::default()).detail;
        assert_eq!(early.lines().count(), 2, "{early}");
        let flapping =
            Course { rounds: 9, served: 5, failure: Some("kubernetes_api: no".to_owned()), ..Course::default() };
        let detail = ended(Interrupted::TimedOut, &flapping).detail;
        assert!(detail.contains("served in 5 of 9 rounds") && detail.contains("was: kubernetes_api: no."), "{detail}");
    }
}
