//! Why no connection to AWS came about: a certificate that isn't trusted, or a proxy. The SDK's errors don't say which.

use std::error::Error;

use rustls::{CertificateError, Error as TlsError};

use super::error_chain::{innermost, links};
use super::proxy::Proxy;
use super::trust::Authorities;

/// A failed connection whose cause is known. Nothing was sent to AWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// A certificate was refused.
    #[error("the certificate of {host} is not accepted: {fault}")]
    Certificate {
        /// Who presented it.
        host: String,
        /// What is wrong with it.
        fault: CertificateFault,
        /// Who is trusted.
        authorities: Authorities,
    },
    /// The proxy made no connection.
    #[error("the proxy {} {fault}", .proxy.address)]
    Proxy {
        /// Which.
        proxy: Proxy,
        /// What it was asked for, `HOST` or `HOST:PORT`.
        host: String,
        /// Why not.
        fault: ProxyFault,
    },
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Nobody who is trusted signed it.
    #[error("{0}")]
    Issuer(&'static str),
    /// It has expired or isn't valid yet, by this machine's clock.
    #[error("{0}")]
    Time(String),
    /// It is for another host.
    #[error("{0}")]
    Name(String),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// Why a proxy made no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyFault {
    /// There is none, or not there.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It said nothing, or the host behind it didn't.
    #[error("made no connection in time")]
    Silent,
    /// It said no; with what words is lost in the HTTP client.
    #[error("refused to connect")]
    Refused,
    /// It wants to know who asks.
    #[error("asks for a user and a password")]
    WantsPassword,
}

/// What the client knows beside the error.
pub struct ConnectContext<'a> {
    /// `HOST` or `HOST:PORT` of the request.
    pub host: &'a str,
    /// The proxy on the way.
    pub proxy: Option<&'a Proxy>,
    /// Whether the request is for `https://`.
    pub encrypted: bool,
    /// Who is trusted.
    pub authorities: &'a Authorities,
    /// Whether a time limit ended it.
    pub timed_out: bool,
}

impl ConnectError {
    /// What an error of the HTTP client comes from, if it is one of these.
    pub fn recognise(error: &(dyn Error + 'static), at: &ConnectContext<'_>) -> Option<ConnectError> {
        let links: Vec<_> = links(error).collect();
        // The type is private to hyper-util; each of its texts begins so.
        let tunnel = links.iter().map(ToString::to_string).find(|text| text.starts_with("tunnel error: "));
        let refused = links.iter().find_map(|link| match link.downcast_ref::<TlsError>() {
            Some(TlsError::InvalidCertificate(reason)) => Some(CertificateFault::from(reason)),
            _ => None,
        });
        if let Some(fault) = refused {
            // Before the tunnel stands, it is an https:// proxy that presents one.
            let host = tunnel.and(at.proxy).map_or(at.host, |proxy| &proxy.address).to_owned();
            return Some(ConnectError::Certificate { host, fault, authorities: at.authorities.clone() });
        }
        let proxy = at.proxy?;
        let connecting = || {
            let failed = links.iter().find_map(|link| link.downcast_ref::<hyper_util::client::legacy::Error>());
            failed.is_some_and(hyper_util::client::legacy::Error::is_connect)
        };
        let fault = match tunnel.as_deref() {
            Some("tunnel error: proxy authorization required") => ProxyFault::WantsPassword,
            Some("tunnel error: failed to create underlying connection") if !at.timed_out => {
                ProxyFault::Unreachable(innermost(error))
            }
            Some(_) => ProxyFault::Refused,
            None if at.timed_out && connecting() => ProxyFault::Silent,
            // For http:// the connection is the one to the proxy; in a tunnel it may be the host that hung up.
            None if connecting() && !at.encrypted => ProxyFault::Unreachable(innermost(error)),
            None => return None,
        };
        Some(ConnectError::Proxy { proxy: proxy.clone(), host: at.host.to_owned(), fault })
    }

    /// Whether trying again may help.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            ConnectError::Proxy { fault: ProxyFault::Unreachable(_) | ProxyFault::Silent | ProxyFault::Refused, .. }
        )
    }
}

impl From<&CertificateError> for CertificateFault {
    fn from(reason: &CertificateError) -> CertificateFault {
        match reason {
            CertificateError::UnknownIssuer => CertificateFault::Issuer("unknown issuer"),
            // Where an authority has a new key under its old name.
            CertificateError::BadSignature => {
                CertificateFault::Issuer("its issuer has the name of a trusted one, but another key")
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => CertificateFault::Time(reason.to_string()),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                CertificateFault::Name(reason.to_string())
            }
            _ => CertificateFault::Other(reason.to_string()),
        }
    }
}
