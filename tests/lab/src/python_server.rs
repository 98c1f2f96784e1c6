//! Stand-ins written in Python. One process loads the stand-in's modules, which takes seconds of computing, and forks a server of its
//! own for each test.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::http;
use super::venv::Venv;

/// Obeys `start` and `end PID`. It ends with its standard input, so also when the one that started it is killed, and its servers with it.
/// A child that has ended stays known until it is waited for: no other process can have its number.
const FORK: &str = "\
import os, signal, sys
def say(what, pid):
    # In one piece: the servers write their logs to the same pipe.
    os.write(2, f'{what} {pid}\\n'.encode())
LOAD
for order in iter(sys.stdin.readline, ''):
    if order == 'start\\n':
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            SERVE
            os._exit(0)
        say('Forked', pid)
    else:
        pid = int(order.split()[1])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        say('Ended', pid)
os.killpg(0, signal.SIGKILL)
";

/// How long a loaded machine may take to start Python.
const LIMIT: Duration = Duration::from_secs(60);

/// A process that forks servers of one kind.
pub struct ForkServer {
    orders: Mutex<Orders>,
}

struct Orders {
    stdin: ChildStdin,
    events: Receiver<Event>,
}

/// What the process and its servers say that matters here.
#[derive(Debug)]
enum Event {
    Forked(u32),
    Running(String),
    Ended(u32),
    /// There is no more; everything else that was said.
    Over(String),
}

impl ForkServer {
    /// Runs `load` once, and `serve` in each server: statements in one line, the latter of which serves on a free port of 127.0.0.1 and
    /// says on standard error `Running on http://127.0.0.1:PORT`.
    pub fn start(venv: &Venv, load: &str, serve: &str) -> ForkServer {
        // It ends with this process, by the end of its standard input, and needs no one to wait for it.
        #[allow(clippy::zombie_processes)]
        let mut process = Command::new(venv.python())
            .arg("-c")
            .arg(FORK.replace("LOAD", load).replace("SERVE", serve))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("PYTHONUNBUFFERED", "1")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (sender, events) = mpsc::channel();
        // Reads on to the end: a full pipe would stop the servers.
        std::thread::spawn(move || listen(stderr, &sender));
        let stdin = process.stdin.take().unwrap();
        ForkServer { orders: Mutex::new(Orders { stdin, events }) }
    }

    /// The number and the address of a new server.
    fn fork(&self) -> (u32, String) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.give("start");
        let pid = orders.wait(|event| if let Event::Forked(pid) = event { Some(pid) } else { None });
        (pid, orders.wait(|event| if let Event::Running(url) = event { Some(url) } else { None }))
    }

    fn end(&self, pid: u32) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.give(&format!("end {pid}"));
        orders.wait(|event| if let Event::Ended(ended) = event { (ended == pid).then_some(()) } else { None });
    }
}

impl Orders {
    fn give(&mut self, order: &str) {
        writeln!(self.stdin, "{order}").unwrap();
    }

    /// The next event that is meant; others are passed over.
    fn wait<T>(&self, meant: impl Fn(Event) -> Option<T>) -> T {
        loop {
            match self.events.recv_timeout(LIMIT) {
                Ok(Event::Over(said)) => panic!("the stand-in ended: {said}"),
                Ok(event) => match meant(event) {
                    Some(found) => return found,
                    None => continue,
                },
                Err(error) => panic!("the stand-in says nothing: {error}"),
            }
        }
    }
}

fn listen(stderr: impl BufRead, events: &Sender<Event>) {
    let mut said = String::new();
    for line in stderr.lines().map_while(Result::ok) {
        let number = |rest: &str| rest.trim().parse().ok();
        let forked = line.strip_prefix("Forked ").and_then(number).map(Event::Forked);
        let ended = || line.strip_prefix("Ended ").and_then(number).map(Event::Ended);
        let url = || line.split_once("Running on ").and_then(|(_, rest)| rest.split_whitespace().next());
        match forked.or_else(ended).or_else(|| url().map(|url| Event::Running(url.to_owned()))) {
            Some(event) => drop(events.send(event)),
            // The last of it: why something ends stands at its end.
            None if said.len() < 10_000 => said = said + &line + "\n",
            None => said = line,
        }
    }
    drop(events.send(Event::Over(said)));
}

/// A Python server; it ends with this value.
pub struct PythonServer {
    forks: &'static ForkServer,
    pid: u32,
    url: String,
}

impl PythonServer {
    /// Forks one, and waits until AWS's STS answers there.
    pub fn start(forks: &'static ForkServer) -> PythonServer {
        let (pid, url) = forks.fork();
        let server = PythonServer { forks, pid, url };
        // The address is printed before the first accept; the socket is bound already, so this waits.
        http::query(&server.url, "sts", "GetCallerIdentity", &[]);
        server
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for PythonServer {
    fn drop(&mut self) {
        self.forks.end(self.pid);
    }
}
