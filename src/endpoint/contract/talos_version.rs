//! The version contract of the machine configuration.

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

    /// Parses `v?MAJOR.MINOR[.anything]`.
    pub fn parse(text: &str) -> Option<TalosVersion> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut number = || parts.next().filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse().ok();
        let version = TalosVersion { major: number()?, minor: number()? };
        (version >= TalosVersion::OLDEST).then_some(version)
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

/// Accepts what [`TalosVersion::parse`] does.
pub fn talos_version() -> Validator {
    text("must be a version contract such as `v1.12`, from 1.9 on", |text| TalosVersion::parse(text).is_some())
        .explain(version_fault)
}

/// `talos_version = 1.10` is the number 1.1 to Terraform, which arrives here as that text. Nobody means Talos 1.1 or 1.2 any more.
fn version_fault(text: &str) -> Option<String> {
    matches!(text, "1.1" | "1.2").then(|| {
        format!(
            "If 1.{}0 is meant, put it in quotes, `\"v{text}0\"`: without them it is a number, and its last zero is \
             lost.",
            &text[2..]
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_parsed() {
        for good in ["v1.9", "1.12.3", "v1.14.0-rc.1", "2.0"] {
            assert!(TalosVersion::parse(good).is_some(), "{good}");
        }
        for bad in ["1.8", "v1", "latest", "1.x", "", "v1.+9"] {
            assert!(TalosVersion::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_version_that_lost_its_zero_is_told_to_be_quoted() {
        let told = |version: &str| talos_version().reason(&version.into());
        assert!(told("1.1").unwrap().starts_with("If 1.10 is meant, put it in quotes, `\"v1.10\"`"));
        assert!(told("1.2").is_some() && told("1.8").is_none() && told("latest").is_none() && told("1.12").is_none());
    }
}
