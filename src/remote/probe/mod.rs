//! What a server answers whose address is known: name, connection, TLS, HTTP. Every connection is a fresh one, goes to the server itself,
//! by way of no proxy, and ends with the first answer. Nothing is trusted and nothing secret is sent, so a certificate is recorded and never
//! refused. In reading order:

mod observation;
mod certificate;
mod lookup;
mod tls;
mod http;
mod attempt;
mod prober;
mod vantage;

pub use certificate::{Certificate, Moment};
pub use observation::*;
pub use prober::{MOST_SOCKETS, Prober};
pub use vantage::{machine_name, proxy_for};
