//! What AWS has, and how that becomes state. In reading order:
//!
//! 1. [`clients`] gives access to the regions that the target groups are in.
//! 2. [`current`] asks which groups a target is in, [`load_balancer`] what is before them; [`refresh`] makes state of the answers.
//! 3. [`listing`] finds every registration behind a load balancer.

pub mod clients;
pub mod current;
pub mod load_balancer;
pub mod refresh;
pub mod listing;
