use proptest::prelude::*;

use super::*;
use crate::framework::path::Path;
use crate::framework::ty::Type;
use crate::framework::value::{Object, Refinement, Value};
use crate::protocol::codec::Problem;
use crate::protocol::random;

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

/// `bytes` are what Terraform sends for `value`, and what is sent back.
fn golden(bytes: &[u8], ty: &Type, value: &Value) {
    assert_eq!(decode(bytes, ty).as_ref(), Ok(value), "{bytes:02x?}");
    assert_eq!(encode(value, ty).as_deref(), Ok(bytes), "{value:?}");
}

fn problem(bytes: &[u8], ty: &Type) -> Problem {
    decode(bytes, ty).unwrap_err().problem
}

#[test]
fn numbers_as_terraform_writes_them() {
    golden(b"\xa30.1", &Type::Number, &number("0.1"));
    golden(&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], &Type::Number, &number("1.5"));
    golden(&[0x03], &Type::Number, &number("3.0"));
    golden(&[0xff], &Type::Number, &number("-1"));
    golden(&[0xd0, 0x80], &Type::Number, &number("-128"));
    golden(&[0xcd, 0x19, 0x2b], &Type::Number, &number("6443"));
    golden(&[0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0], &Type::Number, &number("9223372036854775808"));
    golden(b"\xa51e400", &Type::Number, &number("1e400"));
    golden(&[0], &Type::Number, &number("-0"));
}

#[test]
fn every_form_of_a_number_is_read() {
    let seven: [&[u8]; 14] = [
        &[0x07],
        &[0xcc, 7],
        &[0xcd, 0, 7],
        &[0xce, 0, 0, 0, 7],
        &[0xcf, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xd0, 7],
        &[0xd1, 0, 7],
        &[0xd2, 0, 0, 0, 7],
        &[0xd3, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0xca, 0x40, 0xe0, 0, 0],
        &[0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0],
        b"\xa17",
        b"\xd9\x037.0",
        b"\xda\x00\x047e+0",
    ];
    for bytes in seven {
        assert_eq!(decode(bytes, &Type::Number), Ok(number("7")), "{bytes:02x?}");
    }
    assert_eq!(decode(b"\xb39223372036854775808", &Type::Number), Ok(number("9223372036854775808")));
    assert_eq!(decode(b"\xa61e+400", &Type::Number), Ok(number("1e400")));
    assert_eq!(decode(&[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], &Type::Number), Ok(number("0")), "minus zero");
    for infinite in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let bytes = [&[0xcb], infinite.to_be_bytes().as_slice()].concat();
        assert_eq!(problem(&bytes, &Type::Number), Problem::NotFinite);
    }
    assert!(matches!(problem(b"\xa3inf", &Type::Number), Problem::Number(_)));
}

#[test]
fn unknown_values_and_what_is_known_of_them() {
    let list = Type::list(Type::String);
    golden(&[0xc0], &list, &Value::Null);
    golden(&[0xd4, 0, 0], &Type::String, &Value::UNKNOWN);
    golden(&[0xc7, 3, 12, 0x81, 1, 0xc2], &Type::String, &Value::UNKNOWN_NOT_NULL);
    let refined = Value::Unknown(Refinement { not_null: true, min_length: 2 });
    golden(&[0xc7, 5, 12, 0x82, 1, 0xc2, 5, 2], &list, &refined);
    assert_eq!(
        encode(&refined, &Type::Bool),
        encode(&Value::UNKNOWN_NOT_NULL, &Type::Bool),
        "only collections have a length"
    );
    // "x-${unknown}": the beginning of the text is known, and forgotten.
    let prefixed = [0xc7, 7, 12, 0x82, 1, 0xc2, 2, 0xa2, 0x78, 0x2d];
    assert_eq!(decode(&prefixed, &Type::String), Ok(Value::UNKNOWN_NOT_NULL));
    // Bounds of a number: pairs, passed over.
    let bounded = [0xc7, 9, 12, 0x83, 3, 0x92, 5, 0xc3, 1, 0xc2, 9, 0xc0];
    assert_eq!(decode(&bounded, &Type::Number), Ok(Value::UNKNOWN_NOT_NULL));
    for other in [&[0xd5, 99, 1, 2][..], &[0xc7, 0, 0], &[0xc7, 2, 12, 0xdf, 0xff], &[0xd4, 12, 0xc1]] {
        assert_eq!(decode(other, &Type::Number), Ok(Value::UNKNOWN), "any extension is an unknown value: {other:02x?}");
    }
}

#[test]
fn text_is_normalised_and_checked() {
    assert_eq!(decode(b"\xa3e\xcc\x81", &Type::String), Ok("\u{e9}".into()));
    let map = decode(b"\x81\xa3e\xcc\x81\xc3", &Type::map(Type::Bool)).unwrap();
    assert!(map.entries().unwrap().contains_key("\u{e9}"));
    assert_eq!(problem(b"\xa1\xff", &Type::String), Problem::NotUtf8);
    assert_eq!(problem(b"\xc4\x01a", &Type::String), Problem::Expected("string".into()), "bin is no text");
}

#[test]
fn collections_in_order() {
    golden(b"\x92\xa1a\xa1b", &Type::set(Type::String), &Value::set(["b".into(), "a".into()]));
    assert_eq!(decode(b"\x93\xa1b\xa1a\xa1b", &Type::set(Type::String)), Ok(Value::set(["a".into(), "b".into()])));
    golden(b"\x92\xa1b\xa1a", &Type::list(Type::String), &Value::list(["b".into(), "a".into()]));
    golden(
        b"\x82\xa1a\xc3\xa1b\xc2",
        &Type::map(Type::Bool),
        &decode(b"\x82\xa1b\xc2\xa1a\xc3", &Type::map(Type::Bool)).unwrap(),
    );
    assert_eq!(problem(b"\x82\xa1a\xc3\xa1a\xc3", &Type::map(Type::Bool)), Problem::Duplicate);
}

#[test]
fn objects_have_exactly_their_attributes() {
    let ty = Type::object([("a", Type::Bool), ("b", Type::list(Type::Number))]);
    let value = Value::Object(Object::from([("a".into(), true.into()), ("b".into(), Value::Null)]));
    golden(b"\x82\xa1a\xc3\xa1b\xc0", &ty, &value);
    assert_eq!(decode(b"\x82\xa1b\xc0\xa1a\xc3", &ty), Ok(value), "in any order");
    assert_eq!(problem(b"\x81\xa1a\xc3", &ty), Problem::AttributeCount { expected: 2, found: 1 });
    assert_eq!(problem(b"\x82\xa1a\xc3\xa1c\xc0", &ty), Problem::UnknownAttribute);
    assert_eq!(problem(b"\x82\xa1a\xc3\xa1a\xc3", &ty), Problem::Duplicate);
    golden(b"\x80", &Type::object([]), &Value::Object(Object::new()));
    let error = decode(b"\x82\xa1a\xc3\xa1b\x92\x01\xc3", &ty).unwrap_err();
    assert_eq!((error.path, error.problem), (Path::of("b").index(1), Problem::Expected("number".into())));
}

#[test]
fn declared_lengths_are_not_believed() {
    for ty in [Type::String, Type::list(Type::Bool), Type::map(Type::Bool), Type::set(Type::String), Type::Number] {
        for marker in [0xdb, 0xdd, 0xdf, 0xc9] {
            assert!(decode(&[marker, 0xff, 0xff, 0xff, 0xff], &ty).is_err());
        }
    }
    assert_eq!(problem(&[0xdd, 0xff, 0xff, 0xff, 0xff, 0xc3], &Type::list(Type::Bool)), Problem::Truncated);
    assert_eq!(problem(&[], &Type::Bool), Problem::Truncated);
    assert_eq!(problem(&[0xc3, 0xc3], &Type::Bool), Problem::Trailing);
}

#[test]
fn a_value_of_another_type_is_not_written() {
    assert_eq!(encode(&"a".into(), &Type::Bool).unwrap_err().problem, Problem::Expected("bool".into()));
    let error = encode(&Value::Object(Object::new()), &Type::object([("a", Type::Bool)])).unwrap_err();
    assert_eq!(error.problem, Problem::AttributeCount { expected: 1, found: 0 });
}

proptest! {
    #[test]
    fn what_is_written_is_read((ty, value) in random::typed_value()) {
        let bytes = encode(&value, &ty).unwrap();
        prop_assert_eq!(decode(&bytes, &ty), Ok(value));
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(ty in random::ty(), bytes in any::<Vec<u8>>()) {
        if let Ok(value) = decode(&bytes, &ty) {
            prop_assert!(ty.admits(&value));
        }
    }

    #[test]
    fn spoilt_bytes_are_a_value_or_an_error((ty, value) in random::typed_value(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = encode(&value, &ty).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(value) = decode(&bytes, &ty) {
            prop_assert!(ty.admits(&value));
        }
    }
}
