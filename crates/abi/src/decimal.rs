//! Decimals: numbers that neither an integer of 64 bits nor binary64 holds exactly.

use alloc::boxed::Box;
use core::fmt;

use crate::binary64::binary64;
use crate::{Float, Value};

/// A number as it was written in decimal digits, such as `0.1`, `12345678901234567890` or `1e400`.
///
/// Holding one proves two things. The digits begin and end with another digit than 0, so each number has one
/// decimal. And neither `i64` nor binary64 holds the number exactly, so a decimal never equals a
/// [`Value::Int`] or a [`Value::Float`].
///
/// ```
/// use abi::Value;
///
/// let value = Value::from_digits(false, "10", -2);
/// let Some(Value::Decimal(tenth)) = &value else { panic!("a decimal") };
/// assert_eq!((tenth.digits(), tenth.exponent(), tenth.to_string()), ("1", -1, "0.1".to_owned()));
/// assert!(matches!(Value::from_digits(false, "5", -1), Some(Value::Float(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    exponent: i32,
    digits: Box<str>, // Invariant: ASCII digits, the first and the last of them not 0.
}

impl Decimal {
    /// Returns the decimal `digits * 10^exponent`, or its negative.
    ///
    /// The result is None if the digits are not in the one form that they have in a decimal, or if an int or
    /// a float holds the number. [`Value::from_digits`] takes any digits and finds the type.
    #[must_use]
    pub fn new(negative: bool, digits: &str, exponent: i32) -> Option<Self> {
        let is_trimmed = !digits.is_empty() && !digits.starts_with('0') && !digits.ends_with('0');
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_trimmed || !is_plain || binary64(digits, exponent).is_some() {
            return None;
        }
        let decimal = Self { negative, exponent, digits: digits.into() };
        decimal.as_int().is_none().then_some(decimal)
    }

    /// Returns true if the number is below zero. No decimal is zero, because a float holds zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Returns the significant digits: ASCII digits, of which neither the first nor the last is 0.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Returns the power of ten that the digits, read as a whole number, are multiplied with.
    #[must_use]
    pub fn exponent(&self) -> i32 {
        self.exponent
    }

    /// Returns the power of ten of the first digit: 0 for `1.5`, 19 for `12345678901234567890`.
    #[must_use]
    pub fn magnitude(&self) -> i64 {
        let digits = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        digits.saturating_add(i64::from(self.exponent)) - 1
    }

    /// Returns the integer that the number is, if `i64` holds it. A decimal that was made has none.
    fn as_int(&self) -> Option<i64> {
        if self.exponent < 0 || self.magnitude() > 18 {
            return None;
        }
        let digits: i128 = self.digits.parse().ok()?;
        let number = digits * 10_i128.pow(self.exponent.unsigned_abs());
        i64::try_from(if self.negative { -number } else { number }).ok()
    }
}

/// The plain writing is used for magnitudes from -7 to 20, and one with an exponent for every other. JSON
/// reads both, as the same decimal.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = &*self.digits;
        let sign = if self.negative { "-" } else { "" };
        let magnitude = self.magnitude();
        match usize::try_from(magnitude) {
            Ok(whole) if whole <= 20 && whole + 1 >= digits.len() => {
                write!(f, "{sign}{digits}{:0<1$}", "", whole + 1 - digits.len())
            }
            Ok(whole) if whole <= 20 => write!(f, "{sign}{}.{}", &digits[..=whole], &digits[whole + 1..]),
            Err(_) if magnitude >= -7 => {
                let zeros = usize::try_from(-1 - magnitude).unwrap_or(0);
                write!(f, "{sign}0.{:0<1$}{digits}", "", zeros)
            }
            _ => {
                let point = if digits.len() > 1 { "." } else { "" };
                write!(f, "{sign}{}{point}{}e{magnitude}", &digits[..1], &digits[1..])
            }
        }
    }
}

impl Value {
    /// Returns the number `digits * 10^exponent`, or its negative, in the type that holds it exactly: a float
    /// if binary64 does, else an int if `i64` does, else a decimal. Zeros around the digits do not matter, and
    /// zero is the float 0.0 or -0.0.
    ///
    /// The result is None if `digits` has anything but ASCII digits or is empty, or if the exponent of the last
    /// digit that is not 0 has more than 32 bits.
    ///
    /// ```
    /// use abi::Value;
    ///
    /// let type_of = |digits, exponent| Value::from_digits(false, digits, exponent).map(|value| value.type_name());
    /// assert_eq!(type_of("15", -1), Some("float"));
    /// assert_eq!(type_of("9007199254740993", 0), Some("int"));
    /// assert_eq!(type_of("12345678901234567890", 0), Some("decimal"));
    /// assert_eq!(type_of("1", 1 << 40), None);
    /// ```
    #[must_use]
    pub fn from_digits(negative: bool, digits: &str, exponent: i64) -> Option<Self> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let sign = if negative { -1.0 } else { 1.0 };
        let trimmed = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - trimmed.len()).ok()?;
        let trimmed = trimmed.trim_start_matches('0');
        if trimmed.is_empty() {
            return Float::new(0.0 * sign).map(Self::Float);
        }
        let exponent = i32::try_from(exponent.checked_add(zeros)?).ok()?;
        if let Some(float) = binary64(trimmed, exponent) {
            return Float::new(float * sign).map(Self::Float);
        }
        let decimal = Decimal { negative, exponent, digits: trimmed.into() };
        Some(decimal.as_int().map_or(Self::Decimal(decimal), Self::Int))
    }

    /// Returns the number that a writing such as `-12`, `0.10` or `1e400` states: an int for digits alone in
    /// the range of `i64`, and otherwise what [`from_digits`](Self::from_digits) returns. A sign, a point and an
    /// exponent are optional, and at least one digit is not.
    ///
    /// The result is None for any other text, and where `from_digits` returns None.
    #[must_use]
    pub fn from_number(text: &str) -> Option<Self> {
        if let Ok(int) = text.parse() {
            return (!text.starts_with('+')).then_some(Self::Int(int));
        }
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        // An exponent of more than 18 digits is beyond every bound, whatever it is.
        let exponent: i64 = match exponent.strip_prefix(['+', '-']).unwrap_or(exponent) {
            digits if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) => return None,
            digits if digits.trim_start_matches('0').len() > 18 && exponent.starts_with('-') => i64::MIN / 2,
            digits if digits.trim_start_matches('0').len() > 18 => i64::MAX / 2,
            _ => exponent.parse().ok()?,
        };
        let places = i64::try_from(fraction.len()).ok()?;
        let digits = [whole, fraction].concat();
        Self::from_digits(negative, &digits, exponent.checked_sub(places)?)
    }
}
