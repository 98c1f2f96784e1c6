//! What a plan tells its apply: which registrations stay although this attachment leaves them. It travels in the private state, because
//! plan and apply are different processes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::registration::Registration;
use crate::framework::private::Private;

/// The entry of a plan: for the second planning of a replacement, and for the apply. It never gets into the state.
const PLAN: &str = "registrations";

/// The entry that a read leaves in the state: what another stored attachment has, too.
const SHARED: &str = "shared_registrations";

/// What is to become of the registrations that an attachment leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The process that planned it.
    pub process: String,
    /// The groups in which the registration stays, because another attachment has it or will have it.
    pub stays: BTreeSet<String>,
    /// The groups in which it stays if the group's own port is one of these.
    pub stays_if_own_port: BTreeMap<String, BTreeSet<i64>>,
    /// Whether other attachments of the plan weren't wholly known, so that more may stay than is said here.
    pub is_open: bool,
    /// Whether the attachment is replaced: it will be registered again.
    pub is_replacement: bool,
}

impl Decision {
    /// The decision of the plan, if there was one.
    pub fn read(private: &Private) -> Option<Decision> {
        let entry = private.get(PLAN)?;
        Some(Decision {
            process: entry["process"].as_str()?.to_owned(),
            stays: texts(&entry["stays"]),
            stays_if_own_port: ports(&entry["stays_if_own_port"]),
            is_open: entry["open"].as_bool()?,
            is_replacement: entry["replacement"].as_bool()?,
        })
    }

    /// What an apply goes by, in the process `own`. Where it wasn't planned by another process it may be incomplete: an object that is
    /// deposed is planned anew by the apply itself, which knows only what changes, and one that is tainted isn't planned at all. Then what
    /// the last read found shared stays, and the rest is open.
    pub fn of_apply(private: &Private, own: &str) -> Decision {
        match Decision::read(private) {
            Some(decision) if decision.process != own => decision,
            other => {
                let mut decision = other.unwrap_or_default();
                decision.stays.append(&mut shared(private));
                Decision { is_open: true, is_replacement: true, ..decision }
            }
        }
    }

    /// Hands it to the apply.
    pub fn write(&self, private: &mut Private) {
        let entry = json!({
            "process": self.process,
            "stays": self.stays,
            "stays_if_own_port": self.stays_if_own_port,
            "open": self.is_open,
            "replacement": self.is_replacement,
        });
        private.set(PLAN, entry);
    }
}

/// The number under which this attachment is known to the process that plans it. Only the second planning of a replacement has one
/// before it is planned.
pub fn number(private: &Private) -> Option<u64> {
    private.get(PLAN)?["attachment"].as_u64()
}

/// Notes that number, in place of everything that an earlier plan has left.
pub fn set_number(private: &mut Private, number: u64) {
    private.set(PLAN, json!({ "attachment": number }));
}

/// The private state without what a plan has left.
pub fn without_plan(private: &Private) -> Private {
    let mut private = private.clone();
    private.remove(PLAN);
    private
}

/// The groups in which another stored attachment had the same registration when this one was read.
pub fn shared(private: &Private) -> BTreeSet<String> {
    private.get(SHARED).map(texts).unwrap_or_default()
}

/// Notes what a read has found; nothing where nothing is shared.
pub fn set_shared(private: &mut Private, shared: &BTreeSet<Registration>) {
    if shared.is_empty() {
        private.remove(SHARED);
    } else {
        private.set(SHARED, json!(shared.iter().map(|one| one.group.as_str()).collect::<Vec<_>>()));
    }
}

fn texts(list: &Json) -> BTreeSet<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn ports(map: &Json) -> BTreeMap<String, BTreeSet<i64>> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(group, ports)| {
            let ports = ports.as_array().into_iter().flatten().filter_map(Json::as_i64);
            (group.clone(), ports.collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::registration::tests::registration;
    use super::*;

    #[test]
    fn survives_the_private_state() {
        let decision = Decision {
            process: "p".to_owned(),
            stays: BTreeSet::from(["a".to_owned()]),
            stays_if_own_port: BTreeMap::from([("b".to_owned(), BTreeSet::from([1, 2]))]),
            is_open: true,
            is_replacement: false,
        };
        let mut private = Private::new();
        set_number(&mut private, 7);
        let mut private = Private::from_bytes(&private.to_bytes()).unwrap();
        assert_eq!((number(&private), Decision::read(&private)), (Some(7), None));
        decision.write(&mut private);
        let private = Private::from_bytes(&private.to_bytes()).unwrap();
        assert_eq!((number(&private), Decision::read(&private)), (None, Some(decision)));
    }

    #[test]
    fn what_the_same_process_planned_is_open() {
        let mut private = Private::new();
        set_shared(&mut private, &BTreeSet::from([registration("i-1", "a", None)]));
        let unplanned = Decision::of_apply(&private, "p");
        assert!(unplanned.is_open && unplanned.stays.contains("a"));
        Decision { process: "p".to_owned(), ..Decision::default() }.write(&mut private);
        let check = |own: &str, stays: bool| {
            let decision = Decision::of_apply(&private, own);
            assert_eq!((decision.is_open, decision.stays.contains("a")), (stays, stays), "{own}");
        };
        check("p", true);
        check("another", false);
        assert_eq!(shared(&without_plan(&private)), BTreeSet::from(["a".to_owned()]));
        assert_eq!(Decision::read(&without_plan(&private)), None);
    }

    #[test]
    fn what_is_not_shared_leaves_no_entry() {
        let mut private = Private::new();
        set_shared(&mut private, &BTreeSet::from([registration("i-1", "a", None)]));
        assert_eq!(shared(&private), BTreeSet::from(["a".to_owned()]));
        set_shared(&mut private, &BTreeSet::new());
        assert_eq!(private, Private::new());
    }
}
