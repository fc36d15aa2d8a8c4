//! Dates of the Gregorian calendar, written `2024-02-29`.
//!
//! The years are those from 1583 to 9999: earlier dates may be meant in the Julian calendar, which was in use then.

use alloc::format;

use abi::Value;

use crate::operands::{int, one_int, one_text, outside, text, two_texts};
use crate::{CallError, Kind, Primitive, Record, Sample};

/// The first full year of the Gregorian calendar.
const FIRST_YEAR: i64 = 1583;
const LAST_YEAR: i64 = 9999;
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const WALK: &str = "a walk from day to day, by the lengths of the months";

pub(crate) const DAY_OF_WEEK: Primitive = Primitive {
    name: "day_of_week",
    version: 1,
    parameters: &[text("date")],
    returns: Kind::Text,
    summary: "the day of the week of a date such as 2024-02-29, from the year 1583 on, in English",
    example: &[Sample::Text("2024-02-29")],
    eval: day_of_week,
    steps: 64,
    record: Record::exhaustive(306_804, "the days of the years 1583 to 2422", WALK),
};

pub(crate) const DAYS_BETWEEN: Primitive = Primitive {
    name: "days_between",
    version: 1,
    parameters: &[text("from"), text("to")],
    returns: Kind::Int,
    summary: "how many days pass from one date to another; negative if the other one is earlier",
    example: &[Sample::Text("2024-02-28"), Sample::Text("2024-03-01")],
    eval: days_between,
    steps: 128,
    record: Record::sampled(100_000, "pairs of days of the years 1583 to 2422", WALK),
};

pub(crate) const ADD_DAYS: Primitive = Primitive {
    name: "add_days",
    version: 1,
    parameters: &[text("date"), int("days")],
    returns: Kind::Text,
    summary: "the date that is some days after another one, or before it if they are negative",
    example: &[Sample::Text("2024-02-28"), Sample::Int(2)],
    eval: add_days,
    steps: 128,
    record: Record::sampled(100_000, "pairs of days of the years 1583 to 2422", WALK),
};

pub(crate) const IS_LEAP_YEAR: Primitive = Primitive {
    name: "is_leap_year",
    version: 1,
    parameters: &[int("year")],
    returns: Kind::Bool,
    summary: "whether a year from 1583 to 9999 has a 29 February in the Gregorian calendar",
    example: &[Sample::Int(2024)],
    eval: is_leap_year,
    steps: 8,
    record: Record::exhaustive(
        8_417,
        "the years from 1583 to 9999",
        "cycles of 4, 100 and 400 years, counted from 1200 on",
    ),
};

/// A date that exists.
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Date {
    fn parse(primitive: &'static str, text: &str) -> Result<Self, CallError> {
        let refused =
            outside(primitive, "days that exist, from 1583-01-01 to 9999-12-31, written like 2024-02-29");
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<i64>().ok()
        };
        let has_marks = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let (Some(year), Some(month), Some(day), true) =
            (number(0, 4), number(5, 7), number(8, 10), has_marks)
        else {
            return Err(refused);
        };
        let exists = (FIRST_YEAR..=LAST_YEAR).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_length(year, month)).contains(&day);
        if exists { Ok(Self { year, month, day }) } else { Err(refused) }
    }

    /// Returns the days since 1970-01-01, after Howard Hinnant, "chrono-compatible low-level date algorithms": the
    /// year begins in March, so that the day of the leap year is its last one.
    fn days(&self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let (era, of_era) = (year / 400, year % 400);
        let since_march = (self.month + 9) % 12;
        let of_year = (153 * since_march + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// Returns the date of a day since 1970-01-01, by the inverse of [`days`](Self::days). The year is above 0.
    fn from_days(days: i64) -> Self {
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let since_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * since_march + 2) / 5 + 1;
        let month = if since_march < 10 { since_march + 3 } else { since_march - 9 };
        Self { year: year + era * 400 + i64::from(month <= 2), month, day }
    }
}

fn day_of_week(operands: &[Value]) -> Result<Value, CallError> {
    let date = Date::parse("day_of_week", one_text("day_of_week", operands)?)?;
    // 1970-01-01 was a Thursday.
    let day = usize::try_from((date.days() + 4).rem_euclid(7)).expect("below 7");
    Ok(Value::text(WEEKDAYS[day]))
}

fn days_between(operands: &[Value]) -> Result<Value, CallError> {
    let (from, to) = two_texts("days_between", operands)?;
    let (from, to) = (Date::parse("days_between", from)?, Date::parse("days_between", to)?);
    Ok(Value::Int(to.days() - from.days()))
}

fn add_days(operands: &[Value]) -> Result<Value, CallError> {
    let [date @ Value::Text(_), Value::Int(days)] = operands else {
        unreachable!("the signature was checked")
    };
    let date = Date::parse("add_days", one_text("add_days", core::slice::from_ref(date))?)?;
    let first = Date { year: FIRST_YEAR, month: 1, day: 1 }.days();
    let last = Date { year: LAST_YEAR, month: 12, day: 31 }.days();
    let there = date.days().checked_add(*days).filter(|there| (first..=last).contains(there));
    let there = there.ok_or(outside("add_days", "a result from 1583-01-01 to 9999-12-31"))?;
    let Date { year, month, day } = Date::from_days(there);
    Ok(Value::Text(format!("{year:04}-{month:02}-{day:02}")))
}

fn is_leap_year(operands: &[Value]) -> Result<Value, CallError> {
    match one_int(operands) {
        year @ FIRST_YEAR..=LAST_YEAR => Ok(Value::Bool(is_leap(year))),
        _ => Err(outside("is_leap_year", "a year from 1583 to 9999")),
    }
}
