//! The version contract of the machine configuration.

use std::fmt;

use crate::framework::validator::{Validator, text};

/// A version contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TalosVersion {
    major: u32,
    minor: u32,
}

impl TalosVersion {
    /// From 1.14 on the API server has a document of its own, and a patch of `cluster.apiServer` is refused by the node.
    const KUBERNETES_DOCUMENTS: TalosVersion = TalosVersion { major: 1, minor: 14 };

    /// From 1.12 on the network has documents of its own.
    const NETWORK_DOCUMENTS: TalosVersion = TalosVersion { major: 1, minor: 12 };

    /// The oldest contract that is served.
    const OLDEST: TalosVersion = TalosVersion { major: 1, minor: 9 };

    /// The newest one of which the form of the patches is known: those that Talos' own library of that minor has read.
    pub const NEWEST: TalosVersion = TalosVersion { major: 1, minor: 14 };

    /// Parses `v?MAJOR.MINOR[.anything]` of Talos 1 from the oldest one on. A later minor has the form of the newest that is known; nobody
    /// knows the form of another major.
    pub fn parse(text: &str) -> Option<TalosVersion> {
        let version = TalosVersion::numbers(text)?;
        (version >= TalosVersion::OLDEST && version.major == TalosVersion::NEWEST.major).then_some(version)
    }

    /// The two numbers of any version.
    fn numbers(text: &str) -> Option<TalosVersion> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut number = || parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse().ok();
        Some(TalosVersion { major: number()?, minor: number()? })
    }

    /// True if patches have the same form in both.
    pub fn has_same_form(self, other: TalosVersion) -> bool {
        self.has_network_documents() == other.has_network_documents()
            && self.has_kubernetes_documents() == other.has_kubernetes_documents()
    }

    /// True if `Layer2VIPConfig`, `LinkConfig`, `StaticHostConfig` and their like exist.
    pub fn has_network_documents(self) -> bool {
        self >= TalosVersion::NETWORK_DOCUMENTS
    }

    /// True if `KubeAPIServerConfig` and its like exist.
    pub fn has_kubernetes_documents(self) -> bool {
        self >= TalosVersion::KUBERNETES_DOCUMENTS
    }
}

impl fmt::Display for TalosVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

/// Accepts what [`TalosVersion::parse`] does.
pub fn talos_version() -> Validator {
    text("must be a version contract such as `v1.12`, from 1.9 on", |text| TalosVersion::parse(text).is_some())
        .explain(version_fault)
}

/// `talos_version = 1.10` is the number 1.1 to Terraform, which arrives here as that text. Nobody means Talos 1.1 or 1.2 any more.
fn version_fault(text: &str) -> Option<String> {
    if matches!(text, "1.1" | "1.2") {
        return Some(format!(
            "If 1.{}0 is meant, put it in quotes, `\"v{text}0\"`: without them it is a number, and its last zero is \
             lost.",
            &text[2..]
        ));
    }
    let small = text.trim().to_ascii_lowercase();
    if small != text && TalosVersion::parse(&small).is_some() {
        return Some(format!("Write `{small}`."));
    }
    let version = TalosVersion::numbers(text)?;
    Some(match version < TalosVersion::OLDEST {
        true => format!("Talos before {} is not supported.", TalosVersion::OLDEST),
        false => format!(
            "This provider knows Talos up to {}. Another major version may need other patches, which a newer version \
             of this provider may have.",
            TalosVersion::NEWEST
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_parsed() {
        for good in ["v1.9", "1.12.3", "v1.14.0-rc.1", "v1.20"] {
            assert!(TalosVersion::parse(good).is_some(), "{good}");
        }
        for bad in ["1.8", "v1", "latest", "1.x", "", "v1.+9", "v2.0", "11.2"] {
            assert!(TalosVersion::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_version_is_explained() {
        let reason = |version: &str| talos_version().reason(&version.into()).unwrap_or_default();
        assert!(reason("1.1").starts_with("If 1.10 is meant, put it in quotes, `\"v1.10\"`"));
        assert!(reason("1.2").starts_with("If 1.20 is meant"));
        assert_eq!(reason("V1.12"), "Write `v1.12`.");
        assert_eq!(reason(" v1.12"), "Write `v1.12`.");
        assert_eq!(reason("1.8"), "Talos before v1.9 is not supported.");
        assert!(reason("v2.0").starts_with("This provider knows Talos up to v1.14."));
        assert_eq!(reason("latest") + &reason("1.12"), "");
    }

    #[test]
    fn forms_change_at_two_minors() {
        let same = |a: &str, b: &str| TalosVersion::parse(a).unwrap().has_same_form(TalosVersion::parse(b).unwrap());
        assert!(same("v1.9", "v1.11") && same("v1.12", "v1.13") && same("v1.14", "v1.20"));
        assert!(!same("v1.11", "v1.12") && !same("v1.13", "v1.14"));
    }
}
