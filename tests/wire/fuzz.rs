//! Values that nobody thought of, over every RPC that takes one: each answer is an answer, no request panics, and the process lives.
//!
//! `make fuzz N=1000` runs more of it. A run prints its seed; `TALOSENDPOINT_FUZZ_SEED` repeats one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use talosendpoint::framework::ty::Type;
use talosendpoint::framework::value::{Object, Refinement, Value};
use talosendpoint::protocol::pb::tfplugin6 as pb;
use talosendpoint::protocol::{json, msgpack};
use tokio::time::timeout;
use tonic::Status;

use crate::provider_core::Core;
use crate::provider_schema::programs;

/// Rounds where nothing else is asked for; each sends some fifteen requests.
const ROUNDS: u64 = 30;

/// A request that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

const TEXTS: [&str; 26] = [
    "",
    " ",
    "a",
    "x.y",
    "eu-central-1",
    "eu-west1",
    "10.0.0.1",
    "10.0.0.1/24",
    "0.0.0.0/0",
    "256.1.1.1",
    "fe80::1",
    "fd00::1/64",
    "::",
    "ffff:",
    "v1.12",
    "v0.0",
    "v1.99999999999999999999",
    "30s",
    "99999999999999999999h",
    "-1",
    "1e9",
    "a\nb",
    "\"'`$%{}[]",
    "ÄÖ\u{301}\u{0}",
    "i-0123",
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/1",
];

const NUMBERS: [&str; 18] = [
    "0",
    "1",
    "-1",
    "2",
    "5",
    "100",
    "253",
    "6443",
    "50000",
    "65535",
    "65536",
    "0.1",
    "-0.5",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1e400",
    "-1e20000",
];

/// A small generator whose whole state is a number that can be printed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn value(&mut self, ty: &Type, may_be_unknown: bool) -> Value {
        if self.one_in(5) {
            return Value::Null;
        }
        if may_be_unknown && self.one_in(10) {
            let min_length = if self.one_in(3) { self.below(3) as u64 } else { 0 };
            return Value::Unknown(Refinement { not_null: self.one_in(2), min_length });
        }
        let items = |chance: &mut Chance, element: &Type| -> Vec<Value> {
            (0..chance.below(4)).map(|_| chance.value(element, may_be_unknown)).collect()
        };
        match ty {
            Type::Bool => self.one_in(2).into(),
            Type::Number => Value::Number(NUMBERS[self.below(NUMBERS.len())].parse().unwrap()),
            Type::String if self.one_in(30) => "long".repeat(1000).into(),
            Type::String => TEXTS[self.below(TEXTS.len())].into(),
            Type::List(element) => Value::List(items(self, element)),
            Type::Set(element) => Value::set(items(self, element)),
            Type::Map(element) => {
                let values = items(self, element).into_iter();
                Value::Map(values.map(|value| (TEXTS[self.below(TEXTS.len())].to_owned(), value)).collect())
            }
            Type::Object(attributes) => {
                let members = attributes.iter().map(|(name, ty)| (name.clone(), self.value(ty, may_be_unknown)));
                Value::Object(members.collect::<Object>())
            }
        }
    }

    /// A whole object, sometimes with damaged bytes.
    fn packed(&mut self, ty: &Type, may_be_unknown: bool) -> pb::DynamicValue {
        let Type::Object(attributes) = ty else { panic!("an object type") };
        let members = attributes.iter().map(|(name, ty)| (name.clone(), self.value(ty, may_be_unknown)));
        let value = Value::Object(members.collect());
        let mut msgpack = msgpack::encode(&value, ty).unwrap();
        if self.one_in(4) {
            self.damage(&mut msgpack);
        }
        pb::DynamicValue { msgpack, json: Vec::new() }
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, self.below(256) as u8),
                _ => {
                    let copy = bytes[at..].to_vec();
                    bytes.extend(copy);
                }
            }
        }
    }

    fn private(&mut self) -> Vec<u8> {
        let mut bytes =
            [&b""[..], b"{}", b"{\"creating\":1,\"x\":null}", b"[]", b"{\"private\":{}}"][self.below(5)].to_vec();
        if self.one_in(4) {
            self.damage(&mut bytes);
        }
        bytes
    }
}

/// What must be true of every answer.
fn check(core: &Core, what: &str, answer: Result<Vec<pb::Diagnostic>, Status>) {
    let diagnostics = answer.unwrap_or_else(|status| panic!("{what}: {status:?}"));
    let panics = diagnostics.iter().any(|it| it.summary.contains("panicked") || it.detail.contains("panicked"));
    assert!(!panics, "{what}: {diagnostics:?}\n{}", core.plugin.stderr());
}

macro_rules! send {
    ($core:expr, $rpc:ident, $request:expr) => {{
        let mut client = $core.client.clone();
        let answer = timeout(LIMIT, client.$rpc($request)).await.expect(stringify!($rpc));
        check($core, stringify!($rpc), answer.map(|answer| answer.into_inner().diagnostics));
    }};
}

async fn round(core: &Core, chance: &mut Chance) {
    let config = Some(chance.packed(&core.provider(), true));
    send!(core, validate_provider_config, pb::validate_provider_config::Request { config });
    for (name, schema) in &core.schemas.resource_schemas {
        let (type_name, ty) = (name.clone(), core.resource(name));
        let config = Some(chance.packed(&ty, true));
        send!(
            core,
            validate_resource_config,
            pb::validate_resource_config::Request {
                type_name: type_name.clone(),
                config: config.clone(),
                client_capabilities: None
            }
        );
        let prior = if chance.one_in(2) { null(&ty) } else { chance.packed(&ty, false) };
        let destroys = chance.one_in(6);
        let config = if destroys { Some(null(&ty)) } else { config };
        let planned_private = chance.private();
        let plan = pb::plan_resource_change::Request {
            type_name: type_name.clone(),
            prior_state: Some(prior.clone()),
            proposed_new_state: config.clone(),
            config: config.clone(),
            prior_private: planned_private.clone(),
            ..Default::default()
        };
        send!(core, plan_resource_change, plan);
        let apply = pb::apply_resource_change::Request {
            type_name: type_name.clone(),
            prior_state: Some(prior.clone()),
            planned_state: if destroys { Some(null(&ty)) } else { Some(chance.packed(&ty, true)) },
            config,
            planned_private,
            ..Default::default()
        };
        send!(core, apply_resource_change, apply);
        let read = pb::read_resource::Request {
            type_name: type_name.clone(),
            current_state: Some(prior),
            private: chance.private(),
            ..Default::default()
        };
        send!(core, read_resource, read);
        let mut stored = json::encode(&chance.value(&ty, false), &ty).unwrap();
        if chance.one_in(3) {
            chance.damage(&mut stored);
        }
        let raw_state = Some(pb::RawState { json: stored, flatmap: [].into() });
        let version = if chance.one_in(4) { i64::MIN } else { schema.version };
        send!(
            core,
            upgrade_resource_state,
            pb::upgrade_resource_state::Request { type_name: type_name.clone(), version, raw_state: raw_state.clone() }
        );
        let moved = pb::move_resource_state::Request {
            source_provider_address: TEXTS[chance.below(TEXTS.len())].to_owned(),
            source_type_name: type_name.clone(),
            source_schema_version: version,
            source_state: raw_state,
            target_type_name: type_name.clone(),
            source_private: chance.private(),
            ..Default::default()
        };
        send!(core, move_resource_state, moved);
        let id = TEXTS[chance.below(TEXTS.len())].to_owned();
        send!(core, import_resource_state, pb::import_resource_state::Request { type_name, id, ..Default::default() });
    }
    for (name, function) in &core.schemas.functions {
        let arguments = function.parameters.iter().map(|parameter| {
            let ty = crate::provider_core::named_type(&serde_json::from_slice(&parameter.r#type).unwrap());
            let value = chance.value(&ty, false);
            pb::DynamicValue { msgpack: msgpack::encode(&value, &ty).unwrap(), json: Vec::new() }
        });
        let request = pb::call_function::Request { name: name.clone(), arguments: arguments.collect() };
        let answer =
            core.client.clone().call_function(request).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
        let error = answer.into_inner().error.map(|error| error.text).unwrap_or_default();
        assert!(!error.contains("panicked"), "{name}: {error}");
    }
}

fn null(ty: &Type) -> pb::DynamicValue {
    pb::DynamicValue { msgpack: msgpack::encode(&Value::Null, ty).unwrap(), json: Vec::new() }
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[tokio::test]
async fn fuzzed_values_are_answered() {
    let rounds = number_of("TALOSENDPOINT_FUZZ").unwrap_or(ROUNDS);
    // Another beginning each time; without luck the same in each run.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = number_of("TALOSENDPOINT_FUZZ_SEED").unwrap_or(now | 1);
    println!("TALOSENDPOINT_FUZZ_SEED={seed}");
    // The real provider, which was given no configuration: nothing outside is asked.
    let program = programs().into_iter().last().unwrap();
    let core = Core::start(program).await;
    let mut chance = Chance(seed | 1);
    for _ in 0..rounds {
        round(&core, &mut chance).await;
    }
    assert!(core.alive().await);
    assert!(!core.plugin.stderr().contains("panic: "), "{}", core.plugin.stderr());
}
