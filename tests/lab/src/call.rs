//! One recorded AWS request with its answer.

use std::time::{Duration, Instant};

use super::form;
use super::server::{Reply, Request};

/// How a recorded request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Not (yet): under way, withheld for ever, or the client went away.
    None,
    /// By the stand-in itself.
    Served,
    /// By an error or a hook of the test, in the stand-in's place: nothing was performed.
    Injected,
}

/// A request in AWS's query protocol (or, with an empty `params`, any other).
#[derive(Debug, Clone)]
pub struct Call {
    /// Position in its log, from 0.
    pub number: usize,
    /// `elasticloadbalancing`, `sts`, `ec2`: from the credential scope of the signature; empty when unsigned.
    pub service: String,
    /// Region of the credential scope.
    pub region: String,
    /// Access key of the credential scope.
    pub access_key: String,
    /// `CreateLoadBalancer`; for what isn't a query request, its method and path.
    pub action: String,
    /// All decoded parameters in the order sent, without `Action` and `Version`.
    pub params: Vec<(String, String)>,
    /// `2015-12-01`.
    pub version: String,
    /// The `user-agent` header.
    pub user_agent: String,
    /// The body as it was sent.
    pub body: String,
    /// HTTP status of the answer; 0 until there is one.
    pub status: u16,
    /// Body of the answer.
    pub response: String,
    /// Who answered.
    pub answer: Answer,
    /// When the whole request had arrived.
    pub started: Instant,
    /// When the answer was known (for a withheld one: when the stand-in gave it).
    pub ended: Option<Instant>,
}

impl Call {
    /// Reads what can be read from a request that has just arrived.
    pub fn from_request(request: &Request) -> Call {
        let scope = Scope::read(request.header("authorization").unwrap_or_default());
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let mut params = form::decode(&body);
        if let Some((_, query)) = request.path.split_once('?') {
            params.extend(form::decode(query));
        }
        let action = take(&mut params, "Action")
            .or_else(|| request.header("x-amz-target").map(str::to_owned))
            .unwrap_or_else(|| format!("{} {}", request.method, request.path));
        let version = take(&mut params, "Version").unwrap_or_default();
        Call {
            number: 0,
            service: scope.service,
            region: scope.region,
            access_key: scope.access_key,
            action,
            params,
            version,
            user_agent: request.header("user-agent").unwrap_or_default().to_owned(),
            body,
            status: 0,
            response: String::new(),
            answer: Answer::None,
            started: Instant::now(),
            ended: None,
        }
    }

    /// The value of one parameter, by its full name (`Tags.member.1.Key`).
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The values under a list parameter in index order: `list("Subnets")` reads `Subnets.member.1`, `.2`, …
    pub fn list(&self, name: &str) -> Vec<&str> {
        (1..)
            .map_while(|index| {
                self.param(&format!("{name}.member.{index}")).or_else(|| self.param(&format!("{name}.{index}")))
            })
            .collect()
    }

    /// Pairs under a list of structures: `pairs("Tags", "Key", "Value")`.
    pub fn pairs(&self, name: &str, key: &str, value: &str) -> Vec<(&str, &str)> {
        (1..)
            .map_while(|index| {
                let key = self.param(&format!("{name}.member.{index}.{key}"))?;
                let value = self.param(&format!("{name}.member.{index}.{value}"));
                Some((key, value.unwrap_or_default()))
            })
            .collect()
    }

    /// Whether this is an ELBv2 call that changes something.
    pub fn is_mutating(&self) -> bool {
        const PREFIXES: [&str; 8] = ["Create", "Modify", "Set", "Add", "Remove", "Register", "Deregister", "Delete"];
        self.service == ELBV2 && PREFIXES.iter().any(|prefix| self.action.starts_with(prefix))
    }

    /// From arrival to answer.
    pub fn duration(&self) -> Option<Duration> {
        Some(self.ended?.duration_since(self.started))
    }

    pub(super) fn complete(&mut self, reply: &Reply, answer: Answer) {
        self.status = reply.status;
        self.response = String::from_utf8_lossy(&reply.body).into_owned();
        self.answer = answer;
        self.ended = Some(Instant::now());
    }
}

/// ELBv2's name in a credential scope.
pub const ELBV2: &str = "elasticloadbalancing";

#[derive(Default)]
struct Scope {
    access_key: String,
    region: String,
    service: String,
}

impl Scope {
    /// `AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-central-1/sts/aws4_request, SignedHeaders=…`
    fn read(authorization: &str) -> Scope {
        let Some((_, credential)) = authorization.split_once("Credential=") else {
            return Scope::default();
        };
        let credential = credential.split([',', ' ']).next().unwrap_or_default();
        let mut parts = credential.rsplitn(5, '/').map(str::to_owned);
        let _terminator = parts.next();
        let service = parts.next().unwrap_or_default();
        let region = parts.next().unwrap_or_default();
        let _date = parts.next();
        let access_key = parts.next().unwrap_or_default();
        Scope { access_key, region, service }
    }
}

fn take(params: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = params.iter().position(|(key, _)| key == name)?;
    Some(params.remove(index).1)
}
