//! Who answers where the Talos API is expected, told by what it asks of its client.
//!
//! apid asks for a certificate of the Talos authority, which has issued its own one too. A node in maintenance mode asks for none, and
//! its certificate is from an authority without a name, made at boot. Everybody else is a stranger.

use crate::remote::probe::Shown;

/// The organization in the Talos authority's name (`talosctl gen secrets`).
const TALOS: &str = "O=talos";

/// The organization in the Kubernetes authority's name.
const KUBERNETES: &str = "O=kubernetes";

/// Who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The Talos API.
    Apid,
    /// A node that has no machine configuration yet.
    Maintenance,
    /// The Kubernetes API.
    ApiServer,
    /// Something else.
    Stranger,
}

/// Whether an authority has the name that Talos gives to that of Kubernetes.
pub fn is_of_kubernetes(authority: &str) -> bool {
    has(authority, KUBERNETES)
}

fn has(name: &str, part: &str) -> bool {
    name.split(", ").any(|attribute| attribute == part)
}

/// Tells who it is from a handshake in which something was shown.
pub fn identity(shown: &Shown) -> Identity {
    let issuer = shown.certificate.as_ref().map(|certificate| certificate.issuer.as_str());
    match &shown.accepted_authorities {
        None if issuer == Some("") => Identity::Maintenance,
        None if issuer.is_some_and(is_of_kubernetes) => Identity::ApiServer,
        None => Identity::Stranger,
        Some(names) if names.iter().any(|name| has(name, TALOS)) => Identity::Apid,
        Some(names) if names.iter().any(|name| is_of_kubernetes(name)) => Identity::ApiServer,
        // Another name for the authority is possible; without any name it can't be told.
        Some(names) if names.is_empty() || names.iter().any(|name| Some(name.as_str()) == issuer) => Identity::Apid,
        Some(_) => Identity::Stranger,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::probe::{Certificate, Moment};

    fn shown(issuer: &str, authorities: Option<&[&str]>) -> Identity {
        let moment = Moment { seconds: 0, text: String::new() };
        let certificate = Certificate {
            names: Vec::new(),
            issuer: issuer.to_owned(),
            self_signed: false,
            not_before: moment.clone(),
            not_after: moment,
        };
        let accepted = authorities.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        identity(&Shown { certificate: Some(certificate), accepted_authorities: accepted })
    }

    #[test]
    fn it_is_told_by_what_it_asks_for() {
        assert_eq!(shown("O=talos", Some(&["O=talos"])), Identity::Apid);
        assert_eq!(shown("O=talos", Some(&["O=old", "O=talos"])), Identity::Apid, "while authorities are rotated");
        assert_eq!(shown("O=mine", Some(&["O=mine"])), Identity::Apid, "an authority of the user's");
        assert_eq!(shown("O=mine", Some(&[])), Identity::Apid);
        assert_eq!(shown("", None), Identity::Maintenance);
        assert_eq!(shown("O=kubernetes", Some(&["O=kubernetes", "CN=front-proxy"])), Identity::ApiServer);
        assert_eq!(shown("O=kubernetes", None), Identity::ApiServer);
        assert_eq!(shown("O=company", None), Identity::Stranger);
        assert_eq!(shown("O=company", Some(&["O=other"])), Identity::Stranger);
        assert_eq!(shown("CN=x, O=talos-like", None), Identity::Stranger);
    }
}
