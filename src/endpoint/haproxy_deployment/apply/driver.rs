//! One thing on one host.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::failure::{Cause, Failure, FilesLeft};
use super::script::{
    BACKGROUND, BOOT, CHANGE, FIREWALL, NEIGHBOUR, ORIGINALS, PREPARE, PROBE, REMOVE, RUN_FOLDER, RUN_ID, STAGE,
};
use super::warnings;
use crate::endpoint::haproxy_deployment::model::desired::{HAPROXY, KEEPALIVED};
use crate::endpoint::haproxy_deployment::model::firewall::Ruleset;
use crate::endpoint::haproxy_deployment::model::record::Record;
use crate::endpoint::haproxy_deployment::model::spec::Spec;
use crate::endpoint::haproxy_deployment::plan::diff::Change;
use crate::endpoint::haproxy_deployment::plan::firewall::Firewall;
use crate::endpoint::haproxy_deployment::read::current::REPORT;
use crate::endpoint::haproxy_deployment::read::shell::{Answer, Script, Shell};
use crate::endpoint::host_files::{self, HAPROXY_CFG, KEEPALIVED_CONF};
use crate::framework::diagnostic::Diagnostic;

/// HAProxy's check of its file, which looks up names, ends after 100 s, and Keepalived's after 60 s.
const STAGE_LIMIT: Duration = Duration::from_secs(240);

/// A change verifies for 10 s at most, after what the service manager allows a start (90 s).
const CHANGE_LIMIT: Duration = Duration::from_secs(150);

/// The setting that lets a change be confirmed for another time than [`CONFIRM_LIMIT`], in seconds.
const CONFIRM_VARIABLE: &str = "TALOSENDPOINT_CONFIRM_LIMIT";

/// How long a host waits for the confirmation of a change before it takes that back.
const CONFIRM_LIMIT: u64 = 60;

/// Ends a change of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Confirm,
    /// It is taken back.
    Abort,
}

/// A host in one run.
pub struct Driver<'a> {
    /// Runs scripts there.
    pub shell: &'a Shell,
    /// The run's random name.
    pub run: &'a str,
    /// HAProxy's administrative socket.
    pub socket: &'a str,
}

impl Driver<'_> {
    fn failed(&self, cause: Cause) -> Failure {
        Failure { host: self.shell.host.clone(), cause }
    }

    async fn script(&self, script: &Script, call: &str, limit: Duration) -> Result<Answer, Failure> {
        let script = script.clone().set("run", self.run).set("socket", self.socket);
        self.shell.run(&script, call, limit).await.map_err(|error| self.failed(Cause::Shell(error)))
    }

    fn log(&self, step: &str, begun: Instant) {
        let elapsed = format!("{:.1} s", begun.elapsed().as_secs_f32());
        tracing::info!(host = self.shell.host, elapsed, "{step}");
    }

    /// Installs packages and makes what the files name.
    pub async fn prepare(
        &self,
        spec: &Spec,
        packages: &[&str],
        keepalived: bool,
        limit: Duration,
    ) -> Result<Option<Diagnostic>, Failure> {
        let begun = Instant::now();
        let wait = limit.as_secs().saturating_sub(5).max(1);
        let script = Script::new(&[PREPARE])
            .set("packages", &packages.join(" "))
            .set("user", &spec.user)
            .set("group", &spec.group)
            .set("services", if keepalived { "haproxy keepalived" } else { HAPROXY })
            .set("wait", &wait.to_string());
        let answer = self.script(&script, "prepare", limit).await?;
        if let Some(what) = answer.after("failed") {
            return Err(self.failed(Cause::Prepare { what: what.to_owned(), said: answer.said }));
        }
        if !packages.is_empty() {
            self.log(&format!("installed {}", packages.join(", ")), begun);
        }
        Ok(answer.after("boot").map(|how| warnings::first_boot(&self.shell.host, how == "failed")))
    }

    /// Puts the files of all changes beside their targets and lets the programs check them.
    pub async fn stage(&self, changes: &[&Change]) -> Result<(), Failure> {
        let begun = Instant::now();
        let all = written(changes);
        let mut function = String::from("stage() {\n");
        for file in changes.iter().flat_map(|change| &change.files) {
            let text = STANDARD.encode(&file.text);
            let _infallible = write!(
                function,
                "put '{}' {} <<'TEXT' || {{ unstage {all}; return; }}\n{text}\nTEXT\n",
                file.path, file.mode
            );
        }
        for (service, path) in [(HAPROXY, HAPROXY_CFG), (KEEPALIVED, KEEPALIVED_CONF)] {
            if changes.iter().any(|change| change.files.iter().any(|file| file.path == path)) {
                let _infallible = writeln!(function, "check {service} {path} || {{ unstage {all}; return; }}");
            }
        }
        function.push_str("echo staged\n}\n");
        let answer = self.script(&Script::new(&[STAGE, &function]), "stage", STAGE_LIMIT).await?;
        let said = answer.said.clone();
        if let Some(path) = answer.after("failed") {
            return Err(self.failed(Cause::Upload { path: path.to_owned(), said }));
        }
        if let Some(service) = answer.after("invalid") {
            let service = service.split(' ').next().unwrap_or_default().to_owned();
            return Err(self.failed(Cause::Invalid { service, said }));
        }
        if answer.after("staged").is_none() {
            return Err(self.failed(Cause::Upload { path: RUN_FOLDER.to_owned(), said }));
        }
        self.log("new files are checked", begun);
        Ok(())
    }

    /// Removes what was put beside the targets. Where that fails, nothing reads it.
    pub async fn unstage(&self, changes: &[&Change]) {
        let call = format!("unstage {}", written(changes));
        let _left_behind = self.script(&Script::new(&[STAGE]), &call, Duration::from_secs(20)).await;
    }

    /// Takes staged files into use. The host takes that back unless it is confirmed in time.
    pub async fn begin(&self, change: &Change) -> Result<(), Failure> {
        let begun = Instant::now();
        let answer = self.script(&self.change(change), "begin", CHANGE_LIMIT).await?;
        self.outcome(change, &answer, "verified")?;
        self.log(&format!("{}: {}", change.service, done(change)), begun);
        Ok(())
    }

    /// Goes on with a change that another connection began, in that boot: `None` where it never got there.
    pub async fn resume(&self, change: &Change, boot: &str) -> Result<Option<()>, Failure> {
        let answer = self.script(&self.change(change).set("boot", boot), "resume", CHANGE_LIMIT).await?;
        if answer.after("absent").is_some() {
            return Ok(None);
        }
        self.outcome(change, &answer, "verified").map(Some)
    }

    /// Ends a change that was begun in that boot.
    pub async fn settle(&self, change: &Change, boot: &str, verdict: Verdict) -> Result<(), Failure> {
        let (call, expected) = match verdict {
            Verdict::Confirm => ("settle confirm", "done"),
            Verdict::Abort => ("settle abort", "reverted"),
        };
        let answer = self.script(&self.change(change).set("boot", boot), call, CHANGE_LIMIT).await?;
        self.outcome(change, &answer, expected)
    }

    fn change(&self, change: &Change) -> Script {
        let paths: Vec<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
        let ports: Vec<String> = change.ports.iter().map(u16::to_string).collect();
        Script::new(&[STAGE, REPORT, RUN_ID, BOOT, BACKGROUND, ORIGINALS, CHANGE])
            .set("service", change.service)
            .set("files", &paths.join(" "))
            .set("gone", &change.gone.join(" "))
            .set("originals", &change.originals.join(" "))
            .set("units", &change.units.join(" "))
            .set("dropped", &change.dropped.join(" "))
            .set("action", change.action.word())
            .set("expected", &change.expected)
            .set("ports", &ports.join(" "))
            .set("vips", &change.vips.iter().map(IpAddr::to_string).collect::<Vec<String>>().join(" "))
            .set("confirm_limit", &(confirm_limit() + change.election.as_secs()).to_string())
    }

    fn outcome(&self, change: &Change, answer: &Answer, expected: &str) -> Result<(), Failure> {
        let (service, said) = (change.service.to_owned(), answer.said.clone());
        let why = |word: &str| answer.after(word).map(str::to_owned);
        if why(expected).is_some() {
            return Ok(());
        }
        if let Some(why) = why("reverted") {
            return Err(self.failed(Cause::Reverted { service, why, said }));
        }
        if let Some(files) = why("restarted") {
            let files = match files.as_str() {
                "new" => FilesLeft::New,
                "old" => FilesLeft::Old,
                _ => FilesLeft::Mixed,
            };
            return Err(self.failed(Cause::Restarted { change: Some((service, files)) }));
        }
        if why("silent").is_some() {
            return Err(self.failed(Cause::Unfinished { service }));
        }
        if let Some(why) = why("refused") {
            return Err(self.failed(match why.as_str() {
                "busy" => Cause::Busy,
                "overtaken" => Cause::Overtaken,
                "room" => Cause::Upload { path: RUN_FOLDER.to_owned(), said },
                _ => Cause::Backup { said },
            }));
        }
        Err(self.failed(Cause::Stuck { service, said }))
    }

    /// Which machines answer to each virtual IP.
    pub async fn claims(&self, vips: &[IpAddr], own: IpAddr) -> Result<Claims, Failure> {
        let vips = vips.iter().map(IpAddr::to_string).collect::<Vec<String>>().join(" ");
        let script = Script::new(&[NEIGHBOUR]).set("program", PROBE).set("vips", &vips);
        let script = script.set("address", &own.to_string());
        let answer = self.script(&script, "claims", Duration::from_secs(30)).await?;
        let mut claims = Claims::default();
        for line in &answer.lines {
            match line.split(' ').collect::<Vec<&str>>().as_slice() {
                ["own", hardware] => drop(claims.own.insert((*hardware).to_owned())),
                ["answers", vip, hardware] => {
                    let Ok(vip) = vip.parse() else { continue };
                    claims.answers.entry(vip).or_default().insert((*hardware).to_owned());
                }
                _ => {}
            }
        }
        Ok(claims)
    }

    /// The host's firewall; none where nothing there reports it. `own` is the address that its peers reach it by.
    pub async fn firewall(&self, own: IpAddr) -> Result<Option<Firewall>, Failure> {
        let script = Script::new(&[REPORT, FIREWALL]).set("address", &own.to_string());
        let answer = self.script(&script, "firewall", Duration::from_secs(20)).await?;
        let word = |name: &str| answer.after(name).filter(|word| *word != "-").map(str::to_owned);
        let rules = word("rules").and_then(|rules| STANDARD.decode(rules).ok());
        let rules = rules.and_then(|rules| Ruleset::parse(&String::from_utf8_lossy(&rules)));
        let interface = word("interface").unwrap_or_default();
        Ok(rules.map(|rules| Firewall { rules, interface, zone: word("zone") }))
    }

    /// The host's own addresses.
    pub async fn addresses(&self) -> Result<BTreeSet<IpAddr>, Failure> {
        let call = "ip -o address show | awk '{ split($4, address, \"/\"); print address[1] }'";
        let answer = self.script(&Script::new(&[]), call, Duration::from_secs(15)).await?;
        Ok(answer.lines.iter().filter_map(|line| line.parse().ok()).collect())
    }

    /// Ends what `record` says is ours; where there is something `left` of it, Keepalived alone.
    pub async fn remove(&self, record: &Record, left: Option<&Record>) -> Result<(), Failure> {
        let begun = Instant::now();
        let of_part = |service: &str| left.is_none() || service == KEEPALIVED;
        let services = [KEEPALIVED, HAPROXY].into_iter().filter(|service| of_part(service)).filter_map(|service| {
            let before = record.services.get(service)?;
            let word = |is: bool| if is { "yes" } else { "no" };
            Some(format!("{service}:{}:{}", word(before.enabled), word(before.active)))
        });
        let files = record.files.keys().filter(|path| left.is_none() || is_of_keepalived(path));
        let files: Vec<&str> = files.map(String::as_str).collect();
        let timer = files.iter().any(|path| path.ends_with("/talosendpoint-server-state.timer"));
        let setup = files.iter().any(|path| path.ends_with("/talosendpoint-setup.service"));
        let units = [(timer, "talosendpoint-server-state.timer"), (setup, "talosendpoint-setup.service")];
        let units: Vec<&str> = units.iter().filter(|(is, _)| *is).map(|(_, unit)| *unit).collect();
        let owner = left.map_or(&record.owner, |left| &left.owner);
        let script = Script::new(&[RUN_ID, BACKGROUND, ORIGINALS, REMOVE])
            .set("services", &services.collect::<Vec<String>>().join(" "))
            .set("files", &files.join(" "))
            .set("originals", &record.originals.iter().map(String::as_str).collect::<Vec<&str>>().join(" "))
            .set("units", &units.join(" "))
            .set("record", &host_files::owner_path(owner))
            .set("left", &left.map(Record::text).unwrap_or_default());
        let answer = match self.script(&script, "begin", CHANGE_LIMIT).await {
            Err(failure) if failure.is_slow() => {
                return Err(self.failed(Cause::Remove { what: None, said: String::new() }));
            }
            answered => answered?,
        };
        if answer.after("removed").is_none() {
            let said = answer.said.clone();
            return Err(self.failed(match answer.after("failed") {
                Some("busy") => Cause::Busy,
                Some("overtaken") => Cause::Overtaken,
                Some("room") => Cause::Upload { path: RUN_FOLDER.to_owned(), said },
                Some(what) => Cause::Remove { what: Some(what.to_owned()), said },
                None => Cause::Remove { what: None, said },
            }));
        }
        self.log(if left.is_none() { "removed" } else { "keepalived: removed" }, begun);
        Ok(())
    }
}

/// Who has virtual IPs, as one host finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The host's own hardware addresses.
    pub own: BTreeSet<String>,
    /// The hardware addresses that answer to each virtual IP; one of the host's own where that has several in the same segment.
    pub answers: BTreeMap<IpAddr, BTreeSet<String>>,
}

fn is_of_keepalived(path: &str) -> bool {
    host_files::service_of(path) == Some(KEEPALIVED)
}

fn written(changes: &[&Change]) -> String {
    let paths = changes.iter().flat_map(|change| &change.files).map(|file| file.path.as_str());
    paths.collect::<Vec<&str>>().join(" ")
}

fn done(change: &Change) -> &'static str {
    use crate::endpoint::haproxy_deployment::plan::diff::Action;
    match change.action {
        Action::None => "files replaced",
        Action::Reload => "reloaded",
        Action::Restart => "restarted",
        Action::Start => "started",
    }
}

/// How long a host waits for the confirmation of a change, in seconds.
pub fn confirm_limit() -> u64 {
    std::env::var(CONFIRM_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(CONFIRM_LIMIT)
}
