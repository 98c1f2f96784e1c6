//! Times in the form that HAProxy and Keepalived take.

use std::fmt;

use crate::endpoint::duration;
use crate::framework::validator::{Validator, text};
use crate::framework::value::Value;

/// HAProxy counts milliseconds in 31 bits: about 24.8 days. More is fatal to it.
const LONGEST_MILLISECONDS: u128 = 2_147_483_647;

/// A time of HAProxy's: at least a millisecond, at most 24.8 days. Written with its unit, for HAProxy takes bare numbers as milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer(u64);

impl Timer {
    /// Parses a duration such as `4h` or `1m30s`.
    pub fn parse(text: &str) -> Option<Timer> {
        let nanoseconds = duration::parse(text)?.as_nanos();
        let milliseconds = nanoseconds / 1_000_000;
        let whole = nanoseconds % 1_000_000 == 0;
        (whole && (1..=LONGEST_MILLISECONDS).contains(&milliseconds))
            .then(|| u64::try_from(milliseconds).ok().map(Timer))?
    }

    /// The time in milliseconds.
    pub fn milliseconds(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Timer {
    /// In the largest unit that divides it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
        let (factor, unit) = units.into_iter().find(|(factor, _)| self.0.is_multiple_of(*factor)).unwrap_or((1, "ms"));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

/// Accepts what [`Timer::parse`] does.
pub fn timer() -> Validator {
    text(
        "must be a duration such as `500ms`, `30s`, `10m` or `4h`, in whole milliseconds and at most 24.8 days, which \
         is all that HAProxy can count",
        |text| Timer::parse(text).is_some(),
    )
    .explain(|text| duration::fault(text, |instead| Timer::parse(instead).is_some()))
}

/// The time between two VRRP advertisements, in hundredths of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdvertInterval(u32);

impl AdvertInterval {
    /// Reads seconds: whole ones up to 255, or up to 40.95 in steps of 0.01.
    pub fn read(value: &Value) -> Option<AdvertInterval> {
        let Value::Number(number) = value else { return None };
        let text = number.to_string();
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let hundredths: u32 = match rest.len() {
            0 => "0".parse().ok()?,
            1 => format!("{rest}0").parse().ok()?,
            2 => rest.parse().ok()?,
            _ => return None,
        };
        let seconds: u32 = whole.parse().ok()?;
        let total = seconds.checked_mul(100)?.checked_add(hundredths)?;
        let fits = if hundredths == 0 { (1..=255).contains(&seconds) } else { (1..=4095).contains(&total) };
        fits.then_some(AdvertInterval(total))
    }

    /// True if VRRP version 2 can't carry it.
    pub fn is_fractional(self) -> bool {
        !self.0.is_multiple_of(100)
    }

    /// True if VRRP version 3 can carry it.
    pub fn fits_version_3(self) -> bool {
        self.0 <= 4095
    }
}

impl fmt::Display for AdvertInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, hundredths) = (self.0 / 100, self.0 % 100);
        match hundredths {
            0 => write!(f, "{seconds}"),
            tenths if tenths % 10 == 0 => write!(f, "{seconds}.{}", tenths / 10),
            _ => write!(f, "{seconds}.{hundredths:02}"),
        }
    }
}

/// Accepts what [`AdvertInterval::read`] does.
pub fn advert_interval() -> Validator {
    Validator::new("must be whole seconds from 1 to 255, or seconds up to 40.95 in steps of 0.01", |value| {
        AdvertInterval::read(value).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_have_a_unit() {
        for (text, written) in [
            ("2s", "2s"),
            ("60s", "1m"),
            ("1h30m", "90m"),
            ("1.5s", "1500ms"),
            ("240m", "4h"),
            ("1ms", "1ms"),
            ("24h", "24h"),
            ("2147483647ms", "2147483647ms"),
        ] {
            assert_eq!(Timer::parse(text).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_haproxy_would_die_of_is_no_timer() {
        for bad in ["1", "0s", "500us", "1.5ms", "2147483648ms", "600h", "30d", "-1s", "", "1 s", "1s\n"] {
            assert_eq!(Timer::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_error_advises_what_haproxy_can_count() {
        let reason = |text: &str| timer().reason(&text.into()).unwrap();
        assert!(reason("24d").contains("Write `576h`."), "{}", reason("24d"));
        for long in ["25d", "24d21h", "3000000"] {
            assert!(!reason(long).contains("rite `"), "{}", reason(long));
        }
        assert!(timer().sentence().contains("24.8 days"), "the limit is in every such error");
    }

    #[test]
    fn advertisements_come_in_seconds_or_hundredths() {
        let read = |text: &str| AdvertInterval::read(&Value::Number(text.parse().unwrap()));
        for (text, written, fractional) in [
            ("1", "1", false),
            ("255", "255", false),
            ("0.3", "0.3", true),
            ("0.25", "0.25", true),
            ("40.95", "40.95", true),
            ("1.05", "1.05", true),
        ] {
            let interval = read(text).unwrap();
            assert_eq!((interval.to_string().as_str(), interval.is_fractional()), (written, fractional), "{text}");
        }
        for bad in ["0", "256", "0.005", "40.96", "-1", "-0.5", "1e30"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(read("40").unwrap().fits_version_3() && !read("41").unwrap().fits_version_3());
    }
}
