//! Outside programs in process groups of their own: nothing that a test starts outlives it.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// What a program left behind.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Exit code; `-N` where signal N ended it.
    pub status: i32,
    /// All of standard output.
    pub stdout: String,
    /// All of standard error.
    pub stderr: String,
}

impl Outcome {
    /// Itself, when it ended with 0.
    ///
    /// # Panics
    /// With all that the program said when it didn't.
    #[track_caller]
    pub fn ok(self) -> Outcome {
        self.with_status(0)
    }

    /// Itself, when it ended with `status`.
    ///
    /// # Panics
    /// With all that the program said when it didn't.
    #[track_caller]
    pub fn with_status(self, status: i32) -> Outcome {
        assert_eq!(self.status, status, "{}", self.said());
        self
    }

    /// Both outputs, for messages and for `contains`: errors first, because a long message may be cut.
    pub fn said(&self) -> String {
        format!("{}\n{}", self.stderr, self.stdout)
    }

    /// Both outputs as one line with single spaces and without Terraform's box characters, because Terraform breaks
    /// the lines of a diagnostic to the width of the terminal.
    pub fn flat(&self) -> String {
        let said = self.said().replace(['│', '╷', '╵'], " ");
        let words: Vec<&str> = said.split_whitespace().collect();
        words.join(" ")
    }
}

/// A running program, leader of a process group of its own. Dropping it kills the whole group.
pub struct Running {
    child: Child,
    status: Option<ExitStatus>,
    stdout: Output,
    stderr: Output,
    described: String,
}

impl Running {
    /// Starts `command` with both outputs collected and nothing on standard input.
    pub fn start(mut command: Command) -> Running {
        let described = format!("{command:?}");
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{described}: {error}"));
        Running {
            stdout: Output::of(child.stdout.take().unwrap()),
            stderr: Output::of(child.stderr.take().unwrap()),
            child,
            status: None,
            described,
        }
    }

    /// What Ctrl-C does in a terminal: SIGINT to every process of the group.
    pub fn interrupt(&self) {
        // It may just have ended; then there is nothing to interrupt.
        let _ended = kill_process_group(self.pid(), Signal::INT);
    }

    /// Waits until it has written `text`; false where it hasn't within `limit`.
    pub fn wait_for(&self, text: &str, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        loop {
            if self.stdout.so_far().contains(text) || self.stderr.so_far().contains(text) {
                return true;
            }
            if Instant::now() >= end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGKILL to the program alone, not to what it started.
    pub fn kill_leader(&self) {
        kill_process(self.pid(), Signal::KILL).unwrap();
    }

    /// SIGKILL to the program's direct children whose executable's file name starts with `prefix`; their number.
    pub fn kill_children(&self, prefix: &str) -> usize {
        let mut killed = 0;
        for child in self.children() {
            if child.program.starts_with(prefix) && kill_process(child.pid, Signal::KILL).is_ok() {
                killed += 1;
            }
        }
        killed
    }

    /// The program's direct children that are alive.
    pub fn children(&self) -> Vec<Process> {
        let parent = self.pid();
        let all = processes().into_iter();
        all.filter(|process| process.parent == parent.as_raw_nonzero().get()).collect()
    }

    /// The living processes of the group, the program itself included.
    pub fn group(&self) -> Vec<Process> {
        let group = self.pid().as_raw_nonzero().get();
        let all = processes().into_iter();
        all.filter(|process| process.group == group).collect()
    }

    /// Waits for the end; `None` when it is still running after `limit`. Whoever still holds its outputs (an orphan of
    /// a killed program) is killed, so that they end.
    pub fn wait(&mut self, limit: Duration) -> Option<Outcome> {
        let end = Instant::now() + limit;
        while self.status.is_none() {
            self.status = self.child.try_wait().unwrap();
            if self.status.is_none() {
                if Instant::now() >= end {
                    return None;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        self.wait_for_orphans(end);
        self.kill_group();
        let status = self.status?;
        Some(Outcome {
            status: status.code().unwrap_or_else(|| -status.signal().unwrap_or_default()),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        })
    }

    /// As [`Running::wait`].
    ///
    /// # Panics
    /// With what was said so far when it is still running after `limit`; it is killed then.
    #[track_caller]
    pub fn finish(mut self, limit: Duration) -> Outcome {
        if let Some(outcome) = self.wait(limit) {
            return outcome;
        }
        self.kill_group();
        let said = self.wait(Duration::from_secs(10));
        panic!(
            "{} still ran after {limit:?}; it had said: {}",
            self.described,
            said.map_or_else(String::new, |outcome| outcome.said())
        );
    }

    /// Process id, which is also the group's.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// What outlives its parent for a moment (a provider that notices that Terraform is gone) gets that moment.
    fn wait_for_orphans(&self, end: Instant) {
        let end = end.min(Instant::now() + Duration::from_secs(5));
        while !self.group().is_empty() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn kill_group(&self) {
        // An error says that the group is empty already: what was wanted.
        let _empty = kill_process_group(self.pid(), Signal::KILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill_group();
        // Reaps the leader; fails only where that has been done.
        let _reaped = self.child.wait();
    }
}

/// A living process, as /proc shows it (a zombie is not one).
#[derive(Debug, Clone)]
pub struct Process {
    /// Process id.
    pub pid: Pid,
    /// Parent's process id.
    pub parent: i32,
    /// Process group.
    pub group: i32,
    /// File name of the executable; empty where it can't be read.
    pub program: String,
}

/// Every living process of the machine.
pub fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").unwrap();
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(process).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses and may hold spaces: count from the last parenthesis.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    Some(Process { pid: Pid::from_raw(pid)?, parent, group, program: file_name(program) })
}

fn file_name(path: PathBuf) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// What a program writes, as it comes.
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn of<R: Read + Send + 'static>(mut from: R) -> Output {
        let text = Arc::new(Mutex::new(Vec::new()));
        let writing = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            let mut part = [0; 4096];
            loop {
                match from.read(&mut part) {
                    Ok(length @ 1..) => writing.lock().unwrap().extend_from_slice(&part[..length]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // What was read before an error is what there is to show.
                    Ok(0) | Err(_) => return,
                }
            }
        });
        Output { text, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    /// All of it; waits until nobody can write any more.
    fn whole(&mut self) -> String {
        self.reader.take().into_iter().for_each(|reader| reader.join().unwrap());
        self.so_far()
    }
}
