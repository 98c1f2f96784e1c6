//! How often AWS is asked while an operation waits.

use std::time::Duration;

/// How long to wait after so many reads: short at first, since what takes long at AWS is over at once elsewhere.
pub fn interval(reads: u32) -> Duration {
    Duration::from_millis(500 << reads.min(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_short_at_first() {
        let lengths = [0, 1, 2, 3, 99].map(|reads| interval(reads).as_millis());
        assert_eq!(lengths, [500, 1000, 2000, 2000, 2000]);
    }
}
