//! The compiled protocol against the table of the wire, both ways.

use std::collections::BTreeSet;

use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};
use talosendpoint::protocol::DESCRIPTORS;

const TABLE: &str = include_str!("tfplugin6-wire.csv");

/// Rows of the table that describe 6.11 and go-plugin; the others are marked as belonging to one pre-release only.
const ROWS: usize = 405;

/// Packages that the table describes. The health service is gRPC's own and not in it.
const PACKAGES: [&str; 2] = ["tfplugin6", "plugin"];

#[test]
fn the_protocol_has_what_the_table_has_and_no_more() {
    let table = table();
    let compiled = compiled();
    let missing: Vec<_> = table.difference(&compiled).collect();
    let extra: Vec<_> = compiled.difference(&table).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing: {missing:#?}\nextra: {extra:#?}"
    );
    assert_eq!(table.len(), ROWS);
}

/// Columns before "since" as one text per row: kind,package,parent,name,number,type,label,request,response,streaming
/// of client and server,path,deprecated.
fn table() -> BTreeSet<String> {
    let rows = TABLE
        .lines()
        .skip(1)
        .map(split)
        .filter(|row| !row[17].ends_with(" only"));
    let rows: Vec<_> = rows.map(|row| row[..13].join(";")).collect();
    let unique: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), unique.len(), "the table has duplicates");
    unique
}

/// The table quotes cells with a comma (map types) and nothing else.
fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for char in line.chars() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    assert_eq!(cells.len(), 18, "{line}");
    cells
}

fn compiled() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let mut rows = BTreeSet::new();
    for package in PACKAGES {
        let file = set
            .file
            .iter()
            .find(|file| file.package() == package)
            .unwrap();
        assert_eq!(file.syntax(), "proto3");
        for message in &file.message_type {
            message_rows(package, "", message, &mut rows);
        }
        for values in &file.enum_type {
            enum_rows(package, "", values, &mut rows);
        }
        service_rows(file, &mut rows);
    }
    rows
}

fn message_rows(
    package: &str,
    outer: &str,
    message: &DescriptorProto,
    rows: &mut BTreeSet<String>,
) {
    let name = format!("{outer}{}", message.name());
    if message.field.is_empty() {
        rows.insert(format!("message;{package};{name};;;;(no fields);;;;;;"));
    }
    for field in &message.field {
        let (kind, label) = kind_and_label(message, field);
        let deprecated = if field
            .options
            .as_ref()
            .is_some_and(|options| options.deprecated())
        {
            "yes"
        } else {
            ""
        };
        let (field, number) = (field.name(), field.number());
        rows.insert(format!(
            "field;{package};{name};{field};{number};{kind};{label};;;;;;{deprecated}"
        ));
    }
    let inner = format!("{name}.");
    // A map's entry message is part of its field's row.
    for nested in message
        .nested_type
        .iter()
        .filter(|nested| !is_map_entry(nested))
    {
        message_rows(package, &inner, nested, rows);
    }
    for values in &message.enum_type {
        enum_rows(package, &inner, values, rows);
    }
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message
        .options
        .as_ref()
        .is_some_and(|options| options.map_entry())
}

fn kind_and_label(message: &DescriptorProto, field: &FieldDescriptorProto) -> (String, String) {
    let entry = message.nested_type.iter().find(|nested| {
        is_map_entry(nested)
            && field
                .type_name()
                .ends_with(&format!(".{}.{}", message.name(), nested.name()))
    });
    if let Some(entry) = entry {
        return (
            format!("map<{},{}>", kind(&entry.field[0]), kind(&entry.field[1])),
            "map".to_owned(),
        );
    }
    let label = if field.label() == Label::Repeated {
        "repeated".to_owned()
    } else if field.proto3_optional() {
        "optional".to_owned()
    } else if let Some(index) = field.oneof_index {
        format!(
            "oneof:{}",
            message.oneof_decl[usize::try_from(index).unwrap()].name()
        )
    } else {
        "implicit".to_owned()
    };
    (kind(field), label)
}

fn kind(field: &FieldDescriptorProto) -> String {
    let name = field.type_name().trim_start_matches('.');
    match field.r#type() {
        Type::Message => name.to_owned(),
        Type::Enum => format!("enum {name}"),
        scalar => scalar
            .as_str_name()
            .trim_start_matches("TYPE_")
            .to_lowercase(),
    }
}

fn enum_rows(
    package: &str,
    outer: &str,
    values: &EnumDescriptorProto,
    rows: &mut BTreeSet<String>,
) {
    for value in &values.value {
        let name = format!("{outer}{}", values.name());
        rows.insert(format!(
            "enum;{package};{name};{};{};;;;;;;;",
            value.name(),
            value.number()
        ));
    }
}

fn service_rows(file: &FileDescriptorProto, rows: &mut BTreeSet<String>) {
    let package = file.package();
    for service in &file.service {
        for rpc in &service.method {
            let (service, name) = (service.name(), rpc.name());
            let (input, output) = (
                rpc.input_type().trim_start_matches('.'),
                rpc.output_type().trim_start_matches('.'),
            );
            let streaming = format!("{};{}", rpc.client_streaming(), rpc.server_streaming());
            let path = format!("/{package}.{service}/{name}");
            rows.insert(format!(
                "rpc;{package};{service};{name};;;;{input};{output};{streaming};{path};"
            ));
        }
    }
}
