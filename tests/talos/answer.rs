//! What the oracle says.

use serde_json::Value as Json;

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where it failed (generate, load, merge, reload, validate) and why.
    pub failed: Option<(String, String)>,
    /// What Talos warns of, beyond what the base configuration is warned of.
    pub warnings: Vec<String>,
    /// What its controllers read.
    pub view: View,
    /// All of it, for golden files.
    pub json: Json,
}

/// A configuration as Talos' controllers read it, in both forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Virtual addresses with their links.
    pub vips: Vec<(String, String)>,
    /// Addresses of the node's own, with prefix lengths, with their links.
    pub addresses: Vec<(String, String)>,
    /// Links with their routes' destinations and gateways.
    pub routes: Vec<(String, String, String)>,
    /// The metrics of the routes that have a gateway; 0 is Talos' own.
    pub metrics: Vec<u64>,
    /// Links with DHCP.
    pub dhcp: Vec<String>,
    /// Whether every other link has DHCP, as it has by default; none where no document can end that.
    pub default_dhcp: Option<bool>,
    /// Links that are declared, with which their default addressing ends.
    pub links: Vec<String>,
    /// VLANs that are declared, as `NAME=ID@PARENT`.
    pub vlans: Vec<String>,
    /// Names for links that an expression finds.
    pub aliases: Vec<(String, String)>,
    /// The devices of a known machine that each of these expressions finds.
    pub devices: Vec<Vec<String>>,
    /// What was added to `machine.certSANs`.
    pub machine_cert_sans: Vec<String>,
    /// What was added to the API server's names.
    pub api_server_cert_sans: Vec<String>,
    /// Addresses with their names in the node's own host table.
    pub hosts: Vec<(String, Vec<String>)>,
}

impl View {
    /// Gateways with their links.
    pub fn gateways(&self) -> Vec<(String, String)> {
        self.routes.iter().map(|(link, _, gateway)| (gateway.clone(), link.clone())).collect()
    }
}

impl Answer {
    /// Reads the program's JSON.
    pub fn read(json: &Json) -> Answer {
        let failed = json["stage"].as_str().map(|stage| (stage.to_owned(), text(&json["error"])));
        let view = &json["view"];
        let view = if view.is_null() {
            View::default()
        } else {
            View {
                vips: pairs(&view["vips"], "ip", "link"),
                addresses: pairs(&view["addresses"], "address", "link"),
                routes: list(&view["routes"])
                    .map(|route| (text(&route["link"]), text(&route["destination"]), text(&route["gateway"])))
                    .collect(),
                metrics: list(&view["routes"])
                    .filter(|route| route["gateway"] != "")
                    .map(|route| route["metric"].as_u64().unwrap())
                    .collect(),
                dhcp: texts(&view["dhcp"]),
                default_dhcp: view["default_dhcp"].as_bool(),
                links: texts(&view["links"]),
                vlans: list(&view["vlans"])
                    .map(|vlan| format!("{}={}@{}", text(&vlan["link"]), vlan["id"], text(&vlan["parent"])))
                    .collect(),
                aliases: pairs(&view["aliases"], "name", "match"),
                devices: list(&view["aliases"]).map(|alias| texts(&alias["devices"])).collect(),
                machine_cert_sans: texts(&view["machine_cert_sans"]),
                api_server_cert_sans: texts(&view["api_server_cert_sans"]),
                hosts: hosts(&view["hosts"]),
            }
        };
        let warnings = if json["warnings"].is_null() { Vec::new() } else { texts(&json["warnings"]) };
        let mut json = json.clone();
        json.as_object_mut().unwrap().remove("name");
        Answer { failed, warnings, view, json }
    }

    /// `STAGE: ERROR`, or nothing.
    pub fn error(&self) -> String {
        self.failed.as_ref().map(|(stage, error)| format!("{stage}: {error}")).unwrap_or_default()
    }
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().unwrap_or_else(|| panic!("{json} is no list")).iter()
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("{json} is no text")).to_owned()
}

/// A list of texts.
pub fn texts(json: &Json) -> Vec<String> {
    list(json).map(text).collect()
}

/// Left out where there is none, so that most answers don't have it.
fn hosts(json: &Json) -> Vec<(String, Vec<String>)> {
    let entries = json.as_array().into_iter().flatten();
    entries.map(|entry| (text(&entry["ip"]), texts(&entry["names"]))).collect()
}

fn pairs(json: &Json, first: &str, second: &str) -> Vec<(String, String)> {
    list(json).map(|item| (text(&item[first]), text(&item[second]))).collect()
}
