//! The first words between a host and its plugin: what the environment says, and the one line on stdout that answers.
//!
//! Nothing here touches the process: the environment comes in through a function and the line goes out as text.

use std::{ops::RangeInclusive, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::listener::Address;
use super::place::Place;

/// The version of go-plugin's own contract: field 1 of the line. There has never been another.
const CORE_VERSION: u32 = 1;

/// A variable that only a host sets, so that a person who starts the binary gets an explanation instead of a silent
/// process. It isn't a secret.
#[derive(Debug, Clone, Copy)]
pub struct MagicCookie {
    /// Name of the environment variable.
    pub variable: &'static str,
    /// What it must hold, exactly.
    pub value: &'static str,
}

/// What the host asked for in the environment.
#[derive(Debug)]
pub struct Launch {
    /// PEM of the only client to be served. Without it the host wants plain text.
    pub client_certificate: Option<String>,
    /// Where to listen.
    pub place: Place,
    /// Whether the host reads a seventh field. Hosts that don't would take it for a part of the certificate.
    pub multiplexing_offered: bool,
}

/// Why the environment isn't that of a plugin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// No host started this process.
    #[error("the magic cookie is missing")]
    NoCookie,
    /// A port is not a number, or the range is upside down.
    #[error("PLUGIN_MIN_PORT={min:?}, PLUGIN_MAX_PORT={max:?} isn't a range of ports")]
    Ports {
        /// `PLUGIN_MIN_PORT` as found.
        min: String,
        /// `PLUGIN_MAX_PORT` as found.
        max: String,
    },
}

impl Launch {
    /// Reads the environment through `lookup`; a variable that is empty counts as unset.
    ///
    /// `PLUGIN_PROTOCOL_VERSIONS` isn't read: a plugin with one version answers it in any case, and the host words the
    /// mismatch better than we could.
    ///
    /// # Errors
    /// Without the right cookie, or with a range of ports that isn't one.
    pub fn read(cookie: MagicCookie, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, LaunchError> {
        if lookup(cookie.variable).as_deref() != Some(cookie.value) {
            return Err(LaunchError::NoCookie);
        }
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        Ok(Self {
            client_certificate: set("PLUGIN_CLIENT_CERT"),
            place: Place {
                folder: set("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
                group: set("PLUGIN_UNIX_SOCKET_GROUP"),
                ports: ports(set("PLUGIN_MIN_PORT"), set("PLUGIN_MAX_PORT"))?,
                tcp: false,
            },
            multiplexing_offered: set("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }
}

/// The range for TCP. Both ends unset mean port 0, any free one; a single unset end counts as 0, as in go-plugin.
fn ports(min: Option<String>, max: Option<String>) -> Result<RangeInclusive<u16>, LaunchError> {
    let parse = |text: &Option<String>| text.as_deref().map_or(Ok(0), |text| text.trim().parse::<u16>());
    match (parse(&min), parse(&max)) {
        (Ok(low), Ok(high)) if low <= high => Ok(low..=high),
        _ => Err(LaunchError::Ports { min: min.unwrap_or_default(), max: max.unwrap_or_default() }),
    }
}

/// The answer to the host.
#[derive(Debug)]
pub struct Handshake<'a> {
    /// The application protocol: the major version alone, minor ones are never negotiated.
    pub protocol_version: u32,
    /// Where the plugin listens already.
    pub address: &'a Address,
    /// DER of the server's certificate; absent in plain text.
    pub certificate: Option<&'a [u8]>,
    /// Whether to say that connections may be multiplexed.
    pub multiplexing_offered: bool,
}

impl Handshake<'_> {
    /// The line with its newline, ready for a single write.
    ///
    /// The certificate's base64 has no padding: Go decodes it with the raw alphabet, and padding fails there whenever the
    /// length isn't divisible by three.
    pub fn line(&self) -> String {
        let certificate = self.certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
        let (network, address) = (self.address.network(), self.address);
        let multiplexing = if self.multiplexing_offered { "|true" } else { "" };
        format!("{CORE_VERSION}|{}|{network}|{address}|grpc|{certificate}{multiplexing}\n", self.protocol_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOKIE: MagicCookie = MagicCookie { variable: "COOKIE", value: "biscuit" };

    fn read(variables: &[(&str, &str)]) -> Result<Launch, LaunchError> {
        Launch::read(COOKIE, |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_the_exact_cookie_is_accepted() {
        for variables in [&[][..], &[("COOKIE", "")], &[("COOKIE", "biscuits")], &[("cookie", "biscuit")]] {
            assert_eq!(read(variables).unwrap_err(), LaunchError::NoCookie, "{variables:?}");
        }
        assert!(read(&[("COOKIE", "biscuit")]).is_ok());
    }

    #[test]
    fn empty_variables_count_as_unset() {
        let launch = read(&[
            ("COOKIE", "biscuit"),
            ("PLUGIN_CLIENT_CERT", ""),
            ("PLUGIN_UNIX_SOCKET_DIR", ""),
            ("PLUGIN_MULTIPLEX_GRPC", ""),
            ("PLUGIN_MIN_PORT", ""),
        ])
        .unwrap();
        assert!(launch.client_certificate.is_none() && launch.place.folder.is_none() && !launch.multiplexing_offered);
        assert_eq!(launch.place.ports, 0..=0);
    }

    #[test]
    fn a_range_of_ports_is_read_and_nonsense_refused() {
        let with = |min, max| read(&[("COOKIE", "biscuit"), ("PLUGIN_MIN_PORT", min), ("PLUGIN_MAX_PORT", max)]);
        assert_eq!(with("10000", "25000").unwrap().place.ports, 10000..=25000);
        assert_eq!(with("7", "7").unwrap().place.ports, 7..=7);
        for (min, max) in [("2", "1"), ("ten", "20"), ("1", "70000"), ("-1", "5"), ("5", "")] {
            let error = with(min, max).unwrap_err();
            assert_eq!(error, LaunchError::Ports { min: min.into(), max: max.into() });
        }
    }

    #[test]
    fn the_line_has_six_fields_and_a_seventh_only_when_asked() {
        let address = Address::Tcp(([127, 0, 0, 1], 10001).into());
        let mut handshake =
            Handshake { protocol_version: 6, address: &address, certificate: None, multiplexing_offered: false };
        assert_eq!(handshake.line(), "1|6|tcp|127.0.0.1:10001|grpc|\n");
        handshake.multiplexing_offered = true;
        assert_eq!(handshake.line(), "1|6|tcp|127.0.0.1:10001|grpc||true\n");
    }

    #[test]
    fn base64_has_no_padding_whatever_the_length() {
        let address = Address::Tcp(([127, 0, 0, 1], 1).into());
        for (der, text) in [(&[1][..], "AQ"), (&[1, 2], "AQI"), (&[1, 2, 3], "AQID"), (&[0xfb, 0xff], "+/8")] {
            let handshake = Handshake {
                protocol_version: 6,
                address: &address,
                certificate: Some(der),
                multiplexing_offered: false,
            };
            assert_eq!(handshake.line(), format!("1|6|tcp|127.0.0.1:1|grpc|{text}\n"));
        }
    }
}
