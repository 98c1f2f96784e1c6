//! One thing after another is done to a pair that serves; after each, exactly one machine holds the VIP and a client is answered.

use std::time::Duration;

use lab::network::clock::now;
use lab::skip::say;

use crate::client::{self, Seen};
use crate::pair::{Alone, Pair};

/// As long as the pair may take until it is whole again, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);

/// A pair, and a client that looks on.
pub struct Steps<'a> {
    /// The pair.
    pub pair: &'a mut Pair,
    title: &'static str,
    _alone: Alone,
}

impl<'a> Steps<'a> {
    /// Begins.
    pub fn new(title: &'static str, pair: &'a mut Pair) -> Steps<'a> {
        let alone = pair.alone();
        client::start(&pair.admin, Pair::vip(), &pair.authority);
        Steps { pair, title, _alone: alone }
    }

    /// Does one thing, waits until all is well, and says what the client saw. At most `gap` may pass without an answer.
    #[track_caller]
    pub fn step(&mut self, what: &str, gap: Duration, act: impl FnOnce(&mut Pair)) -> Seen {
        let begun = now();
        act(self.pair);
        let holder = self.pair.holder(PATIENCE);
        assert!(client::wait_for_answers(&self.pair.admin, PATIENCE), "{what}: no answers; {}", self.pair.said());
        let seen = client::seen_since(&self.pair.admin, begun);
        let name = self.pair.balancers[holder].name();
        say(&format!("{}: {what}: {seen}; VIP on {name} ({:.0} s)\n", self.title, (now() - begun).as_secs_f64()));
        assert!(seen.longest_gap <= gap, "{what}: {seen}, more than {gap:?}: {:?}; {}", seen.failed, self.pair.said());
        seen
    }
}
