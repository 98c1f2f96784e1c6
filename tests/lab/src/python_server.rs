//! Stand-ins written in Python. One process loads the stand-in's modules, which takes seconds of computing, and forks a server of its
//! own for each test.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::http;
use super::venv::Venv;

/// Obeys `start` and `end PID`. It ends with its standard input, so also when the one that started it is killed, and its servers with it.
/// A child that has ended stays known until it is waited for: no other process can have its number. It is the one
/// that listens, so that a server's address comes with the answer: what two processes say has no order. Its answers have a pipe of their
/// own: where the servers log to it as well, a line of theirs that isn't whole yet would take an answer with it.
const FORK: &str = "\
import os, signal, socket, sys
answers = os.dup(1)
os.dup2(2, 1)
def answer(text):
    os.write(answers, (text + '\\n').encode())
LOAD
for order in iter(sys.stdin.readline, ''):
    if order == 'start\\n':
        listener = socket.create_server(('127.0.0.1', 0), backlog=128)
        port = listener.getsockname()[1]
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            fd = listener.detach()
            SERVE
            os._exit(0)
        listener.close()
        answer(f'forked {pid} {port}')
    else:
        pid = int(order.split()[1])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        answer(f'ended {pid}')
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
    answers: Receiver<String>,
    /// The last that the process and its servers wrote to standard error.
    log: Arc<Mutex<String>>,
}

impl ForkServer {
    /// Runs `load` once, and `serve` in each server: statements in one line, the latter of which serves on `fd`, a socket that listens.
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
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let kept = log.clone();
        // Reads on to the end: a full pipe would stop the servers.
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| keep(&kept, line)));
        let stdin = process.stdin.take().unwrap();
        ForkServer { orders: Mutex::new(Orders { stdin, answers, log }) }
    }

    /// The number and the address of a new server.
    fn fork(&self) -> (u32, String) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = orders.give("start");
        let (pid, port) =
            answer.strip_prefix("forked ").and_then(|rest| rest.split_once(' ')).expect("forked PID PORT");
        (pid.parse().unwrap(), format!("http://127.0.0.1:{port}"))
    }

    fn end(&self, pid: u32) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = orders.give(&format!("end {pid}"));
        assert_eq!(answer, format!("ended {pid}"));
    }
}

impl Orders {
    /// Gives an order and waits for its answer.
    fn give(&mut self, order: &str) -> String {
        // Where it has ended, the answer that doesn't come says so, and why.
        let _ = writeln!(self.stdin, "{order}");
        self.answers.recv_timeout(LIMIT).unwrap_or_else(|error| {
            let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            panic!("the stand-in doesn't answer `{order}` ({error}): {log}")
        })
    }
}

/// The last of it: why something ends stands at its end.
fn keep(log: &Mutex<String>, line: String) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    if log.len() > 10_000 {
        log.clear();
    }
    *log += &(line + "\n");
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
        // The socket listens already, so this waits for the first accept.
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
