//! Checkers that are written in Go: fetched from the module proxy and built where both are there.

use std::path::PathBuf;
use std::process::Command;

use lab::programs;
use lab::skip::Missing;

/// A Go program that the module proxy has, at a version (`MODULE/cmd/NAME@VERSION`), built into a scratch folder.
///
/// # Errors
/// If there is no Go, or no module proxy.
pub fn installed(package: &str) -> Result<PathBuf, Missing> {
    let go = programs::find("go").or_else(|_| programs::find("/usr/local/go/bin/go"))?;
    let folder = lab::build::scratch().join("go-tools");
    let output = Command::new(go)
        .args(["install", package])
        .env("GOBIN", &folder)
        .env("GOTOOLCHAIN", "local") // an old Go would fetch a newer one behind our back
        .env_remove("GOFLAGS")
        .output()
        .unwrap();
    let name = package.rsplit('/').next().unwrap().split('@').next().unwrap();
    if output.status.success() {
        return Ok(folder.join(name));
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Missing(format!("a Go module proxy, for {name} ({})", said.lines().next().unwrap_or_default())))
}
