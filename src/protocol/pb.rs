//! The generated messages, server and client of `proto/tfplugin6.proto`.

/// Package `tfplugin6`: Terraform plugin protocol 6.11.
///
/// Names follow the protocol; what a field means is said where it is translated, not here.
#[allow(missing_docs, unused_qualifications, clippy::all)]
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}
