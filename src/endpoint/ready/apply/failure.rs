//! What the user reads where the wait ended early.

use crate::endpoint::deadline::Interrupted;
use crate::endpoint::readiness::table::Survey;
use crate::endpoint::timeouts::TIMEOUTS;
use crate::framework::diagnostic::Diagnostic;
use crate::framework::path::Path;

/// The end of a wait, with what was seen last.
pub fn ended(why: Interrupted, survey: &Survey) -> Diagnostic {
    let seen = if survey.verdicts.is_empty() {
        String::new()
    } else {
        format!(" How far each server was reached:\n\n{}\n", survey.table())
    };
    match why {
        Interrupted::Stopped => Diagnostic::failed(
            "Interrupted",
            format!(
                "Interrupted on your request while waiting until the endpoint serves.{seen}\nThe next apply waits \
                 again."
            ),
        ),
        Interrupted::TimedOut => Diagnostic::failed(
            "Timed out",
            format!(
                "The time set by `{TIMEOUTS}` expired while waiting until the endpoint serves.{seen}\n{}The next apply \
                 waits again. Set a longer timeout if the cluster was only slow.",
                remedy(survey)
            ),
        )
        .at(Path::of(TIMEOUTS)),
    }
}

/// What a longer wait would not change comes first.
fn remedy(survey: &Survey) -> String {
    match survey.stuck().as_slice() {
        [] => String::new(),
        stuck => format!("As things are, a longer wait doesn't help: {}.\n\n", stuck.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let survey = Survey { verdicts: vec![verdict(stuck)], looked_from: "here".to_owned(), ..Survey::default() };
            ended(why, &survey)
        };
        let row = "\n\n  kubernetes_api api.example.com:6443 name api.example.com isn't in DNS\n  Seen from here.\n\n";
        let up = of(Interrupted::TimedOut, true);
        assert!(
            up.detail.contains(&format!("{row}As things are, a longer wait doesn't help: kubernetes_api: ")),
            "{}",
            up.detail
        );
        assert_eq!(up.path, Path::of(TIMEOUTS));
        let slow = of(Interrupted::TimedOut, false).detail;
        assert!(slow.contains(&format!("{row}The next apply")) && !slow.contains("doesn't help"), "{slow}");
        assert!(of(Interrupted::Stopped, true).detail.contains(row));
        let early = ended(Interrupted::Stopped, &Survey::default()).detail;
        assert_eq!(early.lines().count(), 2, "{early}");
    }
}
