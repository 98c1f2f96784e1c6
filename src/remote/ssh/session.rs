//! A host that is logged in to: running commands there.

use std::sync::Arc;
use std::time::Duration;

use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, ChannelReadHalf};
use tokio::time::timeout;

use super::bastions::Bastion;
use super::handler::Handler;
use super::ssh_error::SshError;

/// As much output as is read, in bytes: more than any script of this provider prints.
const OUTPUT_LIMIT: usize = 16 * 1024 * 1024;

/// A connection. It ends when this is dropped.
#[derive(Clone)]
pub struct Session {
    connection: Arc<Connection>,
}

struct Connection {
    handle: Handle<Handler>,
    /// What leads there, which stays open for it.
    _bastion: Option<Arc<Bastion>>,
    to: String,
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its exit status; none where a signal ended it.
    pub status: Option<u32>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl Session {
    pub(super) fn new(handle: Handle<Handler>, bastion: Option<Arc<Bastion>>, to: String) -> Session {
        Session { connection: Arc::new(Connection { handle, _bastion: bastion, to }) }
    }

    /// `HOST:PORT`.
    pub fn to(&self) -> &str {
        &self.connection.to
    }

    /// Runs a command to its end with `input` as standard input. The user's shell reads `command`; what `input` holds appears on no
    /// command line.
    ///
    /// # Errors
    /// If the connection is lost or the command takes longer than `limit`. What it began may go on there.
    pub async fn run(&self, command: &str, input: &[u8], limit: Duration) -> Result<Output, SshError> {
        match timeout(limit, self.run_to_end(command, input)).await {
            Ok(ended) => ended,
            Err(_) => Err(SshError::Slow { to: self.to().to_owned(), limit }),
        }
    }

    async fn run_to_end(&self, command: &str, input: &[u8]) -> Result<Output, SshError> {
        let channel = self.open(command).await?;
        let (mut reader, writer) = channel.split();
        let write = async {
            // A command may end before it has read everything; its status says what that means.
            if writer.data(input).await.is_ok() {
                let _ended = writer.eof().await;
            }
        };
        let read = self.read_to_end(&mut reader);
        tokio::pin!(write, read);
        // Both at once: a command that answers while it reads must not wait for either.
        let mut written = false;
        loop {
            tokio::select! {
                output = &mut read => return output,
                () = &mut write, if !written => written = true,
            }
        }
    }

    async fn read_to_end(&self, reader: &mut ChannelReadHalf) -> Result<Output, SshError> {
        let mut output = Output::default();
        let mut ended = false;
        while let Some(message) = reader.wait().await {
            match message {
                ChannelMsg::Data { data } => output.stdout.extend_from_slice(&data),
                ChannelMsg::ExtendedData { data, .. } => output.stderr.extend_from_slice(&data),
                ChannelMsg::ExitStatus { exit_status } => (output.status, ended) = (Some(exit_status), true),
                ChannelMsg::ExitSignal { .. } => ended = true,
                _ => {}
            }
            if output.stdout.len() + output.stderr.len() > OUTPUT_LIMIT {
                return Err(SshError::TooMuch { to: self.to().to_owned(), bytes: OUTPUT_LIMIT });
            }
        }
        if ended { Ok(output) } else { Err(self.lost()) }
    }

    /// Starts a command that runs beside others, and waits for a line of its output that begins with `prefix`.
    ///
    /// # Errors
    /// If the connection is lost, or there is no such line within `limit`.
    pub async fn start(&self, command: &str, input: &[u8], prefix: &str, limit: Duration) -> Result<Running, SshError> {
        let begun = async {
            let mut channel = self.open(command).await?;
            channel.data(input).await.map_err(|_| self.lost())?;
            let mut said = Vec::new();
            while let Some(message) = channel.wait().await {
                if let ChannelMsg::Data { data } = message {
                    said.extend_from_slice(&data);
                    if let Some(first) = first_line(&said, prefix) {
                        return Ok(Running { channel, to: self.to().to_owned(), first });
                    }
                }
            }
            Err(self.lost())
        };
        match timeout(limit, begun).await {
            Ok(begun) => begun,
            Err(_) => Err(SshError::Slow { to: self.to().to_owned(), limit }),
        }
    }

    async fn open(&self, command: &str) -> Result<Channel<Msg>, SshError> {
        let channel = self.connection.handle.channel_open_session().await;
        let channel = channel.map_err(|error| match error {
            russh::Error::ChannelOpenFailure(_) => SshError::NoSession { to: self.to().to_owned() },
            _ => self.lost(),
        })?;
        channel.exec(true, command).await.map_err(|_| self.lost())?;
        Ok(channel)
    }

    fn lost(&self) -> SshError {
        SshError::Lost { to: self.to().to_owned() }
    }
}

/// The rest of a whole line that begins with `prefix`.
fn first_line(said: &[u8], prefix: &str) -> Option<String> {
    let said = String::from_utf8_lossy(said);
    let whole = said.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    whole.filter_map(|line| line.strip_prefix(prefix)).map(str::to_owned).next()
}

/// A command that runs until this is dropped or the connection ends.
pub struct Running {
    channel: Channel<Msg>,
    /// The host, as errors call it.
    to: String,
    /// The first line that began with the prefix, without it.
    pub first: String,
}

impl Running {
    /// Sends more input.
    ///
    /// # Errors
    /// If the connection is lost, or the command has ended.
    pub async fn send(&self, input: &[u8]) -> Result<(), SshError> {
        self.channel.data(input).await.map_err(|_| SshError::Lost { to: self.to.clone() })
    }

    /// Ends its input.
    pub async fn finish(&self) {
        let _ended = self.channel.eof().await;
        let _closed = self.channel.close().await;
    }
}
