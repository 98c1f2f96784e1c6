//! The way from the provider to the account: no socket, every call noted, and the ordered fault at its place.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use lab::call::Call;
use lab::fake::Account;
use lab::faults;
use lab::inventory::Inventory;
use lab::server::{Reply, Request};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::fault::Kind;

/// How long a request is on its way, and its answer again.
const WAY: Duration = Duration::from_millis(5);

/// How long "throttled for a while" lasts.
const A_WHILE: Duration = Duration::from_secs(8);

/// The HTTP client that leads to an account.
#[derive(Clone)]
pub struct Wire {
    pub account: Account,
    shared: Arc<Mutex<Script>>,
    /// The inventory, until something comes.
    seen: Arc<Mutex<Option<Arc<Inventory>>>>,
}

/// What has come, and what is to happen.
#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    times: Vec<Instant>,
    order: Option<Order>,
    stop: CancellationToken,
    kill: CancellationToken,
}

/// A fault at the call of this number, counted from 0.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub call: usize,
    pub kind: Kind,
    /// Chooses where an answer is cut.
    pub seed: usize,
}

/// What becomes of one call.
struct Fate {
    is_done: bool,
    answer: Answer,
}

enum Answer {
    Whole,
    Cut(usize),
    Text(&'static str),
    Instead(Reply),
    Reset,
    Never,
}

impl Wire {
    /// A way to `account` on which all is well.
    pub fn to(account: Account) -> Wire {
        Wire { account, shared: Arc::default(), seen: Arc::default() }
    }

    /// The same, where it is known already what the account holds.
    pub fn known(account: Account, inventory: Arc<Inventory>) -> Wire {
        Wire { seen: Arc::new(Mutex::new(Some(inventory))), ..Wire::to(account) }
    }

    /// Has the account read anew: something has changed it beside the wire.
    pub fn forget(&self) {
        *self.seen.lock().unwrap() = None;
    }

    /// Everything that the account holds. To read it takes as long as many calls.
    pub fn inventory(&self) -> Arc<Inventory> {
        let mut seen = self.seen.lock().unwrap();
        Arc::clone(seen.get_or_insert_with(|| Arc::new(self.account.inventory())))
    }

    /// Forgets what has come, and orders a fault.
    pub fn order(&self, order: Option<Order>) {
        *self.script() = Script { order, ..Script::default() };
    }

    /// The calls since then.
    pub fn calls(&self) -> Vec<Call> {
        self.script().calls.clone()
    }

    /// Given when the user presses Ctrl-C.
    pub fn stop(&self) -> CancellationToken {
        self.script().stop.clone()
    }

    /// Given when the process is killed.
    pub fn kill(&self) -> CancellationToken {
        self.script().kill.clone()
    }

    /// How often a call is made at most, where the default would only take longer: the fault lasts.
    pub fn attempts(&self) -> Option<i64> {
        self.script().order.filter(|order| order.kind.lasts()).map(|_| 4)
    }

    /// As what the AWS SDK takes.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    async fn carry(self, request: Request) -> Result<HttpResponse, ConnectorError> {
        sleep(WAY).await;
        let fate = self.script().fate(&Call::from_request(&request));
        let reply = fate.is_done.then(|| {
            self.forget();
            self.account.answer(&request)
        });
        sleep(WAY).await;
        match (fate.answer, reply) {
            (Answer::Whole, Some(reply)) | (Answer::Instead(reply), _) => Ok(response(&reply)),
            (Answer::Cut(seed), Some(reply)) => Ok(response(&cut(reply, seed))),
            (Answer::Text(body), _) => Ok(response(&Reply::xml(200, body))),
            (Answer::Reset, _) => Err(ConnectorError::io("connection reset by peer".into())),
            (Answer::Never | Answer::Whole | Answer::Cut(_), _) => std::future::pending().await,
        }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.shared.lock().unwrap()
    }
}

impl Script {
    fn fate(&mut self, call: &Call) -> Fate {
        let number = self.calls.len();
        self.calls.push(call.clone());
        self.times.push(Instant::now());
        let Some(Order { call: at, kind, seed }) = self.order.filter(|order| number >= order.call) else {
            return Fate::WELL;
        };
        let first = &self.calls[at];
        let same = |other: &&Call| other.action == first.action && other.body == first.body;
        let again = self.calls[at..].iter().filter(same).count() as u32;
        let repeated = same(&call);
        let struck = number == at;
        let times = |most: u32| repeated && again <= most;
        let instead =
            |status, code: &str, message: &str| Answer::Instead(faults::error(&call.service, status, code, message));
        let broken = || instead(503, "ServiceUnavailable", "The service is unavailable");
        let throttled = || instead(400, "Throttling", "Rate exceeded");
        let denied = || {
            let service = if call.service == "ec2" { "ec2" } else { "elasticloadbalancing" };
            let text = format!(
                "User: arn:aws:iam::123456789012:user/test is not authorized to perform: {service}:{}",
                call.action
            );
            instead(403, if call.service == "ec2" { "UnauthorizedOperation" } else { "AccessDenied" }, &text)
        };
        let (strikes, is_done, answer) = match kind {
            Kind::ResetBefore => (struck, false, Answer::Reset),
            Kind::ResetAfter => (struck, true, Answer::Reset),
            Kind::ErrorBefore(most) => (times(most), false, broken()),
            Kind::ErrorAfter(most) => {
                (times(most), true, instead(500, "InternalFailure", "An internal error has occurred"))
            }
            Kind::ThrottledForAWhile => (self.since(at) < A_WHILE, false, throttled()),
            Kind::Throttled => (true, false, throttled()),
            Kind::DeniedOnce => (struck, false, denied()),
            Kind::Denied => (call.action == first.action, false, denied()),
            Kind::Cut => (struck, true, Answer::Cut(seed)),
            Kind::CutAlways => (repeated, true, Answer::Cut(seed)),
            Kind::Malformed => (struck, true, Answer::Text("<html><body><h1>Sign in<br></body>")),
            Kind::Empty => (struck, true, Answer::Text("")),
            Kind::EmptyAlways => (repeated, true, Answer::Text("")),
            Kind::StalledBefore => (struck, false, Answer::Never),
            Kind::StalledAfter => (struck, true, Answer::Never),
            Kind::Stopped => {
                self.stop.cancel();
                (false, true, Answer::Whole)
            }
            Kind::KilledBefore => {
                self.kill.cancel();
                (true, false, Answer::Never)
            }
            // What else is on its way arrives too: it has left the machine.
            Kind::KilledAfter | Kind::KilledUnstored => {
                self.kill.cancel();
                (true, struck, Answer::Never)
            }
        };
        if strikes { Fate { is_done, answer } } else { Fate::WELL }
    }

    /// How long ago the call of that number came.
    fn since(&self, number: usize) -> Duration {
        // The calls' own times are of the machine's clock, which stands still here.
        self.times[self.times.len() - 1].duration_since(self.times[number])
    }
}

impl Fate {
    const WELL: Fate = Fate { is_done: true, answer: Answer::Whole };
}

/// The answer's beginning: up to the end of one of its tags.
fn cut(mut reply: Reply, seed: usize) -> Reply {
    let ends: Vec<usize> =
        reply.body.iter().enumerate().filter(|(_, byte)| **byte == b'>').map(|(at, _)| at + 1).collect();
    // Never the last one: that would be the whole.
    let at = ends.get(seed % (ends.len() - 1).max(1)).copied().unwrap_or_default();
    reply.body.truncate(at);
    reply
}

fn response(reply: &Reply) -> HttpResponse {
    let mut builder = http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        builder = builder.header(name, value);
    }
    let builder = builder.header("content-length", reply.body.len());
    HttpResponse::try_from(builder.body(SdkBody::from(reply.body.clone())).unwrap()).unwrap()
}

fn read(request: &HttpRequest) -> Request {
    let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default();
    Request {
        method: request.method().to_owned(),
        path: format!("/{path}"),
        headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: request.body().bytes().unwrap_or_default().to_vec(),
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

/// The wire as a connector, which gives up an answer that doesn't come.
#[derive(Debug)]
struct Connector {
    wire: Wire,
    limit: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, limit) = (self.wire.clone().carry(read(&request)), self.limit);
        HttpConnectorFuture::new(async move {
            let late = |_| ConnectorError::timeout(format!("no answer within {limit:?}").into());
            timeout(limit, answer).await.map_err(late)?
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let limit = settings.read_timeout().expect("a limit for answers");
        SharedHttpConnector::new(Connector { wire: self.clone(), limit })
    }
}
