//! The three listeners that the endpoint can have.

use super::schema::names::TRUSTD;
use crate::endpoint::contract::{KUBERNETES_API, TALOS_API};

/// What a listener is for. The order is the order in the file and in every message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The Kubernetes API.
    KubernetesApi,
    /// The Talos API of the control plane.
    TalosApi,
    /// trustd, which workers dial for their certificate.
    Trustd,
}

impl Role {
    /// All of them, in order.
    pub const ALL: [Role; 3] = [Role::KubernetesApi, Role::TalosApi, Role::Trustd];

    /// The name of its attribute and of its frontend.
    pub fn name(self) -> &'static str {
        match self {
            Role::KubernetesApi => KUBERNETES_API,
            Role::TalosApi => TALOS_API,
            Role::Trustd => TRUSTD,
        }
    }

    /// The name of its backend. HAProxy 3.3 and newer refuse a backend that is named like a frontend.
    pub fn backend(self) -> String {
        format!("{}_nodes", self.name())
    }

    /// What it is called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Role::KubernetesApi => "Kubernetes API",
            Role::TalosApi => "Talos API",
            Role::Trustd => "trustd",
        }
    }
}

/// The name of the frontend for `ops_port`.
pub const OPS: &str = "ops";

/// The name of an additional service's backend.
pub fn service_backend(name: &str) -> String {
    format!("{name}_servers")
}
