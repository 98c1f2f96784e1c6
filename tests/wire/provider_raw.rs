//! The wire below the messages: bytes as they are.

use prost::{
    Message,
    bytes::{Buf, BufMut},
};
use prost_types::FileDescriptorSet;
use talosendpoint::protocol::DESCRIPTORS;
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    transport::Channel,
};

/// An RPC of the service.
#[derive(Clone, Debug)]
pub struct Rpc {
    pub name: String,
    /// True if either side sends a stream.
    pub streams: bool,
}

/// Every RPC of the service.
pub fn rpcs() -> Vec<Rpc> {
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
    let services = files.into_iter().filter(|file| file.package() == "tfplugin6").flat_map(|file| file.service);
    let methods = services.flat_map(|service| service.method);
    methods
        .map(|method| Rpc {
            name: method.name().to_owned(),
            streams: method.client_streaming() || method.server_streaming(),
        })
        .collect()
}

/// Sends `request` as it is, and gives back what the answer's bytes are.
pub async fn call(channel: &Channel, rpc: &str, request: Vec<u8>) -> Result<Vec<u8>, Status> {
    let path: PathAndQuery = format!("/tfplugin6.Provider/{rpc}").parse().unwrap();
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    client.unary(Request::new(request), path, Raw).await.map(|answer| answer.into_inner())
}

#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        BufMut::put_slice(target, &item);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = Buf::remaining(source);
        Ok(Some(Buf::copy_to_bytes(source, length).to_vec()))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::default()
    }
}
