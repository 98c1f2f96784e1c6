//! Scripts on a host, run by root's `sh`. They travel as its input: no command line of the host shows them.

use std::time::Duration;

use thiserror::Error;

use crate::endpoint::haproxy_deployment::model::inventory::GREETING;
use crate::remote::ssh::session::{Output, Running, Session};
use crate::remote::ssh::ssh_error::SshError;

/// What every script begins with.
const PREAMBLE: &str = include_str!("script/preamble.sh");

/// What the line of a script that goes on in the background begins with.
const PREFIX: &str = "talosendpoint ";

/// As much of what a host says as a diagnostic shows.
const LONGEST_EXCERPT: usize = 2000;

/// Why a script didn't run.
#[derive(Debug, Error)]
pub enum ShellError {
    /// The way to the host.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The user isn't root and has no sudo without a password.
    #[error("{user} can't become root: {reason}")]
    NoRoot {
        /// Who logs in.
        user: String,
        /// What sudo said.
        reason: String,
    },
    /// No shell took the script.
    #[error("no script can be run: {reason}")]
    NoShell {
        /// What the host said instead.
        reason: String,
    },
}

/// A script and its variables.
#[derive(Clone, Debug)]
pub struct Script {
    text: String,
}

/// What a script said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its lines.
    pub lines: Vec<String>,
    /// What programs said beside.
    pub said: String,
}

impl Answer {
    /// The line that begins with `word`, without it; empty text where nothing follows.
    pub fn after(&self, word: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| match line.strip_prefix(word) {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(' '),
            None => None,
        })
    }
}

impl Script {
    /// Functions of files in `script/`, in order.
    pub fn new(functions: &[&str]) -> Script {
        Script { text: functions.concat() }
    }

    /// Sets a variable.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Script {
        self.text = format!("{name}={}\n{}", quoted(value), self.text);
        self
    }

    /// The whole input of the shell, which does `call`. The shell has read all of it when it lets go of its input: what goes on in the
    /// background would keep the connection's channel open.
    fn input(&self, call: &str) -> String {
        let root = "[ \"$(id -u)\" = 0 ] || { echo 'talosendpoint unprivileged'; exit 0; }";
        // What the user's shell prints when it starts may end without a line break.
        let body = format!("exec < /dev/null\necho\n{root}\necho '{GREETING}'\n{call}\necho end\nexit 0");
        format!("{PREAMBLE}exec 3>&2\n{}\n{{\n{body}\n}}\n", self.text)
    }

    /// The same for a call that reads what comes after it.
    fn input_of_listener(&self, call: &str) -> String {
        format!("{PREAMBLE}exec 3>&2\n{}\n{{\necho\n{call}\nexit 0\n}}\n", self.text)
    }
}

/// A word of `sh`, whatever is in it.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A host that is logged in to.
#[derive(Clone)]
pub struct Shell {
    /// The host's name.
    pub host: String,
    session: Session,
    user: String,
    sudo: bool,
}

impl Shell {
    /// Runs scripts in `session` as root.
    pub fn new(host: String, session: Session, user: String, sudo: bool) -> Shell {
        Shell { host, session, user, sudo }
    }

    fn command(&self) -> &'static str {
        if self.sudo { "sudo -n -- sh -s" } else { "sh -s" }
    }

    /// Runs `call` of a script to its end.
    ///
    /// # Errors
    /// If the connection is lost, `limit` is over, or the host doesn't run it.
    pub async fn run(&self, script: &Script, call: &str, limit: Duration) -> Result<Answer, ShellError> {
        let output = self.session.run(self.command(), script.input(call).as_bytes(), limit).await?;
        self.answer(output)
    }

    /// Starts `call` of a script, which goes on beside others, and gives the first thing that it says.
    ///
    /// # Errors
    /// As [`Shell::run`].
    pub async fn start(&self, script: &Script, call: &str, limit: Duration) -> Result<(Running, String), ShellError> {
        let input = script.input_of_listener(call);
        let running = self.session.start(self.command(), input.as_bytes(), PREFIX, limit).await?;
        let said = running.first.clone();
        Ok((running, said))
    }

    fn answer(&self, output: Output) -> Result<Answer, ShellError> {
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let lines: Vec<&str> = stdout.lines().collect();
        if lines.contains(&"talosendpoint unprivileged") {
            return Err(self.no_root("`sudo` is switched off"));
        }
        if let Some(begin) = lines.iter().position(|line| *line == GREETING) {
            // A shell may print more when it ends.
            let Some(end) = lines.iter().rposition(|line| *line == "end").filter(|end| *end > begin) else {
                let said = excerpt(&stderr);
                let said = if said.is_empty() { "it prints nothing".to_owned() } else { said };
                let reason = format!("the script ended early: {}", said.trim_end_matches('.'));
                return Err(ShellError::NoShell { reason });
            };
            let lines = lines[begin + 1..end].iter().map(|line| (*line).to_owned()).collect();
            return Ok(Answer { lines, said: excerpt(&stderr) });
        }
        // What comes after the greeting is the host's own, and may be anything.
        let before = stdout.split(GREETING).next().unwrap_or_default();
        let said = excerpt(&format!("{before}\n{stderr}"));
        let said = if said.is_empty() { "it prints nothing".to_owned() } else { said.trim_end_matches('.').to_owned() };
        if self.sudo && (said.contains("sudo") || output.status == Some(127)) {
            return Err(self.no_root(&said));
        }
        Err(ShellError::NoShell { reason: said })
    }

    fn no_root(&self, reason: &str) -> ShellError {
        ShellError::NoRoot { user: self.user.clone(), reason: reason.trim_start_matches("sudo: ").to_owned() }
    }
}

/// The end of what a host said, without control characters.
pub fn excerpt(said: &str) -> String {
    let said: String = said.trim().chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    let skip = said.chars().count().saturating_sub(LONGEST_EXCERPT);
    said.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_one_word_whatever_it_holds() {
        assert_eq!(quoted("a'b $(c)"), "'a'\\''b $(c)'");
        let script = Script::new(&["say() {\n    echo \"$a$b\"\n}\n"]).set("a", "it's $x\n").set("b", "`y`");
        let mut shell = std::process::Command::new("sh");
        let text = script.input("say").replace("[ \"$(id -u)\" = 0 ]", "true");
        let output = shell.arg("-c").arg(text).output().unwrap();
        let expected = format!("\n{GREETING}\nit's $x\n`y`\nend\n");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
    }

    #[test]
    fn an_answer_is_found_by_its_first_word() {
        let answer = Answer { lines: vec!["failed".into(), "invalid haproxy 1".into()], said: String::new() };
        assert_eq!(
            (answer.after("failed"), answer.after("invalid"), answer.after("inv")),
            (Some(""), Some("haproxy 1"), None)
        );
    }

    #[test]
    fn an_excerpt_is_the_end_without_escapes() {
        assert_eq!(excerpt("\u{1b}[31mred\u{1b}[0m\n"), "[31mred[0m");
        assert_eq!(excerpt(&"x".repeat(5000)).len(), LONGEST_EXCERPT);
    }
}
