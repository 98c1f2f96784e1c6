use yaml_rust2::{Yaml, YamlLoader};

use super::*;
use crate::endpoint::golden;
use crate::endpoint::haproxy::sample::{config, single, whole};
use crate::framework::value::Object;

/// What Terraform makes of a resource for the parameter.
fn argument(resource: &Object) -> Value {
    let needed = ["haproxy_cfg", "keepalived_conf"].map(|name| (name.to_owned(), resource[name].clone()));
    Value::Object(Object::from(needed))
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
        assert_eq!(items(&document, "packages"), ["haproxy", "keepalived", "curl"]);
    }
}

#[test]
fn services_are_enabled_and_started_after_the_network() {
    let document = parsed(&call(&whole(&config([])), "lb-01").unwrap());
    let commands = items(&document, "runcmd");
    assert_eq!(
        commands,
        [
            "systemctl daemon-reload",
            "systemctl enable haproxy",
            "systemctl restart haproxy",
            "systemctl enable keepalived",
            "systemctl restart keepalived",
        ]
    );
    for service in ["haproxy", "keepalived"] {
        let (content, ..) = file(&document, &format!("/etc/systemd/system/{service}.service.d/talosendpoint.conf"));
        assert!(content.contains("Wants=network-online.target") && content.contains("After=network-online.target"));
        assert_eq!(content.contains("Restart=on-failure"), service == "keepalived");
    }
}

#[test]
fn a_single_load_balancer_needs_no_keepalived() {
    let text = call(&whole(&single([])), "any-name").unwrap();
    golden::check("haproxy/single/user-data.yaml", &text);
    assert!(!text.contains("keepalived"));
    assert_eq!(items(&parsed(&text), "packages"), ["haproxy"]);
}

#[test]
fn an_unknown_name_is_an_error_that_tells_the_known_ones() {
    let error = call(&whole(&config([])), "lb-03").unwrap_err();
    assert_eq!(error.argument, Some(1));
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
