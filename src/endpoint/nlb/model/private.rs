//! What the resource remembers beside its state.

/// The private entry that names listeners which a read found forwarding elsewhere.
pub const MISROUTED: &str = "misrouted";

/// The private entry with the nonce of a create that failed. An update finds it only where the user has said that the half-made object
/// is to be kept (`untaint`): then it is completed, and the marker comes off.
pub const FAILED: &str = "failed";

/// The private entry that says that a read found parts which are not set alike.
pub const UNEVEN: &str = "uneven";

/// The private entry with the nonce of the run whose marker may still be on something, and which the next read may take off. A
/// create that failed leaves none: its marker must stay, so that what it has made can be told from what serves somebody.
pub const CREATING: &str = "creating";

/// The private entry of roles that were imported and not yet applied: where the configuration doesn't name them, they are let go.
pub const IMPORTED: &str = "imported";

/// The private entry of roles whose group keeps the name that it was found with while the configuration says nothing of it.
pub const KEPT_NAMES: &str = "kept_names";
