//! The proxy that the environment names, by curl's rules: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in capitals first.
//!
//! The SDK's connector reads the same variables by itself. Here is what it doesn't do: say that a value is no use, say which proxy
//! stands in the way of a request, and leave this machine's own addresses alone.

use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// Variables for `https://`, the first that is set counts; then those of [`ALL`].
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
/// Variables for `http://`.
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
/// Variables for both.
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// A variable whose value is no proxy. The value is not repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not the URL of an HTTP proxy")]
pub struct UnusableProxy {
    /// Such as `HTTPS_PROXY`, in the case in which it is set.
    pub variable: &'static str,
}

/// A proxy in the way of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// `http://HOST:PORT`, without user and password.
    pub address: String,
    /// The variable that names it.
    pub variable: &'static str,
    /// Whether that variable holds a user and a password.
    pub with_password: bool,
}

/// The proxies of the environment.
#[derive(Clone, Debug)]
pub struct Proxies {
    matcher: Arc<Matcher>,
    https: Option<&'static str>,
    http: Option<&'static str>,
}

impl Proxies {
    /// Reads the environment.
    ///
    /// # Errors
    /// If a variable is set to what can't be used: the connector would ignore it, and try to reach AWS directly.
    pub fn from_env() -> Result<Proxies, UnusableProxy> {
        Proxies::read(|name| std::env::var(name).ok())
    }

    /// No proxy for anything.
    pub fn none() -> Proxies {
        Proxies { matcher: Arc::new(Matcher::builder().build()), https: None, http: None }
    }

    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Proxies, UnusableProxy> {
        let first = |names: [&'static str; 2]| {
            let set = names.into_iter().find_map(|name| Some((name, lookup(name)?)));
            set.filter(|(_, value)| !value.is_empty())
        };
        let [https, http, all] = [HTTPS, HTTP, ALL].map(first);
        for (variable, value) in [&https, &http, &all].into_iter().flatten() {
            check(variable, value)?;
        }
        let value =
            |set: &Option<(&'static str, String)>| set.as_ref().map(|(_, value)| value.clone()).unwrap_or_default();
        let builder = Matcher::builder().https(value(&https)).http(value(&http)).all(value(&all));
        let name = |set: &Option<(&'static str, String)>| set.as_ref().or(all.as_ref()).map(|(name, _)| *name);
        let (https, http) = (name(&https), name(&http));
        Ok(Proxies { matcher: Arc::new(builder.no(value(&first(NO))).build()), https, http })
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        self.https.or(self.http).is_some()
    }

    /// The proxy through which `url` is asked for.
    pub fn of(&self, url: &Uri) -> Option<Proxy> {
        if is_of_this_machine(url.host()?) {
            return None;
        }
        let found = self.matcher.intercept(url)?;
        let variable = if url.scheme_str() == Some("https") { self.https } else { self.http };
        let uri = found.uri();
        let address = format!("{}://{}", uri.scheme_str().unwrap_or("http"), uri.authority()?);
        Some(Proxy { address, variable: variable?, with_password: found.basic_auth().is_some() })
    }
}

fn check(variable: &'static str, value: &str) -> Result<(), UnusableProxy> {
    let alone = Matcher::builder().all(value.to_owned()).build();
    let found = alone.intercept(&Uri::from_static("https://aws.amazon.com/"));
    let is_usable = found.is_some_and(|found| {
        // A password with an unescaped `@`, `#` or `/` ends too early. What is left of it must not be taken for the host, nor be shown.
        let whole = value.matches('@').count() == usize::from(found.basic_auth().is_some());
        whole && matches!(found.uri().scheme_str(), Some("http" | "https"))
    });
    if is_usable { Ok(()) } else { Err(UnusableProxy { variable }) }
}

/// `localhost`, loopback, and the link-local addresses where the platform hands out credentials (169.254.169.254 and the like): no proxy
/// reaches this machine's, and must not be asked for its credentials. The Go SDK makes the same exception for
/// loopback; the link-local addresses are those of the AWS documentation for instance metadata, ECS and EKS.
fn is_of_this_machine(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.segments()[..2] == [0xfd00, 0xec2],
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, UnusableProxy> {
        Proxies::read(|name| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    fn found(variables: &[(&str, &str)], url: &str) -> Option<Proxy> {
        proxies(variables).unwrap().of(&url.parse().unwrap())
    }

    #[test]
    fn the_variable_of_the_scheme_wins_and_the_password_is_left_out() {
        let variables = [("https_proxy", "http://joe:p%40ss@proxy:3128/x"), ("ALL_PROXY", "other:8080")];
        let proxy = found(&variables, "https://elb.amazonaws.com/").unwrap();
        let expected = Proxy { address: "http://proxy:3128".into(), variable: "https_proxy", with_password: true };
        assert_eq!(proxy, expected);
        let proxy = found(&variables, "http://elb.amazonaws.com/").unwrap();
        assert_eq!((proxy.address.as_str(), proxy.variable), ("http://other:8080", "ALL_PROXY"));
        assert_eq!(found(&[("HTTPS_PROXY", ""), ("https_proxy", "http://p:1")], "https://a.b/"), None);
        assert!(!proxies(&[]).unwrap().any());
    }

    #[test]
    fn exceptions_are_names_suffixes_addresses_and_networks() {
        let with =
            |no: &str, url: &str| found(&[("HTTPS_PROXY", "http://proxy:3128"), ("NO_PROXY", no)], url).is_some();
        assert!(with("", "https://elb.corp.test/"));
        for no in ["elb.corp.test", "corp.test", ".corp.test", "*", "x.test, CORP.TEST"] {
            assert!(!with(no, "https://elb.corp.test/"), "{no}");
        }
        assert!(with("lb.corp.test", "https://elb.corp.test/"));
        assert!(with("*.corp.test", "https://elb.corp.test/"), "a star stands only alone");
        assert!(!with("10.0.0.0/8", "https://10.1.2.3/") && with("10.0.0.0/8", "https://11.1.2.3/"));
        assert!(!with("10.1.2.3", "https://10.1.2.3:8443/"));
        assert!(!with("fd00::/8", "https://[fd00::1]/"));
    }

    #[test]
    fn this_machine_and_its_credentials_are_asked_directly() {
        let all = [("ALL_PROXY", "http://proxy:3128")];
        for host in [
            "127.0.0.1",
            "127.8.8.8:99",
            "localhost",
            "LocalHost",
            "[::1]:1",
            "169.254.169.254",
            "169.254.170.23",
            "[fd00:ec2::254]",
        ] {
            assert_eq!(found(&all, &format!("http://{host}/")), None, "{host}");
            assert_eq!(found(&all, &format!("https://{host}/")), None, "{host}");
        }
        assert!(found(&all, "http://10.0.0.1/").is_some() && found(&all, "https://localhost.corp.test/").is_some());
    }

    #[test]
    fn a_value_that_is_no_http_proxy_is_refused_by_name() {
        for value in [
            "socks5://proxy:1080",
            "ftp://proxy",
            "http://joe:p@ss@proxy:3128",
            "http://joe:p#ss@proxy:3128",
            "http://joe:12/ss@proxy:3128",
            "http://",
            "a b",
        ] {
            let refused = proxies(&[("HTTPS_PROXY", value)]).unwrap_err();
            assert_eq!(refused.to_string(), "HTTPS_PROXY is not the URL of an HTTP proxy", "{value}");
        }
        for value in ["proxy:3128", "http://proxy", "https://proxy:3129", "http://joe:p%40s%23@proxy:3128"] {
            assert!(proxies(&[("HTTPS_PROXY", value)]).is_ok(), "{value}");
        }
    }
}
