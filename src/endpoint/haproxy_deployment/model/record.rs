//! Whose the files of a host are: `/var/lib/talosendpoint/NAME.json`. `cloud_init` writes the first three fields; a deployment adds what was
//! there before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

/// A record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Whose.
    pub owner: String,
    /// The random id of the deployment, which its state knows too; none where `cloud_init` wrote it.
    pub id: Option<String>,
    /// Whether `cloud_init` wrote it: nothing was there before.
    pub is_of_cloud_init: bool,
    /// The SHA-256 of each file, as its owner last wrote it.
    pub files: BTreeMap<String, String>,
    /// The files that were there before and are kept for a destroy.
    pub originals: BTreeSet<String>,
    /// How services were before.
    pub services: BTreeMap<String, ServiceState>,
}

/// How a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceState {
    /// It starts at boot.
    pub enabled: bool,
    /// It runs.
    pub active: bool,
}

impl Record {
    /// Reads the text of a record; none where it is none.
    pub fn parse(text: &str) -> Option<Record> {
        let record: Json = serde_json::from_str(text).ok()?;
        let files = record.get("files")?.as_object()?.iter();
        let files = files.map(|(path, file)| Some((path.clone(), file.get("sha256")?.as_str()?.to_owned())));
        let originals = record.get("originals").and_then(Json::as_array).into_iter().flatten();
        let services = record.get("services").and_then(Json::as_object).into_iter().flatten();
        let is = |service: &Json, name: &str| service.get(name).and_then(Json::as_bool).unwrap_or_default();
        Some(Record {
            owner: record.get("owner")?.as_str()?.to_owned(),
            is_of_cloud_init: record.get("services").is_none(),
            id: record.get("id").and_then(Json::as_str).map(str::to_owned),
            files: files.collect::<Option<_>>()?,
            originals: originals.filter_map(|path| path.as_str().map(str::to_owned)).collect(),
            services: services
                .map(|(name, service)| {
                    (name.clone(), ServiceState { enabled: is(service, "enabled"), active: is(service, "active") })
                })
                .collect(),
        })
    }

    /// What two records of one deployment say together: a run that was cut off in the middle of a renaming leaves both. Of two hashes that
    /// of the file as it is counts.
    #[must_use]
    pub fn joined(mut self, other: Record, is_there: impl Fn(&str, &str) -> bool) -> Record {
        for (path, hash) in other.files {
            if is_there(&path, &hash) || !self.files.contains_key(&path) {
                self.files.insert(path, hash);
            }
        }
        self.originals.extend(other.originals);
        for (name, state) in other.services {
            self.services.entry(name).or_insert(state);
        }
        self
    }

    /// The text of this record.
    pub fn text(&self) -> String {
        let files: serde_json::Map<String, Json> =
            self.files.iter().map(|(path, hash)| (path.clone(), json!({ "sha256": hash }))).collect();
        let services: serde_json::Map<String, Json> = self
            .services
            .iter()
            .map(|(name, one)| (name.clone(), json!({ "enabled": one.enabled, "active": one.active })))
            .collect();
        let mut record = json!({
            "version": 1, "owner": self.owner, "files": files, "originals": self.originals, "services": services,
        });
        if let Some(id) = &self.id {
            record["id"] = id.as_str().into();
        }
        format!("{record:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::host_files;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = Record {
            owner: "192.0.2.30".into(),
            id: Some("0123456789abcdef".into()),
            is_of_cloud_init: false,
            files: [("/etc/haproxy/haproxy.cfg".into(), "00ff".into())].into(),
            originals: ["/etc/haproxy/haproxy.cfg".into()].into(),
            services: [("haproxy".into(), ServiceState { enabled: true, active: false })].into(),
        };
        assert_eq!(Record::parse(&record.text()), Some(record));
    }

    #[test]
    fn two_of_one_deployment_say_together_what_there_is() {
        let state = ServiceState { enabled: true, active: true };
        let record = |hash: &str, more: &str| Record {
            files: [("/etc/x".into(), hash.into()), (more.into(), "00ff".into())].into(),
            originals: [more.into()].into(),
            services: [(more.into(), state)].into(),
            ..Record::default()
        };
        for there in ["1", "2"] {
            let joined = record("1", "/a").joined(record("2", "/b"), |_, hash| hash == there);
            assert_eq!(joined.files["/etc/x"], there);
            assert_eq!((joined.files.len(), joined.originals.len(), joined.services.len()), (3, 2, 2));
        }
    }

    #[test]
    fn that_of_cloud_init_is_read_too() {
        let files = [("/etc/x".to_owned(), "abc".to_owned())].into();
        let record = Record::parse(&host_files::owner_record("2001:db8::1", &files)).unwrap();
        assert_eq!((record.owner.as_str(), record.files.len(), record.originals.len()), ("2001:db8::1", 1, 0));
        assert!(record.is_of_cloud_init);
        for broken in ["", "{}", "[]", r#"{"owner": "a", "files": {"/x": {}}}"#] {
            assert_eq!(Record::parse(broken), None, "{broken}");
        }
    }
}
