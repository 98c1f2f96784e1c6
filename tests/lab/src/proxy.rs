//! A reverse proxy between the provider and a stand-in: records every request, and does to chosen ones what a network
//! and a cloud do on a bad day.

use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::call::{Answer, Call};
use super::faults::{Fault, Faults};
use super::http;
use super::log::Log;
use super::server::{Reply, Request, Server};

type Before = Arc<dyn Fn(&Call) -> Option<Reply> + Send + Sync>;
type After = Arc<dyn Fn(&Call, &mut Reply) + Send + Sync>;

/// A recording proxy on a free port. What it recorded is read through its [`Log`], to which it dereferences.
pub struct Proxy {
    server: Server,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Forwards everything to `target` (`http://127.0.0.1:PORT`).
    pub fn start(target: &str) -> Proxy {
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            log: Log::default(),
            orders: Mutex::default(),
            stalled: Condvar::new(),
            released: watch::Sender::new(0),
        });
        let handling = Arc::clone(&shared);
        let server = Server::start(Arc::new(move |request| Box::pin(Arc::clone(&handling).answer(request))));
        Proxy { server, shared }
    }

    /// What to give to the provider as its endpoint.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The n-th mutating call from now on (1-based) is performed, but its answer is withheld until
    /// [`Proxy::release`].
    pub fn stall_after(&self, n: usize) {
        self.stall(n, Moment::After);
    }

    /// The n-th mutating call from now on (1-based) is held before it reaches the stand-in. Should its client go away
    /// meanwhile, it never gets there.
    pub fn stall_before(&self, n: usize) {
        self.stall(n, Moment::Before);
    }

    /// Waits until a call is stalled and gives the first one (for `stall_after`: with the answer that is withheld).
    /// `None` when none came within `limit`.
    pub fn wait_stalled(&self, limit: Duration) -> Option<Call> {
        let end = Instant::now() + limit;
        let mut orders = self.shared.lock();
        while orders.stalled.is_empty() {
            let left = end.checked_duration_since(Instant::now())?;
            orders = self.shared.stalled.wait_timeout(orders, left).unwrap().0;
        }
        orders.stalled.first().cloned()
    }

    /// Lets every stalled call go on, and forgets the stalls still ordered.
    pub fn release(&self) {
        let mut orders = self.shared.lock();
        orders.stalls.clear();
        orders.stalled.clear();
        self.shared.released.send_modify(|count| *count += 1);
    }

    /// Orders an error in place of forwarding.
    pub fn fail(&self, fault: Fault) {
        self.shared.lock().faults.order(fault);
    }

    /// Runs `hook` before each call of `action` (`*`: every) is forwarded; what it answers is given instead. It may
    /// block, and may talk to the stand-in directly: that is how "somebody else does it at the same moment" is made.
    pub fn on<F>(&self, action: &str, hook: F)
    where
        F: Fn(&Call) -> Option<Reply> + Send + Sync + 'static,
    {
        let hook: Before = Arc::new(hook);
        self.shared.lock().before.push((action.to_owned(), hook));
    }

    /// Runs `hook` on the answer to each call of `action` (`*`: every), which it may change.
    pub fn on_reply<F>(&self, action: &str, hook: F)
    where
        F: Fn(&Call, &mut Reply) + Send + Sync + 'static,
    {
        let hook: After = Arc::new(hook);
        self.shared.lock().after.push((action.to_owned(), hook));
    }

    /// Forgets all orders: faults, hooks and stalls (stalled calls go on). The log stays.
    pub fn behave(&self) {
        self.release();
        let mut orders = self.shared.lock();
        orders.faults.clear();
        orders.before.clear();
        orders.after.clear();
    }
}

impl Deref for Proxy {
    type Target = Log;

    fn deref(&self) -> &Log {
        &self.shared.log
    }
}

struct Shared {
    target: String,
    log: Log,
    orders: Mutex<Orders>,
    stalled: Condvar,
    released: watch::Sender<u64>,
}

#[derive(Default)]
struct Orders {
    faults: Faults,
    before: Vec<(String, Before)>,
    after: Vec<(String, After)>,
    /// How many mutating calls still come before the one to be stalled, and when.
    stalls: Vec<(usize, Moment)>,
    stalled: Vec<Call>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

impl Proxy {
    fn stall(&self, n: usize, moment: Moment) {
        assert!(n > 0, "calls are counted from 1");
        self.shared.lock().stalls.push((n, moment));
    }
}

impl Shared {
    async fn answer(self: Arc<Shared>, request: Request) -> Reply {
        if let Some(reply) = self.log.take_mark(&request) {
            return reply;
        }
        let mut released = self.released.subscribe();
        let call = self.log.begin(Call::from_request(&request));
        let stall = self.count_for_stalls(&call);
        if stall == Some(Moment::Before) {
            self.hold(&call, &mut released).await;
        }
        // A task of its own: the call is performed and logged also when its client goes away in the middle.
        let performing = tokio::spawn(Arc::clone(&self).perform(call, request));
        let (call, reply) = performing.await.unwrap_or_else(|error| panic!("a hook panicked: {error}"));
        if stall == Some(Moment::After) {
            self.hold(&call, &mut released).await;
        }
        reply
    }

    async fn perform(self: Arc<Shared>, mut call: Call, request: Request) -> (Call, Reply) {
        let fault = self.lock().faults.take(&call.service, &call.action);
        let ordered = match fault {
            Some(reply) => Some(reply),
            None => self.ask_before(&call).await,
        };
        let answer = match ordered {
            Some(_) => Answer::Injected,
            None => Answer::Served,
        };
        let mut reply = match ordered {
            Some(reply) => reply,
            None => http::forward(&self.target, &request)
                .await
                .unwrap_or_else(|error| Reply::text(502, &format!("the lab's proxy: {error}\n"))),
        };
        call.complete(&reply, answer);
        reply = self.ask_after(&call, reply).await;
        self.log.complete(&mut call, &reply, answer);
        (call, reply)
    }

    async fn ask_before(&self, call: &Call) -> Option<Reply> {
        let hooks = chosen(&self.lock().before, &call.action);
        let call = call.clone();
        blocking(move || hooks.iter().find_map(|hook| hook(&call))).await
    }

    async fn ask_after(&self, call: &Call, mut reply: Reply) -> Reply {
        let hooks = chosen(&self.lock().after, &call.action);
        let call = call.clone();
        blocking(move || {
            for hook in hooks {
                hook(&call, &mut reply);
            }
            reply
        })
        .await
    }

    fn count_for_stalls(&self, call: &Call) -> Option<Moment> {
        if !call.is_mutating() {
            return None;
        }
        let mut orders = self.lock();
        for (left, _) in &mut orders.stalls {
            *left = left.saturating_sub(1);
        }
        let due = orders.stalls.iter().position(|(left, _)| *left == 0)?;
        Some(orders.stalls.remove(due).1)
    }

    async fn hold(&self, call: &Call, released: &mut watch::Receiver<u64>) {
        self.lock().stalled.push(call.clone());
        self.stalled.notify_all();
        // Fails only when the proxy is gone, and this task with it.
        let _released = released.changed().await;
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap()
    }
}

fn chosen<H: Clone>(hooks: &[(String, H)], action: &str) -> Vec<H> {
    let concerned = hooks.iter().filter(|(wanted, _)| wanted == "*" || wanted == action);
    concerned.map(|(_, hook)| hook.clone()).collect()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}
