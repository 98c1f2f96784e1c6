//! What a host says while somebody logs in, kept for the one who has to explain why it failed.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use russh::client::RemoteDisconnectInfo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::host_key::HostKeyError;

/// As much of the first line as is kept: that of SSH is no longer (RFC 4253, section 4.2).
const LONGEST_LINE: usize = 255;

/// How the line of an SSH server begins.
const SSH: &str = "SSH-";

/// What one connection has heard so far.
#[derive(Clone, Default)]
pub struct Transcript(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    /// The first bytes, up to the end of their line.
    beginning: Vec<u8>,
    host_key_error: Option<HostKeyError>,
    banner: Option<String>,
    end: Option<End>,
    waits_for_agent: bool,
}

/// How the host ended the connection.
#[derive(Clone)]
struct End {
    is_refusal: bool,
    message: Option<String>,
}

impl Transcript {
    /// Keeps what is wrong with the host's key.
    pub fn refuse(&self, error: HostKeyError) {
        self.heard().host_key_error = Some(error);
    }

    /// Keeps a message to the user.
    pub fn add_banner(&self, banner: &str) {
        if let Some(banner) = one_line(banner) {
            self.heard().banner = Some(banner);
        }
    }

    /// Keeps how the host ended the connection.
    pub fn add_end(&self, info: &RemoteDisconnectInfo) {
        use russh::Disconnect::{IllegalUserName, NoMoreAuthMethodsAvailable};
        // OpenSSH gives this one as an error of the protocol.
        let too_many = info.message.contains("authentication failures");
        let is_refusal = too_many || matches!(info.reason_code, NoMoreAuthMethodsAvailable | IllegalUserName);
        self.heard().end = Some(End { is_refusal, message: one_line(&info.message) });
    }

    /// Keeps that the host takes no way to log in at all.
    pub fn add_refusal(&self) {
        self.heard().end = Some(End { is_refusal: true, message: None });
    }

    /// Keeps whether an agent is to sign at the moment, and nothing comes from the host therefore.
    pub fn set_waits_for_agent(&self, waits: bool) {
        self.heard().waits_for_agent = waits;
    }

    /// Whether an agent is to sign at the moment.
    pub fn waits_for_agent(&self) -> bool {
        self.heard().waits_for_agent
    }

    /// What is wrong with the host's key; once.
    pub fn take_host_key_error(&self) -> Option<HostKeyError> {
        self.heard().host_key_error.take()
    }

    /// The last message to the user since this was asked before, such as what PAM says when it closes an account; on one line.
    pub fn take_banner(&self) -> Option<String> {
        self.heard().banner.take()
    }

    /// Whether the host ended the connection because it lets nobody in so.
    pub fn is_refusal(&self) -> bool {
        self.heard().end.as_ref().is_some_and(|end| end.is_refusal)
    }

    /// Why the host ended the connection, in its own words. OpenSSH says before its version that it takes no connection now.
    pub fn farewell(&self) -> Option<String> {
        let message = self.heard().end.as_ref().and_then(|end| end.message.clone());
        message.or_else(|| self.other_beginning())
    }

    /// The first line, where it isn't one of an SSH server.
    pub fn other_beginning(&self) -> Option<String> {
        let heard = self.heard();
        let text = String::from_utf8_lossy(&heard.beginning);
        one_line(text.lines().next()?).filter(|line| !line.starts_with(SSH))
    }

    fn add(&self, bytes: &[u8]) {
        let mut heard = self.heard();
        if heard.beginning.len() < LONGEST_LINE && !heard.beginning.contains(&b'\n') {
            let most = LONGEST_LINE - heard.beginning.len();
            heard.beginning.extend(bytes.iter().take(most));
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Text of a host without line breaks and control characters; none where nothing is left.
fn one_line(text: &str) -> Option<String> {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// A stream whose beginning goes into a transcript.
pub struct Recorded<S> {
    stream: S,
    transcript: Transcript,
}

impl<S> Recorded<S> {
    /// Records what `stream` says first.
    pub fn new(stream: S, transcript: Transcript) -> Recorded<S> {
        Recorded { stream, transcript }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.transcript.add(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn heard(bytes: &[u8]) -> Transcript {
        let transcript = Transcript::default();
        let mut read = Vec::new();
        let mut stream = Recorded::new(std::io::Cursor::new(bytes.to_vec()), transcript.clone());
        stream.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, bytes);
        transcript
    }

    #[tokio::test]
    async fn what_comes_before_ssh_is_kept_on_one_line() {
        let of = async |bytes: &[u8]| heard(bytes).await.farewell();
        assert_eq!(of(b"Exceeded MaxStartups\r\n").await.as_deref(), Some("Exceeded MaxStartups"));
        assert_eq!(of(b"220 mail\x1b[1m ESMTP\r\n500 what?\r\n").await.as_deref(), Some("220 mail [1m ESMTP"));
        assert_eq!(of(b"SSH-2.0-OpenSSH_9.2\r\n\0\0\x05").await, None);
        assert_eq!(of(b"").await, None);
        assert_eq!(of(&[b'x'; 1000]).await.map(|line| line.len()), Some(LONGEST_LINE));
    }

    #[test]
    fn a_refusal_is_told_from_an_end() {
        let of = |reason_code, message: &str| {
            let transcript = Transcript::default();
            transcript.add_end(&RemoteDisconnectInfo {
                reason_code,
                message: message.to_owned(),
                lang_tag: String::new(),
            });
            (transcript.is_refusal(), transcript.farewell().unwrap_or_default())
        };
        use russh::Disconnect::{ByApplication, NoMoreAuthMethodsAvailable, ProtocolError};
        let openssh = "Too many authentication failures";
        assert_eq!(of(ProtocolError, openssh), (true, openssh.to_owned()));
        assert_eq!(of(NoMoreAuthMethodsAvailable, ""), (true, String::new()));
        assert_eq!(of(ByApplication, "going down"), (false, "going down".to_owned()));
    }
}
