//! URLs of AWS's services, and of what takes their place.

use super::names;
use crate::endpoint::enumeration::quoted;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Reader;

/// The services that are called.
const SERVICES: [&str; 3] = [names::ELASTICLOADBALANCINGV2, names::EC2, names::STS];

/// Checks `endpoints`: each key is a service, and each value a URL.
pub fn rules(aws: &Reader<'_>, diagnostics: &mut Diagnostics) {
    let urls = aws.value(names::ENDPOINTS);
    for (service, url) in urls.entries().into_iter().flatten() {
        let place = Path::of(names::AWS).attribute(names::ENDPOINTS).key(service);
        if !SERVICES.contains(&service.as_str()) {
            let detail =
                format!("`{service}` is no service of `{}`: these are {}.", names::ENDPOINTS, quoted(SERVICES));
            diagnostics.push(Diagnostic::invalid(place, "Unknown service", detail));
        } else if let Some((url, fault)) = url.as_str().and_then(|url| Some((url, fault(url)?))) {
            let detail = format!(
                "The value of `{place}` must be a URL that begins with `http://` or `https://`, but it is {:?}. \
                 {fault}",
                masked(url)
            );
            diagnostics.push(Diagnostic::invalid(place, "Invalid value", detail));
        }
    }
}

/// What is wrong with a URL, and what to write instead.
pub fn fault(url: &str) -> Option<String> {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Some("It begins otherwise.".to_owned());
    };
    if let Some(c) = rest.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Some(format!("It holds {c:?}; remove that, or write it as in URLs (a space is `%20`)."));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let address = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (address, None),
    };
    if host.is_empty() {
        return Some("It names no host.".to_owned());
    }
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    port.filter(|port| !is_port(port)).map(|_| "Its port is not a number from 1 to 65535.".to_owned())
}

/// The URL without the user and the password that may be in it.
pub fn masked(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let Some((_, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}***@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::value::{Object, Value};

    #[test]
    fn a_service_that_is_not_called_is_no_key() {
        let said = |service: &str, url: Value| {
            let urls = Value::Map([(service.to_owned(), url)].into());
            let aws = Object::from([(names::ENDPOINTS.to_owned(), urls)]);
            let mut diagnostics = Diagnostics::new();
            rules(&Reader::new(&aws), &mut diagnostics);
            diagnostics.iter().map(|said| format!("{}: {}: {}", said.path, said.title, said.detail)).collect::<String>()
        };
        assert_eq!(
            said("elbv2", "http://localhost".into()),
            "aws.endpoints[\"elbv2\"]: Unknown service: `elbv2` is no service of `endpoints`: these are \
             `elasticloadbalancingv2`, `ec2` and `sts`."
        );
        let wrong = said("sts", "http://user:secret@host:0".into());
        assert!(wrong.starts_with("aws.endpoints[\"sts\"]: Invalid value: "), "{wrong}");
        assert!(!wrong.contains("secret") && wrong.contains("***@host:0") && wrong.contains("Its port"), "{wrong}");
        assert_eq!(
            said("ec2", "http://localhost".into()) + &said("sts", Value::UNKNOWN) + &said("sts", Value::Null),
            ""
        );
    }

    #[test]
    fn a_url_has_a_host_and_a_port_that_can_be() {
        for good in [
            "http://localhost:4566",
            "https://elb.corp.test/path?x=1",
            "http://[::1]",
            "http://[::1]:4566/",
            "http://user:pass@host:80",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for (bad, expected) in [
            ("", "begins otherwise"),
            ("localhost:4566", "begins otherwise"),
            ("http://local host:99999", "It holds ' '"),
            ("http://host:80\n", "It holds '\\n'"),
            ("http://", "no host"),
            ("http:///path", "no host"),
            ("http://:80", "no host"),
            ("http://localhost:99999", "port"),
            ("http://localhost:", "port"),
            ("http://localhost:x/", "port"),
            ("http://[::1]:0", "port"),
        ] {
            assert!(fault(bad).is_some_and(|fault| fault.contains(expected)), "{bad}: {:?}", fault(bad));
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(masked("http://user:pass@host:99999"), "http://***@host:99999");
        assert_eq!(masked("http://user:p@ss/w@host:x"), "http://***@host:x");
        assert_eq!(masked("user:pass@host"), "***@host");
        assert_eq!(masked("http://local host"), "http://local host");
    }
}
