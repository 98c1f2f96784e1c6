//! By what a run knows the records of its own deployment.

use std::collections::BTreeSet;

use super::record::Record;

/// A deployment, as a state knows it.
///
/// Its random id proves that a record is its own, whatever the name there. Another state that has a deployment of the same name has another
/// id. The name counts where an id is missing: a create goes on from what a run of its name has left, and `cloud_init` knows no id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// Its id; none where no state knows it, as at a create.
    pub id: Option<String>,
    /// Its name in the state, and in the plan where that gives it another one.
    pub names: BTreeSet<String>,
}

impl Owner {
    /// The deployment of that id and these names.
    pub fn new<'a>(id: Option<String>, names: impl IntoIterator<Item = &'a String>) -> Owner {
        Owner { id, names: names.into_iter().cloned().collect() }
    }

    /// Whether a record is of this deployment.
    pub fn has(&self, record: &Record) -> bool {
        match (&self.id, &record.id) {
            (Some(own), Some(id)) => own == id,
            _ => self.names.contains(&record.owner),
        }
    }

    /// Whether a record is of another deployment of the same name.
    pub fn is_namesake(&self, record: &Record) -> bool {
        !self.has(record) && self.names.contains(&record.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(owner: &str, id: Option<&str>) -> Record {
        Record { owner: owner.to_owned(), id: id.map(str::to_owned), ..Record::default() }
    }

    #[test]
    fn the_id_counts_and_the_name_where_there_is_none() {
        let names = ["former".to_owned(), "prod".to_owned()];
        let known = Owner::new(Some("1".to_owned()), &names);
        let unknown = Owner::new(None, &names);
        for (record, by_id, by_name, is_namesake) in [
            (record("prod", Some("1")), true, true, false),
            (record("other", Some("1")), true, false, false),
            (record("prod", Some("2")), false, true, true),
            (record("former", Some("2")), false, true, true),
            (record("other", Some("2")), false, false, false),
            (record("prod", None), true, true, false),
            (record("other", None), false, false, false),
        ] {
            assert_eq!((known.has(&record), unknown.has(&record)), (by_id, by_name), "{record:?}");
            assert_eq!((known.is_namesake(&record), unknown.is_namesake(&record)), (is_namesake, false), "{record:?}");
        }
    }
}
