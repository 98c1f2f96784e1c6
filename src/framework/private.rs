//! What a resource remembers beside its state, unseen by the user.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// Entries by name, stored by Terraform as one JSON object. Empty entries are stored as no bytes at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, Json>);

impl Private {
    /// Nothing remembered.
    pub fn new() -> Private {
        Private::default()
    }

    /// The entry `key`.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.get(key)
    }

    /// Sets the entry `key`.
    pub fn set(&mut self, key: &str, value: Json) {
        self.0.insert(key.to_owned(), value);
    }

    /// Forgets the entry `key`.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// If they are neither empty nor a JSON object.
    pub fn from_bytes(bytes: &[u8]) -> Result<Private, serde_json::Error> {
        if bytes.is_empty() {
            return Ok(Private::default());
        }
        serde_json::from_slice(bytes).map(Private)
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        // A map with text keys always has a JSON form.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_storage() {
        let mut private = Private::new();
        assert!(private.to_bytes().is_empty());
        private.set("a", Json::from(1));
        assert_eq!(Private::from_bytes(&private.to_bytes()).unwrap(), private);
        assert!(Private::from_bytes(b"[1]").is_err());
    }
}
