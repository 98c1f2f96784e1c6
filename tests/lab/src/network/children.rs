//! How the first process of a host starts programs and reaps them. Orphans come to it too: unreaped they would be zombies, which
//! `pidof` and `killall -0` take for living.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::clock::poll;

/// Exit statuses by process id: the code, or `-N` where signal N ended it.
type Ended = HashMap<i32, i32>;

/// All children of this process.
pub struct Children {
    ended: Arc<Mutex<Ended>>,
}

impl Children {
    /// Reaps from now on, in a thread.
    pub fn new() -> Children {
        let ended = Arc::new(Mutex::new(Ended::new()));
        let shared = ended.clone();
        std::thread::spawn(move || {
            loop {
                // The lock keeps a child that is just being started from being reaped by both sides.
                let mut ended = shared.lock().unwrap();
                while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
                    let signal = || -status.terminating_signal().unwrap_or_default();
                    ended.insert(pid.as_raw_nonzero().get(), status.exit_status().unwrap_or_else(signal));
                }
                drop(ended);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Children { ended }
    }

    /// Starts a program whose outputs go to the file `log`; its process id.
    pub fn spawn(&mut self, command: Command, log: &str) -> Result<i32, String> {
        let file = File::create(log).map_err(|error| format!("{log}: {error}"))?;
        self.start(command, file)
    }

    fn start(&mut self, mut command: Command, outputs: File) -> Result<i32, String> {
        let described = format!("{command:?}");
        let both = outputs.try_clone().map_err(|error| format!("{described}: {error}"))?;
        // The folder of the test may be under one that this host has of its own; HAProxy wants to come back to where it was started.
        command.current_dir("/").stdin(Stdio::null()).stdout(outputs).stderr(both);
        let mut ended = self.ended.lock().unwrap();
        let child = command.spawn().map_err(|error| format!("{described}: {error}"))?;
        let pid = i32::try_from(child.id()).unwrap();
        ended.remove(&pid);
        Ok(pid)
    }

    /// Starts a program and waits for its end: its status and what it said.
    pub fn run(&mut self, command: Command, limit: Duration) -> Result<(i32, String), String> {
        let described = format!("{command:?}");
        let failed = |error: std::io::Error| format!("{described}: {error}");
        // A file without a name: a mount on /tmp doesn't take it away.
        let mut outputs = tempfile::tempfile().map_err(failed)?;
        let pid = self.start(command, outputs.try_clone().map_err(failed)?)?;
        let status = poll(limit, || self.ended.lock().unwrap().remove(&pid));
        let status = status.ok_or_else(|| format!("{described} still ran after {limit:?}"))?;
        let mut said = Vec::new();
        outputs.seek(SeekFrom::Start(0)).and_then(|_| outputs.read_to_end(&mut said)).map_err(failed)?;
        Ok((status, String::from_utf8_lossy(&said).into_owned()))
    }
}

/// The processes of this host whose program is called `name`, zombies left out.
pub fn called(name: &str) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").unwrap();
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (start, rest) = stat.rsplit_once(") ")?;
        let alive = !rest.starts_with(['Z', 'X']);
        (alive && start.split_once('(')?.1 == name).then(|| Pid::from_raw(pid)).flatten()
    })
    .collect()
}

/// Sends a signal by its name.
pub fn send(pid: Pid, signal: &str) -> Result<(), String> {
    let signal = match signal {
        "KILL" => Signal::KILL,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        "TERM" => Signal::TERM,
        "USR2" => Signal::USR2,
        "HUP" => Signal::HUP,
        other => return Err(format!("no signal {other}")),
    };
    kill_process(pid, signal).map_err(|error| format!("signal to {}: {error}", pid.as_raw_nonzero()))
}
