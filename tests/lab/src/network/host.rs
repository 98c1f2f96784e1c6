//! One host, seen from the test: what can be told to it.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::agent::{ARGUMENTS, ROLE};
use super::authority::Authority;
use super::clock::{Moment, poll};
use super::requests::{Api, Sample, moment};

/// Where a host of [`Host::start_seeing`] has that folder.
pub const SEEN: &str = "/mnt";

/// A host with namespaces of its own for network, processes, mounts and names, and with empty `/run` and `/tmp`. Dropping it ends all of it.
pub struct Host {
    /// What it is called in messages.
    pub name: String,
    unshare: Child,
    first: i32,
    channel: Mutex<BufReader<UnixStream>>,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Exit code; `-N` where signal N ended it.
    pub status: i32,
    /// Both outputs.
    pub said: String,
}

/// How an idle stream fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamState {
    /// When it was open.
    pub opened: Option<Moment>,
    /// When it ended, and how.
    pub ended: Option<(Moment, String)>,
}

impl Host {
    /// Makes it.
    ///
    /// # Panics
    /// Where the kernel or the lack of rights forbids namespaces.
    pub fn start(name: &str) -> Host {
        let host = Host::bare(name);
        host.own_folders();
        host
    }

    /// Makes one that has `folder` of this machine at [`SEEN`]: its own `/run` and `/tmp` may hide where that is.
    pub fn start_seeing(name: &str, folder: &Path) -> Host {
        let host = Host::bare(name);
        host.check(&["mount", "--bind", &folder.display().to_string(), SEEN]);
        host.own_folders();
        host
    }

    fn own_folders(&self) {
        for folder in ["/run", "/tmp"] {
            self.check(&["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", folder]);
        }
    }

    fn bare(name: &str) -> Host {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc", "--"]);
        command.arg(std::env::current_exe().unwrap()).args(ARGUMENTS).env(ROLE, "agent");
        // What it names may be hidden there.
        command.env_remove("TMPDIR");
        command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
        let unshare = command.spawn().unwrap_or_else(|error| panic!("unshare: {error}"));
        drop(command); // and with it our copy of the host's end of the channel
        ours.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut host = Host { name: name.to_owned(), unshare, first: 0, channel: Mutex::new(BufReader::new(ours)) };
        host.order(json!({"do": "hello"}));
        host.first = host.first_process();
        host.ip("link set lo up");
        host
    }

    /// The machine's id of the host's first process; its namespaces are found by it.
    fn first_process(&self) -> i32 {
        let pid = self.unshare.id();
        let children = format!("/proc/{pid}/task/{pid}/children");
        let read = || std::fs::read_to_string(&children).ok()?.trim().parse().ok();
        poll(Duration::from_secs(10), read).unwrap_or_else(|| panic!("{}: no first process", self.name))
    }

    /// The machine's id of the host's first process.
    pub fn pid(&self) -> i32 {
        self.first
    }

    /// # Panics
    /// When the host is gone.
    fn ask(&self, order: &Value) -> Result<Value, String> {
        let mut channel = self.channel.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut line = String::new();
        let sent = writeln!(channel.get_mut(), "{order}").and_then(|()| channel.read_line(&mut line));
        assert!(sent.is_ok_and(|length| length > 0), "{}: gone at {}", self.name, order["do"]);
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        match answer.get("error") {
            Some(error) => Err(format!("{}: {}", self.name, error.as_str().unwrap_or_default())),
            None => Ok(answer["ok"].take()),
        }
    }

    #[track_caller]
    fn order(&self, order: Value) -> Value {
        self.ask(&order).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Writes a file on the host; folders are made.
    pub fn write(&self, path: &str, text: &str, mode: u32) {
        self.order(json!({"do": "write", "path": path, "text": text, "mode": mode}));
    }

    /// Reads a file of the host; empty where there is none.
    pub fn read(&self, path: &str) -> String {
        self.ask(&json!({"do": "read", "path": path})).map_or_else(|_| String::new(), |text| string(&text))
    }

    /// Whether something is at `path` on the host.
    pub fn exists(&self, path: &str) -> bool {
        self.order(json!({"do": "exists", "path": path})).as_bool().unwrap()
    }

    /// Whether some process of the host has locked the file at `path`.
    pub fn is_locked(&self, path: &str) -> bool {
        self.order(json!({"do": "is_locked", "path": path})).as_bool().unwrap()
    }

    /// What a program of the host answers to a line at its socket; empty where none listens.
    pub fn ask_socket(&self, path: &str, line: &str) -> String {
        self.ask(&json!({"do": "ask_socket", "path": path, "line": line}))
            .map_or_else(|_| String::new(), |text| string(&text))
    }

    /// Runs a program on the host to its end.
    pub fn run(&self, command: &[&str]) -> Ended {
        let answer = self.order(json!({"do": "run", "command": command}));
        Ended { status: number(&answer["status"]), said: string(&answer["said"]) }
    }

    /// As [`Host::run`], for what must succeed.
    #[track_caller]
    pub fn check(&self, command: &[&str]) {
        let ended = self.run(command);
        assert_eq!(ended.status, 0, "{}: {command:?}: {}", self.name, ended.said);
    }

    /// Starts a program on the host; its process id there. What it says goes to the file `log`.
    pub fn spawn(&self, command: &[&str], log: &str) -> i32 {
        number(&self.order(json!({"do": "spawn", "command": command, "log": log})))
    }

    /// Starts the node that [`super::node::CONFIG`] describes; its process id on the host.
    pub fn spawn_node(&self) -> i32 {
        number(&self.order(json!({"do": "node"})))
    }

    /// Starts a DNS server that knows `names`, lines as in `/etc/hosts`; its process id on the host.
    pub fn spawn_dns(&self, names: &str) -> i32 {
        self.write(super::dns::NAMES, names, 0o644);
        number(&self.order(json!({"do": "dns"})))
    }

    /// Sends a signal to one process of the host.
    pub fn signal(&self, pid: i32, signal: &str) {
        self.order(json!({"do": "signal", "pid": pid, "signal": signal}));
    }

    /// Sends a signal to all processes of that name; how many there were.
    pub fn signal_all(&self, program: &str, signal: &str) -> i32 {
        number(&self.order(json!({"do": "signal_all", "program": program, "signal": signal})))
    }

    /// How many processes of that name live on the host.
    pub fn count(&self, program: &str) -> i32 {
        number(&self.order(json!({"do": "count", "program": program})))
    }

    /// Those of `addresses` that the host has.
    pub fn holds(&self, addresses: &[IpAddr]) -> Vec<IpAddr> {
        let answer = self.order(json!({"do": "holds", "addresses": addresses}));
        answer.as_array().unwrap().iter().map(|one| one.as_str().unwrap().parse().unwrap()).collect()
    }

    /// Begins steady requests.
    pub fn start_requests(&self, id: &str, to: SocketAddr, api: Api, deadline: Duration, authority: &Authority) {
        let api = if api == Api::Talos { "talos" } else { "kubernetes" };
        let deadline = u64::try_from(deadline.as_millis()).unwrap();
        let authority = authority.to_json();
        self.order(
            json!({"do": "requests", "id": id, "to": to, "api": api, "deadline": deadline, "authority": authority}),
        );
    }

    /// The requests that are over, from the `skip`th on.
    pub fn samples(&self, id: &str, skip: usize) -> Vec<Sample> {
        let answer = self.order(json!({"do": "samples", "id": id, "skip": skip}));
        answer.as_array().unwrap().iter().map(Sample::from_json).collect()
    }

    /// Ends steady requests; those under way go on. How many were begun.
    pub fn stop_requests(&self, id: &str) -> usize {
        usize::try_from(number(&self.order(json!({"do": "stop", "id": id})))).unwrap()
    }

    /// Opens an idle stream.
    pub fn open_stream(&self, id: &str, to: SocketAddr, authority: &Authority) {
        self.order(json!({"do": "stream", "id": id, "to": to, "authority": authority.to_json()}));
    }

    /// How that stream fares.
    pub fn stream(&self, id: &str) -> StreamState {
        let answer = self.order(json!({"do": "stream_state", "id": id}));
        let at = |name: &str| (!answer[name].is_null()).then(|| moment(&answer[name]));
        StreamState { opened: at("opened"), ended: at("ended").map(|moment| (moment, string(&answer["reason"]))) }
    }

    /// Runs lines of `ip` in the host's network.
    ///
    /// # Panics
    /// With what `ip` said when it refuses one.
    #[track_caller]
    pub fn ip(&self, lines: &str) {
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &self.first.to_string(), "ip", "-batch", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("nsenter: {error}"));
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{lines}").unwrap();
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}: {lines}\n{}", self.name, String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Its first process ends with it, and everything on the host with that.
        let _gone = self.unshare.kill();
        let _reaped = self.unshare.wait();
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}
