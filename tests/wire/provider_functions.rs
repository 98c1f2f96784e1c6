//! Provider functions, in a process that was never configured.

use talosendpoint::{
    framework::{ty::Type, value::Value},
    protocol::pb::tfplugin6 as pb,
};

use crate::provider_core::{Core, object, packed, unpacked};

async fn call(core: &Core, name: &str, arguments: Vec<pb::DynamicValue>) -> pb::call_function::Response {
    let request = pb::call_function::Request { name: name.into(), arguments };
    core.client.clone().call_function(request).await.unwrap().into_inner()
}

fn texts(texts: &[&str]) -> Vec<pb::DynamicValue> {
    texts.iter().map(|text| packed(&Value::from(*text), &Type::String)).collect()
}

#[tokio::test]
async fn fixed_and_variadic_parameters() {
    let core = Core::fixture().await;
    for (arguments, expected) in [(&["-"][..], ""), (&["-", "a"], "a"), (&["-", "a", "b", "c"], "a-b-c")] {
        for _ in 0..2 {
            let answer = call(&core, "join", texts(arguments)).await;
            assert_eq!(answer.error, None);
            assert_eq!(unpacked(answer.result, &Type::String), expected.into());
        }
    }
    let mut with_null = texts(&["-", "a"]);
    with_null.push(packed(&Value::Null, &Type::String));
    assert_eq!(
        unpacked(call(&core, "join", with_null).await.result, &Type::String),
        "a".into(),
        "null is allowed there"
    );
}

#[tokio::test]
async fn objects_and_exact_numbers() {
    let core = Core::fixture().await;
    let ty = Type::object([("a", Type::Number), ("b", Type::list(Type::Bool))]);
    for text in ["0.1", "1e400", "9223372036854775808", "-3"] {
        let number = Value::Number(text.parse().unwrap());
        let argument = object(&ty, [("a", number.clone()), ("b", Value::list([true.into()]))]);
        let answer = call(&core, "pick", vec![packed(&argument, &ty)]).await;
        assert_eq!(unpacked(answer.result, &Type::Number), number, "{text}");
    }
}

#[tokio::test]
async fn the_real_provider_has_functions_before_it_is_configured() {
    let core = Core::start(crate::fixture::provider()).await;
    let url = |host: &str, port: i64| {
        vec![packed(&Value::from(host), &Type::String), packed(&Value::from(port), &Type::Number)]
    };
    let answer = call(&core, "endpoint_url", url("2001:db8::1", 6443)).await;
    assert_eq!(answer.error, None);
    assert_eq!(unpacked(answer.result, &Type::String), "https://[2001:db8::1]:6443".into());
    for (host, port, argument) in [("https://x", 6443, 0), ("[::1]", 6443, 0), ("x", 0, 1), ("x", 65536, 1)] {
        let error = call(&core, "endpoint_url", url(host, port)).await.error.expect("an error");
        assert_eq!(error.function_argument, Some(argument), "{}", error.text);
    }
}

#[tokio::test]
async fn errors_say_which_argument() {
    let core = Core::fixture().await;
    let unknown = |at: usize| {
        let mut arguments = texts(&["-", "a", "b"]);
        arguments[at] = packed(&Value::UNKNOWN, &Type::String);
        arguments
    };
    let null_separator = vec![packed(&Value::Null, &Type::String)];
    let cases = [
        ("join", texts(&["-", "a", ""]), Some(2)),
        ("join", null_separator, Some(0)),
        ("join", unknown(2), Some(2)),
        ("join", Vec::new(), None),
        ("boom", texts(&["a"]), Some(0)),
        ("pick", texts(&["a"]), Some(0)),
        ("nothing", Vec::new(), None),
    ];
    for (name, arguments, expected) in cases {
        let answer = call(&core, name, arguments).await;
        let error = answer.error.unwrap_or_else(|| panic!("{name}: no error"));
        assert_eq!(error.function_argument, expected, "{name}: {}", error.text);
        assert!(!error.text.is_empty() && answer.result.is_none());
    }
}
