//! Servers that are forked: each one's own, and gone with what they belong to.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lab::http::send;
use lab::moto::Moto;
use lab::need;
use lab::venv::Venv;

fn is_gone(url: &str) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if send(url, "GET", "/", &[], "").is_err() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn each_has_a_state_of_its_own_and_ends_with_its_value() {
    let venv = need!(Venv::get());
    let (first, second) = (Moto::start(&venv), Moto::start(&venv));
    assert_ne!(first.url(), second.url());
    first.security_group("only-here");
    assert_ne!(first.network().vpc_id, second.network().vpc_id);
    let url = first.url().to_owned();
    drop(first);
    assert!(is_gone(&url));
    assert_eq!(second.network().subnets.len(), 6);
}

#[test]
fn it_ends_with_a_test_program_that_is_killed() {
    need!(Venv::get());
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "moto::waits_to_be_killed", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.into_iter().find_map(|line| Some(line.split_once("moto is at ")?.1.to_owned())).unwrap();
    assert!(send(&url, "GET", "/", &[], "").is_ok());
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(is_gone(&url));
}

#[test]
#[ignore = "killed by the test above"]
fn waits_to_be_killed() {
    let moto = Moto::start(&Venv::get().unwrap());
    println!("moto is at {}", moto.url());
    std::thread::sleep(Duration::from_secs(60));
}
