//! What the plugin prints on stdout by mistake, and where it goes.
//!
//! After the handshake line the host throws stdout away, and stops reading it for good after one line over 64 KiB: from
//! then on the pipe fills and the next `println!` blocks forever. So stdout becomes a pipe of our own, read by a thread
//! (not a task: nothing that polls may block, and nothing that blocks may wait for a poll), and its content goes to the host through
//! `StreamStdio`, where it turns into warnings in the log.

use std::{
    io::{self, Read},
    sync::Arc,
    thread,
    time::Duration,
};

use tokio::sync::{Mutex, mpsc};

/// As large as the host's log shows; it cuts longer pieces.
const CHUNK: usize = 1024;

/// Chunks kept for a host that doesn't read: 1 MiB.
const CAPACITY: usize = 1024;

/// How long a full buffer holds up whoever prints before the text is dropped instead. Pauses of [`PAUSE`].
const PAUSES: u32 = 25;
const PAUSE: Duration = Duration::from_millis(10);

/// Stray output on its way to the host.
///
/// Clones share one queue: several streams take turns, and one that is opened after another has ended continues it.
#[derive(Debug, Clone)]
pub struct StrayOutput {
    chunks: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>,
    // Without a capture this keeps the queue open, so that the stream idles instead of ending.
    _open: Option<mpsc::Sender<Vec<u8>>>,
}

impl StrayOutput {
    /// No capture: nothing will ever come. For debug mode, where stdout is a person's terminal.
    pub fn none() -> Self {
        let (sender, receiver) = mpsc::channel(1);
        Self { chunks: Arc::new(Mutex::new(receiver)), _open: Some(sender) }
    }

    /// Takes over the process's stdout. Call it once, after the handshake line.
    ///
    /// # Errors
    /// When the system gives no pipe or no thread.
    #[cfg(unix)]
    pub fn capture() -> io::Result<Self> {
        // The host's end of stdout stays open, unused: it reads the end of stdout as the end of the process.
        let original = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
        let (reader, writer) = io::pipe()?;
        rustix::stdio::dup2_stdout(&writer)?;
        drop(writer);
        let (sender, receiver) = mpsc::channel(CAPACITY);
        thread::Builder::new().name("stray-output".to_owned()).spawn(move || {
            pump(reader, &sender);
            drop(original);
        })?;
        Ok(Self { chunks: Arc::new(Mutex::new(receiver)), _open: None })
    }

    /// Without a safe way to replace stdout, stray output is left to the host.
    ///
    /// # Errors
    /// None here.
    #[cfg(not(unix))]
    pub fn capture() -> io::Result<Self> {
        Ok(Self::none())
    }

    /// The next piece; waits while there is none.
    pub async fn next(&self) -> Option<Vec<u8>> {
        self.chunks.lock().await.recv().await
    }
}

/// Reads until the last writer is gone. A reader that is slow is waited for once, then skipped until it has caught up.
fn pump(mut stdout: impl Read, sender: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = [0; CHUNK];
    let mut dropped = 0;
    loop {
        let length = match stdout.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        if dropped > 0 && sender.try_send(format!("[{dropped} bytes of output dropped]\n").into_bytes()).is_ok() {
            dropped = 0;
        }
        let pauses = if dropped == 0 { PAUSES } else { 0 };
        if !try_send(sender, buffer[..length].to_vec(), pauses) {
            dropped += length;
        }
    }
}

fn try_send(sender: &mpsc::Sender<Vec<u8>>, mut chunk: Vec<u8>, pauses: u32) -> bool {
    for _ in 0..pauses {
        match sender.try_send(chunk) {
            Ok(()) => return true,
            Err(mpsc::error::TrySendError::Closed(_)) => return false,
            Err(mpsc::error::TrySendError::Full(back)) => chunk = back,
        }
        thread::sleep(PAUSE);
    }
    sender.try_send(chunk).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn output_arrives_in_order_and_complete() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let (sender, receiver) = mpsc::channel(4);
        let output = StrayOutput { chunks: Arc::new(Mutex::new(receiver)), _open: None };
        let source = text.clone();
        let thread = thread::spawn(move || pump(source.as_slice(), &sender));
        let mut arrived = Vec::new();
        while let Some(chunk) = output.next().await {
            assert!(chunk.len() <= CHUNK);
            arrived.extend(chunk);
        }
        thread.join().unwrap();
        assert_eq!(arrived, text);
    }

    #[test]
    fn without_a_reader_the_rest_is_dropped_and_counted() {
        let (sender, mut receiver) = mpsc::channel(2);
        pump(&[b'x'; 10 * CHUNK][..], &sender);
        assert_eq!(receiver.try_recv().unwrap(), [b'x'; CHUNK]);
        assert_eq!(receiver.try_recv().unwrap(), [b'x'; CHUNK]);
        assert!(receiver.try_recv().is_err());

        // Eight chunks lost, then room again: the loss is said before the text goes on.
        let (sender, mut receiver) = mpsc::channel(1);
        sender.try_send(b"old".to_vec()).unwrap();
        struct Source(mpsc::Receiver<Vec<u8>>, u32, Vec<Vec<u8>>);
        impl Read for Source {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.1 += 1;
                if self.1 == 3 || self.1 == 4 {
                    self.2.push(self.0.try_recv().unwrap());
                }
                let length = if self.1 > 3 { 0 } else { 5 };
                buffer[..length].fill(b'y');
                Ok(length)
            }
        }
        let (_, empty) = mpsc::channel(1);
        let mut source = Source(std::mem::replace(&mut receiver, empty), 0, Vec::new());
        pump(&mut source, &sender);
        assert_eq!(source.2, [b"old".to_vec(), b"[10 bytes of output dropped]\n".to_vec()]);
    }
}
