//! A certificate as it is shown to a person.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::prelude::{ASN1Time, FromDer, GeneralName, X509Certificate, X509Name};

/// The longest text that is taken from a certificate: whoever made it may be anybody.
const LONGEST: usize = 200;

/// How many names of a certificate are kept.
const MOST_NAMES: usize = 100;

/// What there is to know of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The DNS names and addresses that it is for, in its order.
    pub names: Vec<String>,
    /// Who issued it, such as `O=example`; empty where it doesn't say.
    pub issuer: String,
    /// Whether its subject is its issuer.
    pub self_signed: bool,
    /// Valid from then on.
    pub not_before: Moment,
    /// Valid until then.
    pub not_after: Moment,
}

/// A point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since the beginning of 1970, UTC.
    pub seconds: i64,
    /// The same as RFC 3339 writes it: `2026-11-29T08:00:00Z`.
    pub text: String,
}

impl Certificate {
    /// Reads one; none where it can't be read.
    pub fn parse(der: &[u8]) -> Option<Certificate> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let names = alternatives.map(|names| names.value.general_names.iter().filter_map(name).take(MOST_NAMES));
        let validity = certificate.validity();
        Some(Certificate {
            names: names.map(Iterator::collect).unwrap_or_default(),
            issuer: distinguished(certificate.issuer()),
            self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw()
                && certificate.subject().iter().next().is_some(),
            not_before: moment(validity.not_before),
            not_after: moment(validity.not_after),
        })
    }

    /// Whether it is for `host`, a DNS name or an address. A star stands for one label, the first (RFC 6125, section 6.4.3).
    pub fn is_for(&self, host: &str) -> bool {
        if let Ok(address) = host.parse::<IpAddr>() {
            return self.names.iter().any(|name| name.parse() == Ok(address));
        }
        let host = host.trim_end_matches('.');
        self.names.iter().any(|name| name.eq_ignore_ascii_case(host) || under_star(name, host))
    }
}

/// The name of an authority, from the DER that a server sends.
pub fn authority(der: &[u8]) -> String {
    X509Name::from_der(der).map(|(_, name)| distinguished(&name)).unwrap_or_default()
}

fn under_star(pattern: &str, host: &str) -> bool {
    let (Some(rest), Some((_, parent))) = (pattern.strip_prefix("*."), host.split_once('.')) else { return false };
    rest.contains('.') && rest.eq_ignore_ascii_case(parent)
}

/// Attributes without a value say nothing: `O=` is as good as no name.
fn distinguished(name: &X509Name<'_>) -> String {
    let attributes = name.iter_attributes().filter_map(|attribute| {
        let value = printable(attribute.as_str().ok()?);
        let oid = attribute.attr_type().to_id_string();
        let short = match oid.as_str() {
            "2.5.4.3" => "CN",
            "2.5.4.6" => "C",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            _ => &oid,
        };
        (!value.is_empty()).then(|| format!("{short}={value}"))
    });
    attributes.collect::<Vec<_>>().join(", ")
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(printable(name)),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| Ipv4Addr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical().to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Without what would disturb a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

fn moment(time: ASN1Time) -> Moment {
    let at = time.to_datetime();
    let date = format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    let text = format!("{date}T{:02}:{:02}:{:02}Z", at.hour(), at.minute(), at.second());
    Moment { seconds: time.timestamp(), text }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn certificate(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Certificate::parse(params.self_signed(&key).unwrap().der()).unwrap()
    }

    #[test]
    fn names_issuer_and_time_are_read() {
        let read = certificate(&["api.example.com", "10.0.0.10", "2001:db8::10"], |params| {
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(DnType::OrganizationName, "exam\u{7}ple");
            params.not_after = rcgen::date_time_ymd(2031, 2, 3);
        });
        assert_eq!(read.names, ["api.example.com", "10.0.0.10", "2001:db8::10"]);
        assert_eq!((read.issuer.as_str(), read.self_signed), ("O=example", true));
        assert_eq!(read.not_after, Moment { seconds: 1_927_843_200, text: "2031-02-03T00:00:00Z".to_owned() });
    }

    #[test]
    fn a_certificate_without_names_of_anybody_is_no_self_signed_one() {
        let nameless = |name: Option<&str>| {
            certificate(&["a.example"], |params| {
                params.distinguished_name = rcgen::DistinguishedName::new();
                name.into_iter().for_each(|name| params.distinguished_name.push(DnType::OrganizationName, name));
            })
        };
        assert_eq!((nameless(None).issuer.as_str(), nameless(None).self_signed), ("", false));
        assert_eq!(nameless(Some("")).issuer, "", "an empty value is no name");
        assert_eq!(Certificate::parse(b"no certificate"), None);
    }

    #[test]
    fn a_star_stands_for_one_label() {
        let wild = certificate(&["*.example.com", "10.0.0.10", "2001:db8::a"], |_| {});
        let addresses = ["10.0.0.10", "2001:db8::a", "2001:DB8:0:0::A"];
        for host in ["api.example.com", "API.example.com", "api.example.com."].into_iter().chain(addresses) {
            assert!(wild.is_for(host), "{host}");
        }
        for host in ["example.com", "a.api.example.com", "10.0.0.11", "2001:db8::b", "api.example.org"] {
            assert!(!wild.is_for(host), "{host}");
        }
        assert!(!certificate(&["*.com"], |_| {}).is_for("example.com"), "a star above a registry stands for nobody");
    }
}
