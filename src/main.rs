//! The provider's process: reads the command line, starts the workers, serves.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Read, Write},
    process::ExitCode,
    sync::Arc,
};

use talosendpoint::framework::engine::Engine;
use talosendpoint::plugin::{
    self, Options, ServeError,
    arguments::{self, Command},
    handshake::{LaunchError, MagicCookie},
};
use talosendpoint::protocol;
use talosendpoint::provider::{TalosEndpoint, migrate};
use tokio::runtime::{Builder, Runtime};
use tonic::service::Routes;

const OPTIONS: Options = Options {
    // Terraform's and OpenTofu's own, the same for every provider.
    cookie: MagicCookie {
        variable: "TF_PLUGIN_MAGIC_COOKIE",
        value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    },
    protocol_version: 6,
    source_addresses: &[
        "registry.terraform.io/talosendpoint/talosendpoint",
        "registry.opentofu.org/talosendpoint/talosendpoint",
    ],
    tcp_variable: "TALOSENDPOINT_TCP",
};

const USAGE: &str = "\
usage: terraform-provider-talosendpoint [--debug | --version | --help]
       terraform show -json | terraform-provider-talosendpoint migrate

  --debug    serve without being started by Terraform, and print the
             TF_REATTACH_PROVIDERS that makes Terraform use this process

`migrate` reads a state with an `aws_lb` in front of a Talos control plane, and
prints the file that brings it over to talosendpoint_nlb. What the file can't
say is on standard error.
";

const EXPLANATION: &str = r#"This is the talosendpoint provider for Terraform and OpenTofu. It isn't run by hand:
terraform and tofu start it where a configuration names it:

  terraform {
    required_providers {
      talosendpoint = {
        source = "talosendpoint/talosendpoint"
      }
    }
  }

To try a build or attach a debugger, start it with --debug.
"#;

fn main() -> ExitCode {
    match arguments::parse(env::args_os().skip(1)) {
        Ok(Command::Serve) => serve(false),
        Ok(Command::Debug) => serve(true),
        Ok(Command::Migrate) => migrate_state(),
        Ok(Command::Version) => say(io::stdout(), concat!(env!("CARGO_PKG_VERSION"), "\n"), 0),
        Ok(Command::Help) => say(io::stdout(), USAGE, 0),
        Err(unknown) => say(io::stderr(), format_args!("{unknown}\n{USAGE}"), 2),
    }
}

fn serve(debug: bool) -> ExitCode {
    plugin::panic::install();
    if let Err(error) = plugin::log::install(&["talosendpoint"]) {
        return say(io::stderr(), format_args!("{error}\n"), 1);
    }
    let workers = match workers() {
        Ok(workers) => workers,
        Err(error) => {
            return say(io::stderr(), format_args!("can't start workers: {error}\n"), 1);
        }
    };
    let serve = if debug { plugin::debug::serve } else { plugin::serve };
    let engine = Arc::new(Engine::new(Arc::new(TalosEndpoint::default())));
    let routes = Routes::new(protocol::service(engine));
    let served = serve(routes, workers.handle().clone(), &OPTIONS);
    // Requests that the host no longer waits for must not keep the process.
    workers.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(ServeError::Launch(LaunchError::NoCookie)) => say(io::stderr(), EXPLANATION, 1),
        Err(error) => say(io::stderr(), format_args!("{error}\n"), 1),
    }
}

/// From a state on standard input to a file on standard output. Status 2: there is nothing to bring over.
fn migrate_state() -> ExitCode {
    if io::stdin().is_terminal() {
        return say(io::stderr(), USAGE, 2);
    }
    let mut state = Vec::new();
    if let Err(error) = io::stdin().read_to_end(&mut state) {
        return say(io::stderr(), format_args!("can't read the state: {error}\n"), 1);
    }
    match migrate::migrate(&state) {
        Ok(migration) => {
            say(io::stderr(), migration.notes.iter().map(|note| format!("- {note}\n")).collect::<String>(), 0);
            // Half a file would be half a migration.
            let mut out = io::stdout().lock();
            match out.write_all(migration.file.as_bytes()).and_then(|()| out.flush()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => say(io::stderr(), format_args!("the file is not whole: {error}\n"), 1),
            }
        }
        Err(reason) => say(io::stderr(), format_args!("{reason}\n"), 2),
    }
}

/// Handlers mostly wait for others, so two threads are plenty: one that computes doesn't hold up StopProvider. More would
/// cost memory and start-up time in every one of the many processes of a run.
fn workers() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

fn say(mut stream: impl Write, text: impl Display, code: u8) -> ExitCode {
    // Nobody is left to be told when this fails.
    let _ = write!(stream, "{text}");
    ExitCode::from(code)
}
