//! Requests that no Terraform sends: each is answered, none ends the process.

use std::collections::BTreeMap;

use prost::Message;
use talosendpoint::{framework::value::Value, protocol::pb::tfplugin6 as pb};
use tonic::{Code, transport::Channel};

use crate::{
    client::Launch,
    provider_core::{Core, errors, packed},
    provider_raw::{call, rpcs},
    provider_schema::programs,
};

const UNRULY: &str = "fixture_unruly";

#[tokio::test]
async fn nothing_sent_to_any_rpc_ends_the_process() {
    let mut noise: u32 = 0x2545_F491;
    let mut random = |length: usize| -> Vec<u8> {
        let mut byte = || {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            noise as u8
        };
        (0..length).map(|_| byte()).collect()
    };
    let mut requests = vec![
        Vec::new(),
        b"garbage".to_vec(),
        b"\x0a\x04nope".to_vec(),             // a name that nobody has
        b"\x0a\x02\xff\xfe".to_vec(),         // a name that is no text
        b"\x0a\xff\xff\xff\xff\x0f".to_vec(), // longer than the message
        b"\x12\x02\x0a\x00".to_vec(),         // an empty value in field 2
        b"\xf8\x07\x01".to_vec(),             // a field that doesn't exist
    ];
    requests.extend((1..40).map(&mut random));
    for program in programs() {
        let plugin = Launch::of(program).start().await;
        let channel = plugin.channel().await;
        for rpc in rpcs() {
            for request in &requests {
                // What prost itself cannot read is refused below us; else it is an answer, or no such stream.
                if let Err(status) = call(&channel, &rpc.name, request.clone()).await {
                    let expected = matches!(status.code(), Code::Internal | Code::InvalidArgument)
                        || (rpc.streams && status.code() == Code::Unimplemented);
                    assert!(expected, "{}: {status:?} for {request:02x?}", rpc.name);
                }
            }
        }
        call(&plugin.channel().await, "GetMetadata", Vec::new()).await.expect("still serving");
        assert!(!plugin.stderr().contains("panic: "), "{}", plugin.stderr());
    }
}

#[tokio::test]
async fn what_is_not_offered_is_answered_with_a_reason() {
    let not_offered = [
        "ValidateEphemeralResourceConfig",
        "OpenEphemeralResource",
        "RenewEphemeralResource",
        "CloseEphemeralResource",
        "ValidateActionConfig",
        "PlanAction",
        "ValidateStateStoreConfig",
        "ConfigureStateStore",
        "LockState",
        "UnlockState",
        "GetStates",
        "DeleteState",
    ];
    for program in programs() {
        let plugin = Launch::of(program).start().await;
        let channel = plugin.channel().await;
        for rpc in rpcs() {
            let answer = call(&channel, &rpc.name, Vec::new()).await;
            if rpc.name == "ListResource" {
                let text = String::from_utf8_lossy(&answer.unwrap()).into_owned();
                assert!(text.contains("Unknown list resource"), "{text}");
            } else if rpc.streams {
                assert_eq!(answer.unwrap_err().code(), Code::Unimplemented, "{}", rpc.name);
            } else if not_offered.contains(&rpc.name.as_str()) {
                let text = String::from_utf8_lossy(&answer.unwrap()).into_owned();
                assert!(text.contains("Not offered by this provider"), "{}: {text}", rpc.name);
            } else {
                answer.unwrap_or_else(|status| panic!("{}: {status:?}", rpc.name));
            }
        }
    }
}

/// Sends `request` with the field `part` set to a value that doesn't fit; the answer must be an error that names the part.
async fn refused(channel: &Channel, rpc: &str, request: impl Message, part: &str) -> Vec<u8> {
    let answer = call(channel, rpc, request.encode_to_vec()).await.unwrap_or_else(|status| panic!("{rpc}: {status:?}"));
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.contains(part), "{rpc}, {part}: {text}");
    assert!(!text.contains("hunter2"), "{rpc}, {part}: {text}");
    answer
}

#[tokio::test]
async fn a_part_that_does_not_fit_is_named_and_not_quoted() {
    let core = Core::fixture().await;
    let channel = core.plugin.channel().await;
    // Another type, bytes after the end, too few attributes, garbage, JSON.
    let misfits =
        [&b"\xa7hunter2"[..], b"\xc0\xa7hunter2", b"\x81\xa7hunter2\xc0", b"\xc1hunter2", b"\xdd\xff\xff\xff\xff"];
    let mut misfits: Vec<pb::DynamicValue> =
        misfits.iter().map(|bytes| pb::DynamicValue { msgpack: bytes.to_vec(), json: Vec::new() }).collect();
    misfits.push(pb::DynamicValue { msgpack: Vec::new(), json: b"{\"hunter2\":1}".to_vec() });
    let ty = core.resource(UNRULY);
    let state = core.object(UNRULY, [("id", "id-1".into())]);
    let good = Some(packed(&state, &ty));
    for misfit in misfits {
        let bad = Some(misfit.clone());
        let type_name = UNRULY.to_owned();
        let request = pb::validate_resource_config::Request {
            type_name: type_name.clone(),
            config: bad.clone(),
            client_capabilities: None,
        };
        refused(&channel, "ValidateResourceConfig", request, "`config`").await;
        let request = pb::validate_provider_config::Request { config: bad.clone() };
        refused(&channel, "ValidateProviderConfig", request, "`config`").await;
        let request = pb::configure_provider::Request { config: bad.clone(), ..Default::default() };
        refused(&channel, "ConfigureProvider", request, "`config`").await;
        let data = "fixture_echo".to_owned();
        let request = pb::validate_data_resource_config::Request { type_name: data.clone(), config: bad.clone() };
        refused(&channel, "ValidateDataResourceConfig", request, "`config`").await;
        let request = pb::read_data_source::Request { type_name: data, config: bad.clone(), ..Default::default() };
        refused(&channel, "ReadDataSource", request, "`config`").await;

        let request = pb::read_resource::Request {
            type_name: type_name.clone(),
            current_state: bad.clone(),
            private: b"{}".to_vec(),
            ..Default::default()
        };
        let answer = call(&channel, "ReadResource", request.encode_to_vec()).await.unwrap();
        let answer = pb::read_resource::Response::decode(answer.as_slice()).unwrap();
        let detail = &answer.diagnostics[0].detail;
        assert!(detail.contains("`current_state`") && !detail.contains("hunter2"), "{detail}");
        assert_eq!((answer.new_state, answer.private), (bad.clone(), b"{}".to_vec()), "the stored object stays");

        let plan = pb::plan_resource_change::Request {
            type_name: type_name.clone(),
            prior_state: good.clone(),
            proposed_new_state: good.clone(),
            config: good.clone(),
            ..Default::default()
        };
        for part in ["prior_state", "proposed_new_state", "config"] {
            let mut request = plan.clone();
            match part {
                "prior_state" => request.prior_state = bad.clone(),
                "proposed_new_state" => request.proposed_new_state = bad.clone(),
                _ => request.config = bad.clone(),
            }
            refused(&channel, "PlanResourceChange", request, &format!("`{part}`")).await;
        }
        for part in ["planned_state", "config"] {
            let request = pb::apply_resource_change::Request {
                type_name: type_name.clone(),
                prior_state: good.clone(),
                planned_state: if part == "config" { good.clone() } else { bad.clone() },
                config: if part == "config" { bad.clone() } else { good.clone() },
                planned_private: b"{\"a\":1}".to_vec(),
                ..Default::default()
            };
            let answer = refused(&channel, "ApplyResourceChange", request, &format!("`{part}`")).await;
            let answer = pb::apply_resource_change::Response::decode(answer.as_slice()).unwrap();
            assert_eq!((answer.new_state, answer.private), (good.clone(), b"{\"a\":1}".to_vec()), "nothing is lost");
        }
        let request = pb::call_function::Request { name: "pick".into(), arguments: vec![misfit] };
        let answer = refused(&channel, "CallFunction", request, "argument").await;
        let error = pb::call_function::Response::decode(answer.as_slice()).unwrap().error.unwrap();
        assert_eq!(error.function_argument, Some(0));
    }
}

#[tokio::test]
async fn private_data_of_somebody_else_is_refused_and_kept() {
    let core = Core::fixture().await;
    let state = core.object(UNRULY, [("id", "id-1".into())]);
    let answer = core.read(UNRULY, &state, b"hunter2").await;
    assert_eq!(errors(&answer.diagnostics), ["Private data was not understood"]);
    assert!(!answer.diagnostics[0].detail.contains("hunter2"));
    assert_eq!(answer.private, b"hunter2");
    assert_eq!(answer.new_state, Some(packed(&state, &core.resource(UNRULY))));
}

#[tokio::test]
async fn names_that_nobody_has() {
    let core = Core::fixture().await;
    let mut client = core.client.clone();
    let config = Some(packed(&Value::Null, &core.resource(UNRULY)));
    let type_name = || "fixture_nothing".to_owned();
    let request = pb::validate_resource_config::Request {
        type_name: type_name(),
        config: config.clone(),
        client_capabilities: None,
    };
    let answer = client.validate_resource_config(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["Unknown resource type"]);
    assert!(answer.diagnostics[0].detail.contains("fixture_nothing"));
    let request =
        pb::apply_resource_change::Request { type_name: type_name(), prior_state: config, ..Default::default() };
    let answer = client.apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["Unknown resource type"]);
    let request = pb::read_data_source::Request { type_name: type_name(), ..Default::default() };
    let answer = client.read_data_source(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["Unknown data source"]);
    let request = pb::upgrade_resource_state::Request {
        type_name: type_name(),
        version: 0,
        raw_state: Some(pb::RawState { json: b"{}".to_vec(), flatmap: BTreeMap::new() }),
    };
    let answer = client.upgrade_resource_state(request).await.unwrap().into_inner();
    assert_eq!(errors(&answer.diagnostics), ["Unknown resource type"]);
    let request = pb::call_function::Request { name: "nothing".into(), arguments: Vec::new() };
    let answer = client.call_function(request).await.unwrap().into_inner();
    assert!(answer.error.unwrap().text.contains("nothing"));
}
