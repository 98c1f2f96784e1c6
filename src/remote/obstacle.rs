//! What stood between us and AWS: a certificate that isn't trusted, or a proxy. The SDK's errors say neither which nor what to do.

use std::error::Error;
use std::io;

use rustls::{CertificateError, Error as TlsError};

use super::proxy::Proxy;
use super::trust::Authorities;

/// An obstacle of which enough is known to say what to do. Nothing was sent to AWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A certificate was refused.
    #[error("the certificate of {host} is not accepted: {fault}")]
    Certificate {
        /// Who presented it.
        host: String,
        /// What is wrong with it.
        fault: Fault,
        /// Who is trusted.
        authorities: Authorities,
    },
    /// The proxy made no connection.
    #[error("the proxy {} {trouble}", .proxy.address)]
    Proxy {
        /// Which.
        proxy: Proxy,
        /// What it was asked for, `HOST` or `HOST:PORT`.
        host: String,
        /// Why not.
        trouble: Trouble,
    },
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
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
pub enum Trouble {
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
pub struct Circumstances<'a> {
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

impl Obstacle {
    /// What an error of the HTTP client comes from, if it is one of these.
    pub fn recognise(error: &(dyn Error + 'static), at: &Circumstances<'_>) -> Option<Obstacle> {
        let links: Vec<_> = links(error).collect();
        // The type is private to hyper-util; each of its texts begins so.
        let tunnel = links.iter().map(ToString::to_string).find(|text| text.starts_with("tunnel error: "));
        let refused = links.iter().find_map(|link| match link.downcast_ref::<TlsError>() {
            Some(TlsError::InvalidCertificate(reason)) => Some(Fault::from(reason)),
            _ => None,
        });
        if let Some(fault) = refused {
            // Before the tunnel stands, it is an https:// proxy that presents one.
            let host = tunnel.and(at.proxy).map_or(at.host, |proxy| &proxy.address).to_owned();
            return Some(Obstacle::Certificate { host, fault, authorities: at.authorities.clone() });
        }
        let proxy = at.proxy?;
        let connecting = || {
            let failed = links.iter().find_map(|link| link.downcast_ref::<hyper_util::client::legacy::Error>());
            failed.is_some_and(hyper_util::client::legacy::Error::is_connect)
        };
        let trouble = match tunnel.as_deref() {
            Some("tunnel error: proxy authorization required") => Trouble::WantsPassword,
            Some("tunnel error: failed to create underlying connection") if !at.timed_out => {
                Trouble::Unreachable(innermost(error))
            }
            Some(_) => Trouble::Refused,
            None if at.timed_out && connecting() => Trouble::Silent,
            // For http:// the connection is the one to the proxy; in a tunnel it may be the host that hung up.
            None if connecting() && !at.encrypted => Trouble::Unreachable(innermost(error)),
            None => return None,
        };
        Some(Obstacle::Proxy { proxy: proxy.clone(), host: at.host.to_owned(), trouble })
    }

    /// Whether trying again may help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Obstacle::Proxy { trouble: Trouble::Unreachable(_) | Trouble::Silent | Trouble::Refused, .. })
    }

    /// A short title, and a paragraph with the reason and the remedy.
    pub fn explain(&self, operation: &str) -> (String, String) {
        let (title, reason, remedy) = match self {
            Obstacle::Certificate { host, fault, authorities } => (
                "The certificate is not accepted",
                format!("the certificate of {host} is not accepted ({fault}). Trusted are {authorities}"),
                fault.remedy(authorities),
            ),
            Obstacle::Proxy { proxy, host, trouble } => {
                let Proxy { address, variable, .. } = proxy;
                let (title, reason) = match trouble {
                    Trouble::Unreachable(why) => (
                        "The proxy cannot be reached",
                        format!("the proxy {address} ({variable}) cannot be reached: {why}"),
                    ),
                    Trouble::Silent => (
                        "The proxy makes no connection",
                        format!("the proxy {address} ({variable}) made no connection to {host} in time"),
                    ),
                    Trouble::Refused => (
                        "The proxy makes no connection",
                        format!("the proxy {address} ({variable}) refused to connect to {host}"),
                    ),
                    Trouble::WantsPassword if proxy.with_password => (
                        "The proxy does not let us through",
                        format!("the proxy {address} does not accept the user and password in {variable}"),
                    ),
                    Trouble::WantsPassword => (
                        "The proxy does not let us through",
                        format!("the proxy {address} ({variable}) asks for a user and a password"),
                    ),
                };
                (title, reason, trouble.remedy(variable, host))
            }
        };
        (title.to_owned(), format!("{operation} was not sent: {reason}.\n\n{remedy}"))
    }
}

impl Fault {
    fn remedy(&self, authorities: &Authorities) -> String {
        match (self, authorities) {
            (Fault::Issuer(_), Authorities::Bundle(path)) => format!(
                "Add the certificate of the authority that issued it (a company's own, where a proxy or a private endpoint presents it) to \
                 {path}, which `custom_ca_bundle`, AWS_CA_BUNDLE or the profile's `ca_bundle` names."
            ),
            (Fault::Issuer(_), _) => "Where a proxy or a private endpoint has its certificate from a company's own authority, name a PEM \
                 file with that authority's certificate in `custom_ca_bundle` of the provider block or in AWS_CA_BUNDLE."
                .to_owned(),
            (Fault::Time(_), _) => "Check the clock of this machine. If it is right, the certificate must be renewed.".to_owned(),
            (Fault::Name(_), _) => "Check the host in endpoint_url, `endpoints` and AWS_ENDPOINT_URL.".to_owned(),
            (Fault::Other(_), _) => "Whoever runs that host must present another certificate.".to_owned(),
        }
    }
}

impl Trouble {
    fn remedy(&self, variable: &str, host: &str) -> String {
        let around = "Where no proxy is needed to reach that host, name it in NO_PROXY.";
        match self {
            Trouble::Unreachable(_) => format!("Check {variable}. {around}"),
            Trouble::Silent | Trouble::Refused => {
                format!("Ask those who run the proxy whether it may connect to {host}, and can. {around}")
            }
            Trouble::WantsPassword => format!(
                "Set {variable} to http://USER:PASSWORD@HOST:PORT, with special characters written as in URLs (`@` is %40). Only basic \
                 authentication is supported."
            ),
        }
    }
}

impl From<&CertificateError> for Fault {
    fn from(reason: &CertificateError) -> Fault {
        match reason {
            CertificateError::UnknownIssuer => Fault::Issuer("unknown issuer"),
            // Where an authority has a new key under its old name.
            CertificateError::BadSignature => {
                Fault::Issuer("its issuer has the name of a trusted one, but another key")
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Fault::Time(reason.to_string()),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Fault::Name(reason.to_string())
            }
            _ => Fault::Other(reason.to_string()),
        }
    }
}

/// An error and its causes. What an I/O error carries is not among its own causes, so that is looked for too.
pub(super) fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    })
}

/// The text of the deepest cause, which says what happened; the outer ones say where.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    links(error).last().map(ToString::to_string).unwrap_or_default()
}
