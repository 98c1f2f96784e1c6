//! A stateful ELBv2 stand-in that behaves as AWS is documented to where moto doesn't: names and ports that are taken,
//! refusals, ranges, provisioning, health, draining, eventual consistency, paging.
//!
//! It knows network load balancers only. What it can't know of AWS (the exact wording of a refusal) follows public
//! reports of real answers. To stall calls, put a [`super::proxy::Proxy`] in front of it.

mod attributes;
mod dispatch;
mod ec2;
mod listeners;
mod load_balancers;
mod names;
mod paging;
mod refusal;
pub mod settings;
mod state;
mod subnets;
mod tags;
mod target_groups;
mod targets;
pub mod watch;

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::call::{Answer, Call, ELBV2};
use super::faults::{Fault, Faults};
use super::http::{self, OBSERVER, QueryAnswer, REGION};
use super::inventory::Inventory;
use super::log::Log;
use super::moto::Network;
use super::server::{Reply, Request, Server};

use settings::Settings;
use state::State;
use watch::Snapshot;

/// The stand-in on a free port. What it was asked is read through its [`Log`], to which it dereferences.
pub struct Fake {
    server: Server,
    account: Account,
}

impl Fake {
    /// An empty account with the default [`Settings`].
    pub fn start() -> Fake {
        Fake::serving(Account::default())
    }

    /// An account that holds what `moment` held.
    pub fn at(moment: &Moment) -> Fake {
        Fake::serving(Account::at(moment))
    }

    /// All that it holds now.
    pub fn moment(&self) -> Moment {
        self.account.moment()
    }

    fn serving(account: Account) -> Fake {
        let handling = account.clone();
        let server = Server::start(Arc::new(move |request| {
            let handling = handling.clone();
            Box::pin(async move {
                let [before, after] = handling.latency(&request);
                tokio::time::sleep(before).await;
                let reply = handling.answer(&request);
                tokio::time::sleep(after).await;
                reply
            })
        }));
        Fake { server, account }
    }

    /// `http://127.0.0.1:PORT`, for every service.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Changes how it behaves from now on.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        self.account.set(change);
    }

    /// Orders an error in place of an action.
    pub fn fail(&self, fault: Fault) {
        self.account.0.faults.lock().unwrap().order(fault);
    }

    /// Everything it holds. Unlike a request of the provider this counts nowhere and stands in no log.
    pub fn inventory(&self) -> Inventory {
        self.account.inventory()
    }

    /// Its VPC and subnets.
    pub fn network(&self) -> Network {
        Network::of(&self.url())
    }

    /// The listeners and their targets after each mutating call.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.account.snapshots()
    }

    /// # Panics
    /// With the first call after which a listener that had registered targets had none.
    #[track_caller]
    pub fn assert_never_empty(&self) {
        if let Some(moment) = watch::first_loss(&self.snapshots(), |view| view.registered) {
            panic!("a listener lost its last registered target: {moment:#?}");
        }
    }

    /// # Panics
    /// With the first call after which a listener that had healthy targets had none.
    #[track_caller]
    pub fn assert_never_unhealthy(&self) {
        if let Some(moment) = watch::first_loss(&self.snapshots(), |view| view.healthy) {
            panic!("a listener lost its last healthy target: {moment:#?}");
        }
    }
}

impl Deref for Fake {
    type Target = Log;

    fn deref(&self) -> &Log {
        &self.account.0.log
    }
}

/// What the stand-in is apart from its socket: whoever carries a request here some other way gets the same answer.
#[derive(Clone, Default)]
pub struct Account(Arc<Shared>);

/// All that an account held at one moment.
#[derive(Clone)]
pub struct Moment(State);

#[derive(Default)]
struct Shared {
    log: Log,
    faults: Mutex<Faults>,
    state: Mutex<State>,
}

impl Account {
    /// How long a request is on its way there and back. The test itself doesn't wait.
    fn latency(&self, request: &Request) -> [Duration; 2] {
        let longest = self.state().settings.latency;
        if longest.is_zero() || Call::from_request(request).access_key == OBSERVER {
            return [Duration::ZERO; 2];
        }
        let mut state = self.state();
        [0; 2].map(|_| longest.mul_f64(state.chance.next()))
    }

    /// Another account, which holds what this moment held. Its log is empty.
    pub fn at(moment: &Moment) -> Account {
        let account = Account::default();
        *account.state() = moment.0.clone();
        account
    }

    /// All that it holds now.
    pub fn moment(&self) -> Moment {
        Moment(self.state().clone())
    }

    /// Changes how it behaves from now on.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state().settings);
    }

    /// As [`Fake::inventory`].
    pub fn inventory(&self) -> Inventory {
        let seen = Mutex::new(self.state().as_seen());
        Inventory::by(&|action, params| {
            let call = observation(action, params);
            let reply = dispatch::answer(&mut seen.lock().unwrap(), &call);
            QueryAnswer::read(action, reply.status, &String::from_utf8_lossy(&reply.body))
        })
    }

    /// As [`Fake::snapshots`].
    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.state().snapshots.clone()
    }

    /// What the test itself asks of Elastic Load Balancing; a change is made, a look leaves no trace.
    pub fn observe(&self, action: &str, params: &[(&str, &str)]) -> QueryAnswer {
        let reply = self.answer_observer(&observation(action, params));
        QueryAnswer::read(action, reply.status, &String::from_utf8_lossy(&reply.body))
    }

    /// Performs what is asked.
    pub fn answer(&self, request: &Request) -> Reply {
        if let Some(reply) = self.0.log.take_mark(request) {
            return reply;
        }
        let call = Call::from_request(request);
        if call.access_key == OBSERVER {
            return self.answer_observer(&call);
        }
        let mut call = self.0.log.begin(call);
        let fault = self.0.faults.lock().unwrap();
        let ordered = { fault }.take(&call.service, &call.action);
        let (reply, answer) = match ordered {
            Some(reply) => (reply, Answer::Injected),
            None => (self.act(&call), Answer::Served),
        };
        self.0.log.complete(&mut call, &reply, answer);
        reply
    }

    fn act(&self, call: &Call) -> Reply {
        let mut state = self.state();
        let reply = dispatch::answer(&mut state, call);
        if call.is_mutating() {
            watch::note(&mut state, call);
        }
        reply
    }

    /// The test itself: it changes what it asks to change, but looking leaves no trace, neither in the log nor in what
    /// counts describes.
    fn answer_observer(&self, call: &Call) -> Reply {
        if call.is_mutating() {
            self.act(call)
        } else {
            let mut seen = self.state().as_seen();
            dispatch::answer(&mut seen, call)
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }
}

/// A call of the test itself.
fn observation(action: &str, params: &[(&str, &str)]) -> Call {
    Call::from_request(&http::request(REGION, OBSERVER, ELBV2, action, params))
}
