//! Exact decimal numbers.
//!
//! Terraform's numbers have no size: `0.1`, 2^63 and 1e400 are ordinary values that neither `i64` nor `f64` can hold. They are kept
//! as normalised decimals, so that two spellings of one number are equal and printing gives back what was read.

use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use bigdecimal::num_traits::{FromPrimitive, ToPrimitive, Zero};

/// The largest power of ten that is read. Terraform's own numbers end at about 2^(2^31); the limit is here because arithmetic on a
/// hostile `1e999999999` would take all memory.
pub const MAX_EXPONENT: i64 = 20_000;

/// An exact decimal number, normalised: no trailing zeros, and zero has no sign. In a box, because it would be the largest of all values:
/// each of them takes the space of the largest, a null too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(Box<BigDecimal>);

/// Why a text is not a number that we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a decimal number at all, or infinite.
    #[error("not a decimal number")]
    Malformed,
    /// The exponent is outside ±[`MAX_EXPONENT`].
    #[error("a number of more than {MAX_EXPONENT} digits")]
    TooLarge,
}

impl Number {
    /// The number as `i64`, if it is a whole number in that range.
    pub fn to_i64(&self) -> Option<i64> {
        if self.is_integer() { self.0.to_i64() } else { None }
    }

    /// The number as `u64`, if it is a whole number in that range.
    pub fn to_u64(&self) -> Option<u64> {
        if self.is_integer() { self.0.to_u64() } else { None }
    }

    /// The number as `f64`, only if nothing is lost.
    pub fn to_exact_f64(&self) -> Option<f64> {
        let float: f64 = self.to_string().parse().ok()?;
        (float.is_finite() && Number::from_f64(float)? == *self).then_some(float)
    }

    /// The exact value of a float; `None` for infinities and NaN.
    pub fn from_f64(float: f64) -> Option<Number> {
        BigDecimal::from_f64(float).map(Number::normalised)
    }

    /// True if there is nothing after the decimal point.
    pub fn is_integer(&self) -> bool {
        self.0.fractional_digit_count() <= 0
    }

    fn normalised(decimal: BigDecimal) -> Number {
        Number(Box::new(if decimal.is_zero() { BigDecimal::zero() } else { decimal.normalized() }))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number::normalised(BigDecimal::from(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Number::normalised(BigDecimal::from(value))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let exponent = match text.find(['e', 'E']) {
            Some(at) => exponent(&text[at + 1..])?,
            None => 0,
        };
        if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() || text.len() > MAX_EXPONENT as usize {
            return Err(NumberError::TooLarge);
        }
        BigDecimal::from_str(text).map(Number::normalised).map_err(|_| NumberError::Malformed)
    }
}

/// An exponent that no `i64` holds is too large, if it consists of digits.
fn exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().map_err(|_| if is_number { NumberError::TooLarge } else { NumberError::Malformed })
}

impl fmt::Display for Number {
    /// Plain decimal notation up to 21 digits, `1e400` beyond.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, scale): (BigInt, i64) = self.0.as_ref().clone().into_bigint_and_exponent();
        let length = digits.magnitude().to_string().len() as i64;
        if scale < 0 && length - scale > 21 {
            return write!(f, "{digits}e{}", -scale);
        }
        if scale > length + 6 {
            return write!(f, "{digits}e-{scale}");
        }
        f.write_str(&self.0.to_plain_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, printed: &str) {
        let number: Number = text.parse().unwrap();
        assert_eq!(number.to_string(), printed, "{text}");
        assert_eq!(printed.parse::<Number>().unwrap(), number, "{text}");
    }

    #[test]
    fn prints_what_it_read() {
        check("0.1", "0.1");
        check("9223372036854775808", "9223372036854775808");
        check("1e400", "1e400");
        check("1e-400", "1e-400");
        check("1.50", "1.5");
        check("-0", "0");
        check("100", "100");
        check("-12.5e3", "-12500");
    }

    #[test]
    fn converts_only_without_loss() {
        assert_eq!("0.1".parse::<Number>().unwrap().to_exact_f64(), None);
        assert_eq!("1.5".parse::<Number>().unwrap().to_exact_f64(), Some(1.5));
        assert_eq!("1e400".parse::<Number>().unwrap().to_exact_f64(), None);
        assert_eq!("9223372036854775808".parse::<Number>().unwrap().to_i64(), None);
        assert_eq!("1.5".parse::<Number>().unwrap().to_i64(), None);
        assert_eq!("3e2".parse::<Number>().unwrap().to_i64(), Some(300));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "abc", "1e", "inf", "NaN", "0x10", "1 2"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::Malformed), "{text}");
        }
        for text in ["1e999999999", "1e20001", "1e-20001", "1e-9223372036854775808", "1e99999999999999999999"] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::TooLarge), "{text}");
        }
        for text in ["1e20000", "-1e-20000", "1e+7"] {
            assert!(text.parse::<Number>().is_ok(), "{text}");
        }
    }
}
