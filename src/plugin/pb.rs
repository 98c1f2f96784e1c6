//! The generated messages and services that go-plugin expects on every connection.

/// Package `plugin`: controller, broker and stdio of go-plugin.
#[allow(missing_docs, unused_qualifications, clippy::all)]
pub mod goplugin {
    tonic::include_proto!("plugin");
}

/// Package `grpc.health.v1`: the standard health service.
#[allow(missing_docs, unused_qualifications, clippy::all)]
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}
