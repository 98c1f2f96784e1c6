//! `migrate` on states of the real hashicorp/aws 5.100, as `terraform show -json` printed them (tests/guide makes such a layout and brings it
//! over; here are programs and versions that no machine has all of, and everything that a state may hold).

use std::fs;
use std::path::PathBuf;

use lab::need;
use lab::programs;
use lab::terraform::migrate;
use serde_json::Value as Json;

use crate::stage::workspace;

mod followed;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn state(name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(root().join("tests/pure/states").join(name)).unwrap()).unwrap()
}

/// The objects of a module and of those inside it.
fn each(module: &mut Json, change: &mut dyn FnMut(&mut Json)) {
    module["resources"].as_array_mut().into_iter().flatten().for_each(&mut *change);
    module["child_modules"].as_array_mut().into_iter().flatten().for_each(|child| each(child, change));
}

fn changed(name: &str, mut change: impl FnMut(&mut Json)) -> Json {
    let mut state = state(name);
    each(&mut state["values"]["root_module"], &mut change);
    state
}

fn shown_by(mut state: Json, registry: &str, version: &str) -> Json {
    each(&mut state["values"]["root_module"], &mut |resource| {
        resource["provider_name"] = format!("{registry}/hashicorp/aws").into();
    });
    state["terraform_version"] = version.into();
    state
}

/// The guide's module called with `for_each`, its attachments in it: one of an application load balancer, which stays.
fn keyed_modules() -> Json {
    let mut state = state("guide.json");
    let root = &mut state["values"]["root_module"];
    let mut module = root["child_modules"][0].clone();
    let (attachments, others): (Vec<Json>, Vec<Json>) =
        root["resources"].as_array().unwrap().iter().cloned().partition(|resource| {
            resource["type"] == "aws_lb_target_group_attachment" && resource["name"] != "wk_talos_api"
        });
    root["resources"] = others.into();
    for mut attachment in attachments {
        attachment["address"] = format!("module.loadbalancer.{}", attachment["address"].as_str().unwrap()).into();
        module["resources"].as_array_mut().unwrap().push(attachment);
    }
    let modules = ["a", "b"].map(|key| {
        let text = module.to_string();
        let addresses =
            text.replace("\"address\":\"module.loadbalancer", &format!("\"address\":\"module.lb[\\\"{key}\\\"]"));
        let arns = addresses.replace("demo-talos", &format!("{key}-talos")).replace("module.loadbalancer", "module.lb");
        let type_of_b = arns.replace("\"load_balancer_type\":\"network\"", "\"load_balancer_type\":\"application\"");
        serde_json::from_str::<Json>(if key == "b" { &type_of_b } else { &arns }).unwrap()
    });
    root["child_modules"] = Json::from(modules.to_vec());
    state
}

/// What is marked, tainted, deposed or set beyond what we have.
fn special() -> Json {
    changed("guide.json", |resource| {
        let is = |kind: &str, name: &str| resource["type"] == kind && resource["name"] == name;
        if is("aws_lb", "kubernetes_api") {
            resource["sensitive_values"]["subnets"] = true.into();
            resource["values"]["customer_owned_ipv4_pool"] = "ipv4pool-coip-1".into();
            resource["values"]["timeouts"] = serde_json::json!({"create": "20m"});
            resource["values"]["invented_later"] = "on".into();
            resource["values"]["enable_zonal_shift"] = true.into();
            resource["values"]["security_groups"] = serde_json::json!(["sg-0123456789abcdef0"]);
            resource["values"]["subnet_mapping"][0]["allocation_id"] = "eipalloc-0123456789abcdef0".into();
            resource["tainted"] = true.into();
        } else if is("aws_lb_target_group", "talos_api") {
            resource["sensitive_values"]["tags_all"] = true.into();
        } else if is("aws_lb_listener", "wk_talos_api") {
            resource["values"]["protocol"] = "TLS".into();
        } else if is("aws_lb_target_group_attachment", "cp_talos_api") && resource["index"] == 1 {
            resource["deposed_key"] = "0a1b2c3d".into();
        }
    })
}

#[test]
fn each_state_gives_its_file() {
    let cases = [
        ("guide", state("guide.json")),
        ("terraform-1.6", shown_by(state("guide.json"), "registry.terraform.io", "1.6.6")),
        ("opentofu-1.6", shown_by(state("guide.json"), "registry.opentofu.org", "1.6.2")),
        ("opentofu-1.9", shown_by(state("guide.json"), "registry.opentofu.org", "1.9.1")),
        ("opentofu-1.10", shown_by(state("guide.json"), "registry.opentofu.org", "1.10.0")),
        ("many", state("many.json")),
        ("keyed-modules", keyed_modules()),
        ("special", special()),
    ];
    for (name, state) in cases {
        let printed = migrate(state.to_string().as_bytes()).ok();
        golden(&format!("{name}.tf"), &printed.stdout);
        golden(&format!("{name}.txt"), &printed.stderr);
    }
}

#[test]
fn the_file_is_formatted() {
    let program = need!(programs::terraform());
    for state in [state("guide.json"), state("many.json"), keyed_modules()] {
        let workspace = workspace(&program);
        let printed = migrate(state.to_string().as_bytes()).ok().stdout;
        workspace.main(&printed);
        workspace.run(["fmt", "-check", "-diff", "-no-color"]).ok();
        // Every block that is a comment too, as for a module that has them all.
        let blocks = marked(&printed);
        assert!(!blocks.is_empty(), "{printed}");
        let code: Vec<&str> = blocks.iter().map(|(_, code)| code.trim_end()).collect();
        workspace.main(&format!("{}\n", code.join("\n\n")));
        workspace.run(["fmt", "-check", "-diff", "-no-color"]).ok();
    }
}

/// What stands between marks, without the comment signs, and the module that it belongs into: empty for the root module.
fn marked(printed: &str) -> Vec<(String, String)> {
    let parts = printed.split("\n# --- ").filter(|part| !part.starts_with("end"));
    let parts = parts.filter(|part| part.starts_with("Into ") || part.starts_with("attachments"));
    parts
        .map(|part| {
            let title = part.lines().next().unwrap();
            let module = title.split_once("nto ").map_or("", |(_, module)| module.split(", ").next().unwrap());
            let begins =
                |line: &&str| ["# variable ", "# resource ", "# removed "].iter().any(|word| line.starts_with(word));
            let code = part.lines().skip_while(|line| !begins(line));
            let code: String = code.map(|line| format!("{}\n", line.get(2..).unwrap_or_default())).collect();
            assert!(code.contains('}'), "{part}");
            (module.to_owned(), code)
        })
        .collect()
}

#[test]
fn windows_powershell_writes_utf_16() {
    let units: Vec<u8> = state("guide.json").to_string().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let plain = migrate(state("guide.json").to_string().as_bytes()).ok();
    assert_eq!(migrate(&[&[0xff, 0xfe], units.as_slice()].concat()).ok().stdout, plain.stdout);
}

#[test]
fn where_there_is_nothing_to_bring_over_the_status_is_2_and_there_is_no_file() {
    let application = changed("guide.json", |resource| {
        if resource["type"] == "aws_lb" {
            resource["values"]["load_balancer_type"] = "application".into();
        }
    });
    let other_ports = changed("guide.json", |resource| {
        if resource["type"] == "aws_lb_target_group" {
            resource["values"]["port"] = 80.into();
            resource["values"]["name"] = "web".into(); // a name of ours says more than a port
        }
    });
    for (input, reason) in [
        (application.to_string(), "no Network Load Balancer"),
        (other_ports.to_string(), "module.loadbalancer.aws_lb.kubernetes_api leads to no targets"),
        (r#"{"format_version":"1.0","terraform_version":"1.11.4"}"#.to_owned(), "no Network Load Balancer"),
        (r#"{"format_version":"2.0","values":{}}"#.to_owned(), "the format version 2.0"),
        ("No state.".to_owned(), "terraform show -json"),
        (String::new(), "terraform show -json"),
    ] {
        let printed = migrate(input.as_bytes()).with_status(2);
        assert!(printed.stdout.is_empty() && printed.flat().contains(reason), "{reason}: {}", printed.said());
    }
}

#[test]
fn a_file_that_is_not_whole_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let input = fs::File::open(root().join("tests/pure/states/guide.json")).unwrap();
    let output = std::process::Command::new(lab::terraform::provider())
        .arg("migrate")
        .stdin(input)
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the file is not whole"));
}

/// Compares with tests/golden/migrate, or writes it: `TALOSENDPOINT_GOLDEN=write`.
#[track_caller]
fn golden(file: &str, text: &str) {
    let path = root().join("tests/golden/migrate").join(file);
    if std::env::var("TALOSENDPOINT_GOLDEN").is_ok_and(|word| word == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "tests/golden/migrate/{file} differs; TALOSENDPOINT_GOLDEN=write writes it anew");
}
