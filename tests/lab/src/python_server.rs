//! A stand-in written in Python, as a process of one's own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::http;
use super::venv::Venv;

/// Ends the process with its standard input, so also when the one that started it is killed.
const END_WITH_STDIN: &str = "\
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
";

/// How long a loaded machine may take to start Python.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A Python server in its own process group; it ends with this value.
pub struct PythonServer {
    server: Child,
    url: String,
}

impl PythonServer {
    /// Runs `code`, which must serve on a free port of 127.0.0.1 and say on standard error `Running on http://127.0.0.1:PORT`, and waits
    /// until AWS's STS answers there.
    pub fn start(venv: &Venv, code: &str) -> PythonServer {
        let mut server = Command::new(venv.python())
            .arg("-c")
            .arg(format!("{END_WITH_STDIN}{code}"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("PYTHONUNBUFFERED", "1")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let (found, url) = mpsc::channel();
        // Reads on after the address: a full pipe would stop the server.
        std::thread::spawn(move || {
            let mut said = String::new();
            for line in lines.map_while(Result::ok) {
                match line.split_once("Running on ").and_then(|(_, rest)| rest.split_whitespace().next()) {
                    Some(url) => drop(found.send(Ok(url.to_owned()))),
                    None => said.push_str(&line),
                }
            }
            drop(found.send(Err(said)));
        });
        let url = match url.recv_timeout(START_LIMIT) {
            Ok(Ok(url)) => url,
            other => panic!("the stand-in did not start: {other:?}"),
        };
        let server = PythonServer { server, url };
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
        // An error says that it has ended already.
        let _ended = kill_process_group(Pid::from_child(&self.server), Signal::KILL);
        let _reaped = self.server.wait();
    }
}
