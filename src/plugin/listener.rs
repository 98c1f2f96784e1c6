//! Where the host reaches us: a Unix socket for its owner alone, or a port on the loopback interface.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
};

use tokio::net::TcpListener;

use super::connection::Connection;
use super::place::Place;
#[cfg(unix)]
use super::unix_socket::UnixSocket;

/// An address as the host reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Path of a Unix socket: UTF-8, without `|` and line breaks, so that it fits a handshake line.
    Unix(String),
    /// A port on 127.0.0.1.
    Tcp(SocketAddr),
}

impl Address {
    /// The network's name in Go: `unix` or `tcp`.
    pub fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => f.write_str(path),
            Self::Tcp(address) => address.fmt(f),
        }
    }
}

/// A listening socket. A Unix socket's file is removed when this is dropped.
#[derive(Debug)]
pub struct Listener {
    address: Address,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    #[cfg(unix)]
    Unix(UnixSocket),
    Tcp(TcpListener),
}

impl Listener {
    /// Starts to listen; must be called inside a runtime.
    ///
    /// TCP serves where it is asked for, on Windows, and where the system has no usable temporary folder (an empty root,
    /// or one whose path doesn't fit a socket address). A folder that the host named must work.
    ///
    /// # Errors
    /// When the named folder or group is unusable or no port in the range is free.
    pub async fn open(place: &Place) -> io::Result<Self> {
        #[cfg(unix)]
        if !place.tcp {
            match UnixSocket::bind(place) {
                Ok((path, socket)) => {
                    return Ok(Self { address: Address::Unix(path), socket: Socket::Unix(socket) });
                }
                Err(error) if place.folder.is_some() || place.group.is_some() => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, "no Unix socket here, serving on loopback TCP")
                }
            }
        }
        let listener = first_free(place.ports.clone()).await?;
        Ok(Self { address: Address::Tcp(listener.local_addr()?), socket: Socket::Tcp(listener) })
    }

    /// What goes into the handshake line.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The next connection, before any TLS.
    ///
    /// # Errors
    /// As of accept(2); the listener stays usable.
    pub async fn accept(&self) -> io::Result<Connection> {
        match &self.socket {
            #[cfg(unix)]
            Socket::Unix(socket) => Ok(Connection::new(socket.accept().await?)),
            Socket::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Connection::new(stream))
            }
        }
    }
}

/// Only 127.0.0.1: with mutual TLS off, whoever reaches the port can drive the plugin.
async fn first_free(ports: RangeInclusive<u16>) -> io::Result<TcpListener> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for port in ports {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(ports: RangeInclusive<u16>) -> Place {
        Place { ports, tcp: true, ..Place::default() }
    }

    #[tokio::test]
    async fn a_taken_port_is_skipped_and_a_full_range_is_an_error() {
        let first = Listener::open(&tcp(0..=0)).await.unwrap();
        let Address::Tcp(taken) = *first.address() else { panic!("{:?}", first.address()) };
        assert!(taken.ip().is_loopback());
        assert!(Listener::open(&tcp(taken.port()..=taken.port())).await.is_err());
        let last = taken.port().saturating_add(50);
        let Address::Tcp(next) = *Listener::open(&tcp(taken.port()..=last)).await.unwrap().address() else { panic!() };
        assert!(next.port() > taken.port() && next.port() <= last);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_socket_is_its_owners_and_goes_with_the_listener() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        let mut place = Place { folder: Some(folder.path().to_owned()), ..Place::default() };
        let listener = Listener::open(&place).await.unwrap();
        let path = listener.address().to_string();
        let metadata = std::fs::metadata(&path).unwrap();
        assert!(metadata.file_type().is_socket());
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), 1, "nothing but the socket");
        drop(listener);
        assert_eq!(files(), 0);

        place.folder = Some(folder.path().join("missing"));
        assert!(Listener::open(&place).await.is_err(), "a named folder must work");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_group_is_let_in() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        // One's own group is the only one that chown allows without privileges.
        let own = std::fs::metadata(folder.path()).unwrap().gid();
        let place = Place { folder: Some(folder.path().to_owned()), group: Some(own.to_string()), ..Place::default() };
        let listener = Listener::open(&place).await.unwrap();
        let metadata = std::fs::metadata(listener.address().to_string()).unwrap();
        assert_eq!((metadata.gid(), metadata.permissions().mode() & 0o777), (own, 0o660));
    }
}
