//! Every drill on one folder of files, for `make drill`.

use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;

use crate::backends::{self, lose_one};
use crate::failover::{Fault, Limits, fail_over, nothing_ready};
use crate::goals::{FRONT_CUT, HAPROXY_FAULTS, NETWORK_FAULTS};
use crate::haproxy_file::{Server, Service};
use crate::laboratory::Laboratory;
use crate::needed::versions;
use crate::quiet::idle_and_reload;
use crate::setup::Setup;
use crate::table::{Row, Verdict, table};

/// Runs them and prints what happened. The exit code.
pub fn drill(folder: &Path) -> i32 {
    let setup = match Setup::read(folder) {
        Ok(setup) => setup,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            return 2;
        }
    };
    println!("{}", described(&setup));
    println!("This takes about two minutes.\n");
    let with_vip = !setup.vips.is_empty();
    // Several networks of the same files at a time: most of a drill is waiting.
    let parts: [(bool, Drills); 4] =
        [(with_vip, haproxy_drills), (with_vip, network_drills), (true, node_drills), (true, quiet_drills)];
    let results: Vec<(Vec<Row>, Result<(), String>)> = thread::scope(|scope| {
        let wanted = parts.into_iter().filter(|(wanted, _)| *wanted);
        let running: Vec<_> = wanted
            .map(|(_, drills)| {
                let setup = &setup;
                scope.spawn(move || in_laboratory(setup, drills))
            })
            .collect();
        running.into_iter().filter_map(|part| part.join().ok()).collect()
    });
    let rows: Vec<Row> = results.iter().flat_map(|(rows, _)| rows.clone()).collect();
    let mut problems: Vec<String> = results.into_iter().filter_map(|(_, result)| result.err()).collect();
    problems.dedup();
    if !rows.is_empty() {
        println!("{}", table(&[vec![Row::noted(versions(), "")], rows.clone()].concat()));
    }
    problems.iter().for_each(|problem| println!("{problem}\n"));
    code(&rows, &problems)
}

fn code(rows: &[Row], problems: &[String]) -> i32 {
    if rows.iter().any(|row| row.verdict == Verdict::Stuck) {
        1
    } else if !problems.is_empty() {
        2
    } else if rows.iter().all(Row::is_good) {
        0
    } else {
        3
    }
}

/// Drills add rows until something is so wrong that the next one makes no sense.
type Drills = fn(&Laboratory, &mut Vec<Row>) -> Result<(), String>;

/// A panic in there is a fault of the laboratory; it must not hide what was found before.
fn in_laboratory(setup: &Setup, drills: Drills) -> (Vec<Row>, Result<(), String>) {
    let mut rows = Vec::new();
    let run = || {
        let lab = Laboratory::start(setup)?;
        lab.settle()?;
        drills(&lab, &mut rows)
    };
    let result = catch_unwind(AssertUnwindSafe(run));
    (rows, result.unwrap_or_else(|_| Err("The drill itself failed; its reason is above.".to_owned())))
}

fn haproxy_drills(lab: &Laboratory, rows: &mut Vec<Row>) -> Result<(), String> {
    for (fault, goal) in HAPROXY_FAULTS {
        rows.extend(fail_over(lab, fault, Limits::within(goal))?);
    }
    rows.push(nothing_ready(lab)?);
    Ok(())
}

fn network_drills(lab: &Laboratory, rows: &mut Vec<Row>) -> Result<(), String> {
    for (fault, goal) in NETWORK_FAULTS {
        rows.extend(fail_over(lab, fault, Limits::within(goal))?);
    }
    if lab.balancers.iter().any(|balancer| !balancer.further.is_empty()) {
        rows.extend(fail_over(lab, Fault::FrontCut, Limits::within(FRONT_CUT))?);
    }
    Ok(())
}

fn node_drills(lab: &Laboratory, rows: &mut Vec<Row>) -> Result<(), String> {
    for fault in backends::Fault::ALL {
        rows.push(lose_one(lab, fault)?);
    }
    Ok(())
}

fn quiet_drills(lab: &Laboratory, rows: &mut Vec<Row>) -> Result<(), String> {
    rows.extend(idle_and_reload(lab)?);
    Ok(())
}

/// What was understood of the files.
fn described(setup: &Setup) -> String {
    let mut lines = Vec::new();
    for balancer in &setup.balancers {
        let addresses: Vec<String> = balancer.addresses.iter().map(ToString::to_string).collect();
        lines.push(format!("load balancer   {} {} on {}", balancer.name, addresses.join(" "), balancer.interface));
    }
    let vips: Vec<String> = setup.vips.iter().map(ToString::to_string).collect();
    lines.push(format!("VIP             {}", if vips.is_empty() { "none".to_owned() } else { vips.join(" ") }));
    let service = |what: &str, service: &Service| {
        let at: Vec<String> = setup.endpoints(service).iter().map(SocketAddr::to_string).collect();
        let to: Vec<String> =
            service.servers.iter().map(|server| format!("{} {}", server.name, place(server))).collect();
        format!("{what:<15} {} -> {}", at.join(" "), to.join(", "))
    };
    lines.push(service("Kubernetes API", &setup.kubernetes));
    lines.extend(setup.talos.iter().map(|talos| service("Talos API", talos)));
    lines.extend(setup.others.iter().map(|other| service("other", other)));
    lines.join("\n") + "\n"
}

/// An IPv6 address stands in brackets.
fn place(server: &Server) -> String {
    let address: Result<IpAddr, _> = server.host.parse();
    address.map_or_else(
        |_a_name| format!("{}:{}", server.host, server.port),
        |address| SocketAddr::new(address, server.port).to_string(),
    )
}
