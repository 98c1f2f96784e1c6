//! The four listeners that the endpoint can have, each with a target group of its own.

/// What is put behind the user's `name` to name the load balancer, as in the guide.
pub const BALANCER_SUFFIX: &str = "-api-nlb";

/// What a listener is for. The order is the order of every list and map that we show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The Kubernetes API.
    KubernetesApi,
    /// The Talos API of the control plane.
    TalosApi,
    /// The Talos API of workers.
    WorkerTalosApi,
    /// trustd, which workers dial for their certificate where discovery is off.
    Trustd,
}

impl Role {
    /// All of them, in order.
    pub const ALL: [Role; 4] = [Role::KubernetesApi, Role::TalosApi, Role::WorkerTalosApi, Role::Trustd];

    /// The name of its attribute, and its key in maps.
    pub fn name(self) -> &'static str {
        match self {
            Role::KubernetesApi => "kubernetes_api",
            Role::TalosApi => "talos_api",
            Role::WorkerTalosApi => "worker_talos_api",
            Role::Trustd => "trustd",
        }
    }

    /// The role with this name.
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What is put behind the user's `name` to name its target group, as in the guide.
    pub fn group_suffix(self) -> &'static str {
        match self {
            Role::KubernetesApi => "-api-tg",
            Role::TalosApi => "-apid-tg",
            Role::WorkerTalosApi => "-wk-apid-tg",
            Role::Trustd => "-trustd-tg",
        }
    }

    /// True if its targets are control planes.
    pub fn is_control_plane(self) -> bool {
        self != Role::WorkerTalosApi
    }
}
