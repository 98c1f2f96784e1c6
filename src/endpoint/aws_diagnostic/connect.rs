//! What to do where no connection came about.

use crate::remote::connect_error::{CertificateFault, ConnectError, ProxyFault};
use crate::remote::proxy::Proxy;
use crate::remote::trust::Authorities;

/// A short title, and a paragraph with the reason and the remedy. `lost` is what an earlier attempt may have done.
pub(super) fn explain(operation: &str, error: &ConnectError, lost: &str) -> (String, String) {
    let (title, reason, remedy) = match error {
        ConnectError::Certificate { host, fault, authorities } => (
            "The certificate is not accepted",
            format!("the certificate of {host} is not accepted ({fault}). Trusted are {authorities}"),
            certificate_remedy(fault, authorities),
        ),
        ConnectError::Proxy { proxy, host, fault } => {
            let (title, reason) = proxy_reason(proxy, host, fault);
            (title, reason, proxy_remedy(fault, proxy.variable, host))
        }
    };
    let sent = if lost.is_empty() { "was not sent" } else { "was sent without an answer, and not sent again" };
    (title.to_owned(), format!("{operation} {sent}: {reason}.{lost}\n\n{remedy}"))
}

fn proxy_reason(proxy: &Proxy, host: &str, fault: &ProxyFault) -> (&'static str, String) {
    let Proxy { address, variable, .. } = proxy;
    match fault {
        ProxyFault::Unreachable(why) => {
            ("The proxy cannot be reached", format!("the proxy {address} ({variable}) cannot be reached: {why}"))
        }
        ProxyFault::Silent => (
            "The proxy makes no connection",
            format!("the proxy {address} ({variable}) made no connection to {host} in time"),
        ),
        ProxyFault::Refused => {
            ("The proxy makes no connection", format!("the proxy {address} ({variable}) refused to connect to {host}"))
        }
        ProxyFault::WantsPassword if proxy.with_password => (
            "The proxy does not let us through",
            format!("the proxy {address} does not accept the user and password in {variable}"),
        ),
        ProxyFault::WantsPassword => (
            "The proxy does not let us through",
            format!("the proxy {address} ({variable}) asks for a user and a password"),
        ),
    }
}

fn proxy_remedy(fault: &ProxyFault, variable: &str, host: &str) -> String {
    let around = "Where no proxy is needed to reach that host, name it in NO_PROXY.";
    match fault {
        ProxyFault::Unreachable(_) => format!("Check {variable}. {around}"),
        ProxyFault::Silent | ProxyFault::Refused => {
            format!("Ask those who run the proxy whether it may connect to {host}, and can. {around}")
        }
        ProxyFault::WantsPassword => format!(
            "Set {variable} to http://USER:PASSWORD@HOST:PORT, with special characters written as in URLs (`@` is \
             %40). Only basic authentication is supported."
        ),
    }
}

fn certificate_remedy(fault: &CertificateFault, authorities: &Authorities) -> String {
    match (fault, authorities) {
        (CertificateFault::Issuer(_), Authorities::Bundle(path)) => format!(
            "Add the certificate of the authority that issued it (a company's own, where a proxy or a private endpoint \
             presents it) to {path}, which `custom_ca_bundle`, AWS_CA_BUNDLE or the profile's `ca_bundle` names."
        ),
        (CertificateFault::Issuer(_), _) => "Where a proxy or a private endpoint has its certificate from a company's \
                                             own authority, name a PEM file with that authority's certificate in \
                                             `custom_ca_bundle` of the provider block or in AWS_CA_BUNDLE."
            .to_owned(),
        (CertificateFault::Time(_), _) => {
            "Check the clock of this machine. If it is right, the certificate must be renewed.".to_owned()
        }
        (CertificateFault::Name(_), _) => {
            "Check the host in endpoint_url, `endpoints` and AWS_ENDPOINT_URL.".to_owned()
        }
        (CertificateFault::Other(_), _) => "Whoever runs that host must present another certificate.".to_owned(),
    }
}
