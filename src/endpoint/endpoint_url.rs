//! The function `endpoint_url`: the URL of a Kubernetes API from its host and its port.

use super::{address, contract};
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::ty::Type;
use crate::framework::value::Value;
use crate::remote::authority::host_port;

/// `endpoint_url(host, port)`.
#[derive(Clone, Copy, Debug)]
pub struct EndpointUrl;

impl Function for EndpointUrl {
    fn name(&self) -> &'static str {
        "endpoint_url"
    }

    fn signature(&self) -> Signature {
        let parameter =
            |name, ty, description| Parameter { name, ty, allow_null: false, allow_unknown: false, description };
        Signature {
            parameters: vec![
                parameter("host", Type::String, "A DNS name or an IP address, without scheme, port or brackets."),
                parameter("port", Type::Number, "The port, from 1 to 65535."),
            ],
            variadic: None,
            result: Type::String,
            summary: "The URL of a Kubernetes API",
            description: "Gives `https://HOST:PORT`, with an IPv6 address in brackets: the form that \
                          `cluster_endpoint` of the data source `talos_machine_configuration` wants. Needed only for \
                          hosts of your own; the resources of this provider have it as `kubernetes_api_endpoint`.",
            deprecated: None,
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let refused = |argument: usize, text: String| Err(FunctionError { argument: Some(argument), text });
        let (host, port) = (arguments.first(), arguments.get(1));
        let check = contract::host_name();
        let Some(host) = host.filter(|host| check.accepts(host)).and_then(Value::as_str) else {
            let given = host.and_then(Value::as_str).unwrap_or_default();
            let reason = check.reason(&given.into()).unwrap_or_default();
            return refused(0, format!("\"{given}\": a host {}. {reason}", check.sentence()).trim_end().to_owned());
        };
        match port.and_then(Value::as_i64) {
            Some(port @ 1..=65535) => Ok(format!("https://{}", host_port(&address::canonical(host), port)).into()),
            _ => refused(1, "a port must be a whole number from 1 to 65535".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: &str, port: &str) -> Result<Value, FunctionError> {
        EndpointUrl.call(&[host.into(), Value::Number(port.parse().unwrap())])
    }

    #[test]
    fn a_host_and_a_port_are_a_url() {
        assert_eq!(url("api.example.com", "6443"), Ok("https://api.example.com:6443".into()));
        assert_eq!(url("192.168.30.30", "443"), Ok("https://192.168.30.30:443".into()));
        // In the spelling of the resources' `kubernetes_api_endpoint`.
        assert_eq!(url("2001:DB8:0::1", "6443"), Ok("https://[2001:db8::1]:6443".into()));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_argument() {
        for host in [
            "",
            "https://api.example.com",
            "api.example.com:6443",
            "[2001:db8::1]",
            "a b",
            "10.0.0.300",
            "fe80::1%eth0",
        ] {
            let error = url(host, "6443").unwrap_err();
            assert_eq!(error.argument, Some(0), "{host}");
            assert!(error.text.starts_with(&format!("\"{host}\": a host must be")), "{}", error.text);
        }
        for port in ["0", "65536", "-1", "6443.5", "1e400"] {
            assert_eq!(url("api.example.com", port).unwrap_err().argument, Some(1), "{port}");
        }
    }
}
