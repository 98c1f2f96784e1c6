//! MiniStack, a stand-in that takes LocalStack's place: every service of AWS on one port, in memory.

use std::sync::OnceLock;

use super::python_server::{ForkServer, PythonServer};
use super::venv::Venv;

/// Its own program would write a file for each port into the temporary folder, and may remove containers of other MiniStacks.
const LOAD: &str = "\
os.environ['DOCKER_HOST'] = 'unix:///nowhere'
import asyncio
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
config = Config()
";

const SERVE: &str = "config.bind = [f'fd://{fd}']; asyncio.run(serve(app, config))";

/// A MiniStack of one's own; it ends with this value.
pub struct MiniStack(PythonServer);

impl MiniStack {
    /// Starts it and waits until it answers. `venv` is [`Venv::ministack`]'s.
    pub fn start(venv: &Venv) -> MiniStack {
        static FORKS: OnceLock<ForkServer> = OnceLock::new();
        MiniStack(PythonServer::start(FORKS.get_or_init(|| ForkServer::start(venv, LOAD, SERVE))))
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        self.0.url()
    }
}
