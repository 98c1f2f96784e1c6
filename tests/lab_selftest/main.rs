//! The laboratory proves itself: what the other test binaries rely on is tested here, without the provider.

mod corporate;
mod fake;
mod http;
mod model;
mod moto;
mod programs;
mod proxy;
mod sdk;
mod skip;
mod terraform;
