use yaml_rust2::{Yaml, YamlLoader};

use super::*;
use crate::endpoint::golden;
use crate::endpoint::haproxy::sample::{cases, config, nested, single, whole};
use crate::framework::value::Object;

/// What Terraform makes of a resource for the parameter: an object of what its type names.
fn argument(resource: &Object) -> Value {
    let [haproxy, _] = &CloudInit.signature().parameters[..] else { panic!("two parameters") };
    narrowed(&haproxy.ty, &Value::Object(resource.clone()))
}

fn narrowed(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Object(types), Value::Object(object)) => {
            Value::Object(types.iter().map(|(name, ty)| (name.clone(), narrowed(ty, &object[name]))).collect())
        }
        (Type::Map(element), Value::Map(entries)) => {
            Value::Map(entries.iter().map(|(key, value)| (key.clone(), narrowed(element, value))).collect())
        }
        _ => value.clone(),
    }
}

fn call(resource: &Object, host: &str) -> Result<String, FunctionError> {
    let result = CloudInit.call(&[argument(resource), host.into()])?;
    Ok(result.as_str().unwrap().to_owned())
}

fn parsed(text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// The content, owner and mode of the file that is written to `path`.
fn file(document: &Yaml, path: &str) -> (String, String, String) {
    let files = document["write_files"].as_vec().unwrap();
    let file = files.iter().find(|file| file["path"].as_str() == Some(path)).unwrap_or_else(|| panic!("no {path}"));
    let text = |name: &str| file[name].as_str().unwrap().to_owned();
    (text("content"), text("owner"), text("permissions"))
}

fn items(document: &Yaml, name: &str) -> Vec<String> {
    let text = |item: &Yaml| match item {
        Yaml::Array(words) => words.iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(" "),
        word => word.as_str().unwrap().to_owned(),
    };
    document[name].as_vec().unwrap().iter().map(text).collect()
}

#[test]
fn the_files_come_out_of_the_yaml_as_they_went_in() {
    let resource = whole(&config([]));
    for host in ["lb-01", "lb-02"] {
        let text = call(&resource, host).unwrap();
        golden::check(&format!("haproxy/guide/{host}/user-data.yaml"), &text);
        assert!(text.starts_with("#cloud-config\n"));
        let document = parsed(&text);
        let keepalived = resource["keepalived_conf"].entries().unwrap()[host].as_str().unwrap();
        let root = "root:root".to_owned();
        let expected = (resource["haproxy_cfg"].as_str().unwrap().to_owned(), root.clone(), "0644".to_owned());
        assert_eq!(file(&document, "/etc/haproxy/haproxy.cfg"), expected);
        assert_eq!(
            file(&document, "/etc/keepalived/keepalived.conf"),
            (keepalived.to_owned(), root, "0640".to_owned())
        );
        assert!(document["packages"].is_badvalue(), "a package that fails there is never tried again");
        let record = file(&document, "/var/lib/talosendpoint/192.168.30.30.json").0;
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(record["owner"], "192.168.30.30");
        assert_eq!(record["files"].as_object().unwrap().len(), document["write_files"].as_vec().unwrap().len() - 1);
    }
}

#[test]
fn a_service_that_tries_again_brings_the_machine_up() {
    let document = parsed(&call(&whole(&config([])), "lb-01").unwrap());
    let commands = items(&document, "runcmd");
    assert_eq!(
        commands,
        [
            "systemctl daemon-reload",
            "systemctl enable talosendpoint-setup.service",
            "systemctl start talosendpoint-setup.service",
        ]
    );
    let (unit, ..) = file(&document, "/etc/systemd/system/talosendpoint-setup.service");
    assert!(unit.contains("ExecStart=/usr/local/sbin/talosendpoint-setup haproxy keepalived\n"), "{unit}");
    assert!(unit.contains("Restart=on-failure") && unit.contains("WantedBy=multi-user.target"), "{unit}");
    let (script, _, mode) = file(&document, "/usr/local/sbin/talosendpoint-setup");
    assert!(script.starts_with("#!/bin/sh\n") && mode == "0755");
    for service in ["haproxy", "keepalived"] {
        let (content, ..) = file(&document, &format!("/etc/systemd/system/{service}.service.d/talosendpoint.conf"));
        assert!(content.contains("Wants=network-online.target") && content.contains("After=network-online.target"));
        assert!(content.contains("Restart="), "{service}");
    }
}

#[test]
fn folders_that_the_file_names_are_made() {
    let folders = [("chroot", "/srv/haproxy".into()), ("stats_socket", "/run/lb/admin.sock".into())];
    let document = parsed(&call(&whole(&config([nested("haproxy", folders)])), "lb-01").unwrap());
    let (content, ..) = file(&document, "/etc/tmpfiles.d/talosendpoint.conf");
    assert!(content.contains("d /run/lb - - - -\n") && content.contains("d /srv/haproxy - - - -\n"), "{content}");
}

#[test]
fn servers_by_name_keep_their_addresses_while_dns_is_down() {
    let resource = whole(&cases()["dns-backends"]);
    let text = call(&resource, "lb-01").unwrap();
    golden::check("haproxy/dns-backends/lb-01/user-data.yaml", &text);
    let document = parsed(&text);
    let text_of_haproxy = file(&document, "/etc/haproxy/haproxy.cfg").0;
    let state = text_of_haproxy.lines().find_map(|line| line.trim().strip_prefix("server-state-file ")).unwrap();
    let (folders, ..) = file(&document, "/etc/tmpfiles.d/talosendpoint.conf");
    assert!(folders.contains(&format!("f {state} 0644 root root - 1\\n\n")), "{folders}");
    let (script, _, mode) = file(&document, "/usr/local/sbin/talosendpoint-server-state");
    assert!(script.starts_with("#!/bin/sh\n") && mode == "0755");
    let (unit, ..) = file(&document, "/etc/systemd/system/talosendpoint-server-state.service");
    assert!(unit.contains("ExecStart=/usr/local/sbin/talosendpoint-server-state\n"), "{unit}");
    file(&document, "/etc/systemd/system/talosendpoint-server-state.timer");
    let (drop_in, ..) = file(&document, "/etc/systemd/system/haproxy.service.d/talosendpoint.conf");
    assert!(drop_in.contains("RES_OPTIONS=timeout:1 attempts:1"), "{drop_in}");
    let addressed = call(&whole(&config([])), "lb-01").unwrap();
    assert!(!addressed.contains("server-state.timer\n    owner") && !addressed.contains("RES_OPTIONS"));
}

#[test]
fn a_single_load_balancer_needs_no_keepalived() {
    let text = call(&whole(&single([])), "lb-01").unwrap();
    golden::check("haproxy/single/user-data.yaml", &text);
    let document = parsed(&text);
    let (unit, ..) = file(&document, "/etc/systemd/system/talosendpoint-setup.service");
    assert!(unit.contains("ExecStart=/usr/local/sbin/talosendpoint-setup haproxy\n"), "{unit}");
    assert!(!text.contains("keepalived.conf") && !text.contains("keepalived.service.d"));
    file(&document, "/var/lib/talosendpoint/192.168.30.21.json");
}

#[test]
fn an_unknown_name_is_an_error_that_tells_the_known_ones() {
    let error = call(&whole(&config([])), "lb-03").unwrap_err();
    assert_eq!(error.argument, Some(1));
    let alone = call(&whole(&single([])), "other").unwrap_err();
    assert_eq!(alone.argument, Some(1));
    assert!(error.text.contains("\"lb-03\"") && error.text.contains("lb-01, lb-02"), "{}", error.text);
}

#[test]
fn text_that_is_no_file_of_the_resource_is_refused() {
    for bad in ["", "a", "a\n\n", " a\n", "a\r\n", "a\tb\n", "ä\n"] {
        let mut resource = whole(&config([]));
        resource.insert("haproxy_cfg".into(), bad.into());
        assert_eq!(call(&resource, "lb-01").unwrap_err().argument, Some(0), "{bad:?}");
    }
}

#[test]
fn settings_of_a_container_are_not_for_a_machine() {
    let call_with = |name: &'static str| call(&whole(&single([nested("haproxy", [(name, "".into())])])), "lb-01");
    for name in ["chroot", "user", "group"] {
        let error = call_with(name).unwrap_err();
        assert!(error.argument == Some(0) && error.text.contains(&format!("`haproxy.{name}`")), "{error:?}");
    }
    let root = call(&whole(&single([nested("haproxy", [("user", "root".into())])])), "lb-01").unwrap_err();
    assert!(root.text.contains("HAProxy would stay root"), "{root:?}");
    assert!(call(&whole(&single([nested("haproxy", [("user", "proxy".into())])])), "lb-01").is_ok());
}
