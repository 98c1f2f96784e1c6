//! What a host has at this moment.

use std::time::Duration;

use super::shell::{Script, Shell, ShellError};
use crate::endpoint::haproxy_deployment::model::desired::{HAPROXY, KEEPALIVED, STATE_TIMER};
use crate::endpoint::haproxy_deployment::model::inventory::{GREETING, Inventory};
use crate::endpoint::host_files;

/// Reports, and changes nothing.
pub const REPORT: &str = include_str!("script/report.sh");

/// Asks the host. `socket` is HAProxy's administrative one.
///
/// # Errors
/// If it can't be asked.
pub async fn current(shell: &Shell, socket: &str, limit: Duration) -> Result<Inventory, ShellError> {
    let paths: Vec<&str> = host_files::all_paths().into_iter().map(|(path, _)| path).collect();
    let script = Script::new(&[REPORT])
        .set("paths", &paths.join(" "))
        .set("services", &[HAPROXY, KEEPALIVED, STATE_TIMER].join(" "))
        .set("socket", socket);
    let answer = shell.run(&script, "report", limit).await?;
    let report = format!("{GREETING}\n{}\nend\n", answer.lines.join("\n"));
    Inventory::parse(&report).ok_or(ShellError::NoShell { reason: "the report is not whole".to_owned() })
}
