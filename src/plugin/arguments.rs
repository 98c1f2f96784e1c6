//! The command line of a plugin: hosts pass nothing, people pass little.

use std::ffi::OsString;

/// What the process is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Serve the host that started us: no arguments.
    Serve,
    /// Serve any host that is told our address: `--debug`.
    Debug,
    /// Read a state of another provider's resources, and print what brings it over: `migrate`.
    Migrate,
    /// Print the version: `--version`.
    Version,
    /// Print the usage: `--help`.
    Help,
}

/// An argument that means nothing here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown argument {0:?}")]
pub struct UnknownArgument(pub OsString);

/// Reads the arguments after the program's name. One dash serves as well as two, as in Go programs.
///
/// # Errors
/// At the first argument that isn't known, and at any after the first.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, UnknownArgument> {
    let mut arguments = arguments.into_iter();
    let Some(first) = arguments.next() else {
        return Ok(Command::Serve);
    };
    let command = match first.to_str() {
        Some("--debug" | "-debug") => Command::Debug,
        Some("migrate") => Command::Migrate,
        Some("--version" | "-version" | "-V") => Command::Version,
        Some("--help" | "-help" | "-h") => Command::Help,
        _ => return Err(UnknownArgument(first)),
    };
    arguments.next().map_or(Ok(command), |surplus| Err(UnknownArgument(surplus)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_all(arguments: &[&str]) -> Result<Command, UnknownArgument> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn each_command_is_known_by_its_flag() {
        for (arguments, command) in [
            (&[][..], Command::Serve),
            (&["--debug"], Command::Debug),
            (&["-debug"], Command::Debug),
            (&["migrate"], Command::Migrate),
            (&["--version"], Command::Version),
            (&["-h"], Command::Help),
        ] {
            assert_eq!(parse_all(arguments), Ok(command), "{arguments:?}");
        }
    }

    #[test]
    fn anything_else_is_named() {
        for (arguments, surplus) in [
            (&["serve"][..], "serve"),
            (&["--Debug"], "--Debug"),
            (&[""], ""),
            (&["--debug", "--version"], "--version"),
            (&["migrate", "state.json"], "state.json"),
        ] {
            assert_eq!(parse_all(arguments), Err(UnknownArgument(surplus.into())), "{arguments:?}");
        }
    }
}
