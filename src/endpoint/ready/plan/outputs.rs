//! The outputs, which repeat the endpoint.

use crate::endpoint::ready::model::schema::REPEATED;
use crate::endpoint::ready::model::schema::names::ENDPOINT;
use crate::framework::reader::{Maybe, Reader};
use crate::framework::value::{Object, Value};

/// Sets every output: known where the input is.
pub fn outputs(config: &Object, planned: &mut Object) {
    let endpoint = Reader::new(config).nested(ENDPOINT);
    for name in REPEATED {
        let value = match &endpoint {
            Maybe::Known(endpoint) => endpoint.as_ref().map_or(Value::Null, |endpoint| endpoint.value(name).clone()),
            Maybe::Unknown => Value::UNKNOWN,
        };
        planned.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::defaults::defaults;
    use super::super::rules::rules;
    use super::*;
    use crate::endpoint::contract::{HOST, KUBERNETES_API_ENDPOINT, MACHINE_CERT_SANS, NODES, TALOS_API_ENDPOINT};
    use crate::endpoint::ready::model::schema::SCHEMA;
    use crate::endpoint::ready::model::schema::names::WAIT_FOR;
    use crate::framework::diagnostic::Diagnostics;

    fn config(kubernetes: Value, talos: Value, wait_for: Value) -> Object {
        let endpoint = [
            (HOST, "api.example.com".into()),
            (KUBERNETES_API_ENDPOINT, kubernetes),
            (TALOS_API_ENDPOINT, talos),
            (MACHINE_CERT_SANS, Value::Null),
            (NODES, Value::Null),
        ];
        let mut config = SCHEMA.null_object();
        let endpoint = endpoint.map(|(name, value)| (name.to_owned(), value));
        config.insert(ENDPOINT.to_owned(), Value::Object(Object::from(endpoint)));
        config.insert(WAIT_FOR.to_owned(), wait_for);
        config
    }

    fn planned(config: &Object) -> Object {
        let mut planned = config.clone();
        defaults(config, &mut planned);
        outputs(config, &mut planned);
        planned
    }

    #[test]
    fn it_waits_for_what_is_on() {
        let url = || Value::from("https://api.example.com:6443");
        let only = planned(&config(url(), Value::Null, Value::Null));
        assert_eq!(only[WAIT_FOR], Value::set(["kubernetes_api".into()]));
        assert_eq!((&only[HOST], &only[TALOS_API_ENDPOINT]), (&"api.example.com".into(), &Value::Null));
        let unknown = planned(&config(Value::UNKNOWN, Value::Null, Value::Null));
        assert_eq!(
            (&unknown[WAIT_FOR], &unknown[KUBERNETES_API_ENDPOINT]),
            (&Value::UNKNOWN_NOT_NULL, &Value::UNKNOWN)
        );
        let set = Value::set(["talos_api".into()]);
        assert_eq!(planned(&config(url(), Value::UNKNOWN, set.clone()))[WAIT_FOR], set);
    }

    #[test]
    fn what_is_off_is_not_waited_for() {
        let problems = |kubernetes: Value, talos: Value, wait_for: Value| {
            let mut found = Diagnostics::new();
            rules(&config(kubernetes, talos, wait_for), &mut found);
            found.iter().map(|problem| problem.title.clone()).collect::<Vec<_>>()
        };
        let (url, both) = (|| Value::from("https://a:1"), || Value::set(["kubernetes_api".into(), "talos_api".into()]));
        assert_eq!(problems(url(), Value::Null, both()), ["Nothing to wait for"]);
        assert_eq!(problems(Value::Null, Value::Null, Value::Null), ["Nothing to probe"]);
        assert!(problems(url(), Value::UNKNOWN, both()).is_empty());
        assert!(problems(Value::UNKNOWN, Value::Null, Value::Null).is_empty());
    }
}
