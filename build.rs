//! Compiles proto/ into clients, servers and one descriptor set (OUT_DIR/descriptors.bin), and does nothing else.
//!
//! protox is a protobuf compiler in Rust, so no `protoc` has to be installed. The server code is the product; the
//! clients are used by the wire tests, which speak to the built binary as Terraform does.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message;

const PROTOS: [&str; 3] = [
    "proto/tfplugin6.proto",
    "proto/goplugin.proto",
    "proto/health.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    // Without "transport" the clients have no connect(): they take any channel, and tests bring their own TLS.
    tonic_prost_build::configure()
        .build_transport(false)
        .generate_default_stubs(true)
        .btree_map(".") // in order of key: two processes answer the same bytes
        .compile_fds(descriptors)?;
    Ok(())
}
