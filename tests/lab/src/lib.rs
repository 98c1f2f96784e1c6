//! The laboratory: everything a test needs to put the real `terraform` and this provider in front of something that
//! behaves like AWS. It knows nothing of the provider but its binary.
//!
//! | module | what it gives |
//! |---|---|
//! | [`programs`] | finds programs |
//! | [`skip`] | says `skipped: PROGRAM not found` where one is lacking, or fails |
//! | [`build`] | what cargo built, and where tests may write |
//! | [`matrix`] | whether all of a large matrix is to be tested |
//! | [`venv`] | the Python environments, with moto and botocore and with MiniStack, made once |
//! | [`moto`] | one moto server per test, and the whole inventory of a stand-in |
//! | [`ministack`] | one that takes LocalStack's place |
//! | [`proxy`] | records every request on its way, stalls and fails the chosen ones |
//! | [`model`] | checks recorded requests against botocore's service models |
//! | [`terraform`] | a workspace in which the real CLI runs, can be interrupted and be killed |
//! | [`machine`] | what stands for a machine in a configuration and marks when it is made and ends |
//! | [`tls`], [`connect`] | a private certificate authority with servers before the plain ones, and a CONNECT proxy |
//! | [`portal`] | what hands out credentials: IAM Identity Center's portal, a container's endpoint |
//! | [`fake`] | a stateful ELBv2 stand-in that behaves as AWS is documented to, where moto doesn't |
//! | [`network`] | hosts on this machine, with interfaces and processes of their own |
//!
//! A server started here listens on a free port of 127.0.0.1 and ends with the value that stands for it.

// A failed step of a laboratory is a failed test, so it may panic with its reason (clippy's own exemption covers only
// functions marked `#[test]`).
#![allow(clippy::unwrap_used)]
// `new` starts a program, a thread or a host here: more than `Default` promises.
#![allow(clippy::new_without_default)]

pub mod build;
pub mod call;
pub mod connect;
pub mod fake;
pub mod faults;
pub mod form;
pub mod http;
pub mod inventory;
pub mod log;
pub mod machine;
pub mod matrix;
pub mod ministack;
pub mod model;
pub mod moto;
pub mod network;
pub mod portal;
pub mod process;
pub mod programs;
pub mod proxy;
pub mod python_server;
pub mod server;
pub mod skip;
pub mod terraform;
pub mod tls;
pub mod venv;
pub mod xml;
