//! The first process of a host: this very program again, in the host's namespaces. It does what arrives on its control channel, one
//! line of JSON each, and ends when that closes; the kernel then ends everything else on the host.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Pid;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::authority::Authority;
use super::children::{Children, called, send};
use super::dns;
use super::node;
use super::requests::{Api, Requests, Sample, Stream};

/// Says that this process is part of a host, and which: `agent`, `node` or `dns`.
pub const ROLE: &str = "TALOSENDPOINT_TEST_ROLE";

/// The arguments that lead a test program to its test `host`, which calls [`if_inside`]; other programs call that first of all.
pub const ARGUMENTS: [&str; 4] = ["host", "--exact", "--ignored", "--nocapture"];

/// Where programs are looked for: what the services of a distribution find.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Does what the role says, if this process has one, and never returns then.
pub fn if_inside() {
    match std::env::var(ROLE).as_deref() {
        Ok("agent") => run(),
        Ok("node") => node::run(),
        Ok("dns") => dns::run(),
        _ => return,
    }
    std::process::exit(0);
}

struct Agent {
    children: Children,
    runtime: Runtime,
    requests: HashMap<String, Requests>,
    streams: HashMap<String, Stream>,
}

fn run() {
    let channel = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (requests, streams) = (HashMap::new(), HashMap::new());
    let mut agent = Agent { children: Children::new(), runtime, requests, streams };
    let mut answers = channel.try_clone().unwrap();
    for line in BufReader::new(channel).lines() {
        let order: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = match agent.obey(&order) {
            Ok(value) => json!({"ok": value}),
            Err(error) => json!({"error": error}),
        };
        writeln!(answers, "{answer}").unwrap();
    }
}

fn text<'a>(order: &'a Value, name: &str) -> &'a str {
    order[name].as_str().unwrap_or_default()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// A file that isn't there is locked by nobody.
fn is_locked(path: &str) -> std::io::Result<bool> {
    match fs::File::open(path) {
        Ok(file) => Ok(file.try_lock().is_err()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn ask_socket(path: &str, line: &str) -> std::io::Result<String> {
    let mut socket = UnixStream::connect(path)?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    writeln!(socket, "{line}")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

impl Agent {
    fn obey(&mut self, order: &Value) -> Result<Value, String> {
        let _context = self.runtime.enter();
        let io = |error: std::io::Error| format!("{order}: {error}");
        match text(order, "do") {
            "hello" => Ok(Value::Null),
            "write" => {
                let path = Path::new(text(order, "path"));
                fs::create_dir_all(path.parent().unwrap()).map_err(io)?;
                fs::write(path, text(order, "text")).map_err(io)?;
                let mode = u32::try_from(order["mode"].as_u64().unwrap()).unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(io)?;
                Ok(Value::Null)
            }
            "read" => Ok(String::from_utf8_lossy(&fs::read(text(order, "path")).map_err(io)?).into_owned().into()),
            "exists" => Ok(Path::new(text(order, "path")).exists().into()),
            "is_locked" => Ok(is_locked(text(order, "path")).map_err(io)?.into()),
            "ask_socket" => Ok(ask_socket(text(order, "path"), text(order, "line")).map_err(io)?.into()),
            "run" => {
                let (status, said) = self.children.run(command(order), Duration::from_secs(30))?;
                Ok(json!({"status": status, "said": said}))
            }
            "spawn" => Ok(self.children.spawn(command(order), text(order, "log"))?.into()),
            role @ ("node" | "dns") => {
                let mut command = Command::new("/proc/self/exe");
                command.args(ARGUMENTS).env(ROLE, role);
                Ok(self.children.spawn(command, &format!("/tmp/{role}.log"))?.into())
            }
            "signal" => {
                let pid = order["pid"].as_i64().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
                send(pid.ok_or("no process")?, text(order, "signal"))?;
                Ok(Value::Null)
            }
            "signal_all" => {
                let processes = called(text(order, "program"));
                // One may end by itself in between.
                let reached = processes.iter().filter(|pid| send(**pid, text(order, "signal")).is_ok()).count();
                Ok(reached.into())
            }
            "count" => Ok(called(text(order, "program")).len().into()),
            "holds" => Ok(strings(&order["addresses"]).into_iter().filter(|address| is_local(address)).collect()),
            _ => self.watch(order),
        }
    }

    /// Requests and streams.
    fn watch(&mut self, order: &Value) -> Result<Value, String> {
        let id = text(order, "id").to_owned();
        let to = || text(order, "to").parse::<SocketAddr>().map_err(|error| format!("{order}: {error}"));
        let authority = || Authority::from_json(&order["authority"]);
        let missing = || format!("nothing is called {id}");
        match text(order, "do") {
            "requests" => {
                let api = if text(order, "api") == "talos" { Api::Talos } else { Api::Kubernetes };
                let deadline = Duration::from_millis(order["deadline"].as_u64().unwrap());
                self.requests.insert(id, Requests::start(to()?, api, deadline, &authority()));
                Ok(Value::Null)
            }
            "samples" => {
                let skip = usize::try_from(order["skip"].as_u64().unwrap()).unwrap();
                let samples = self.requests.get(&id).ok_or_else(missing)?.samples(skip);
                Ok(samples.iter().map(Sample::to_json).collect())
            }
            "stop" => {
                let requests = self.requests.get(&id).ok_or_else(missing)?;
                requests.stop();
                Ok(requests.begun().into())
            }
            "stream" => {
                self.streams.insert(id, Stream::open(to()?, &authority()));
                Ok(Value::Null)
            }
            "stream_state" => Ok(self.streams.get(&id).ok_or_else(missing)?.state()),
            other => Err(format!("what is {other:?}?")),
        }
    }
}

fn command(order: &Value) -> Command {
    let words = strings(&order["command"]);
    let mut command = Command::new(&words[0]);
    // Nothing of the user's environment.
    command.args(&words[1..]).env_clear().env("PATH", PATH).env("LANG", "C.UTF-8");
    command
}

/// Is this one of the host's own addresses? Only to such a one can a socket be bound.
fn is_local(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok_and(|address| UdpSocket::bind((address, 0)).is_ok())
}
