//! One clock for all hosts: the kernel's monotonic one is the same in every namespace made here.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment: time since the machine started.
pub type Moment = Duration;

/// This moment.
pub fn now() -> Moment {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// Asks `question` every 20 ms until it answers or `limit` is over.
pub fn poll<T>(limit: Duration, mut question: impl FnMut() -> Option<T>) -> Option<T> {
    let end = now() + limit;
    loop {
        if let Some(answer) = question() {
            return Some(answer);
        }
        if now() >= end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
