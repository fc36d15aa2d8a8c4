//! The calendar against a walk from day to day.

use std::sync::LazyLock;

use prims::Value;

use crate::trial::{Proof, Trial, as_int, as_text};

const WEEK: [&str; 7] = ["Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

/// The days of the years 1583 to 2422, in order. 1583-01-01 was a Saturday: Friday 1582-10-15 was the first day of the
/// calendar, and 78 days, 11 weeks and a day, passed since.
static DAYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut days = Vec::new();
    for year in 1583..2423 {
        for (month, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
            let length = length + i32::from(month == 1 && LEAPS[year as usize - 1583]);
            days.extend((1..=length).map(|day| format!("{year:04}-{:02}-{day:02}", month + 1)));
        }
    }
    days
});

/// True for each leap year from 1583 to 9999, by counting through the cycles from 1200 on.
static LEAPS: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let (mut in_four, mut in_hundred, mut in_four_hundred) = (0, 0, 0);
    let mut leaps = Vec::new();
    for year in 1200..10_000 {
        if year >= 1583 {
            leaps.push(in_four == 0 && (in_hundred != 0 || in_four_hundred == 0));
        }
        in_four = (in_four + 1) % 4;
        in_hundred = (in_hundred + 1) % 100;
        in_four_hundred = (in_four_hundred + 1) % 400;
    }
    leaps
});

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "day_of_week",
        run: |trial| {
            for (place, date) in DAYS.iter().enumerate() {
                trial.check(&[Value::text(date.as_str())], Some(Value::text(WEEK[place % 7])));
            }
        },
        // 1900 has a 29 February.
        wrong: |operands, right| match as_text(&operands[0]).starts_with("1900-03") {
            true => Ok(Value::text("Monday")),
            false => right,
        },
    },
    Proof {
        name: "days_between",
        run: |trial| {
            pairs(trial, |trial, from, to| {
                let operands = [Value::text(DAYS[from].as_str()), Value::text(DAYS[to].as_str())];
                trial.check(&operands, Some(Value::Int(to as i64 - from as i64)));
            })
        },
        // Both ends are counted.
        wrong: |_, right| right.map(|days| Value::Int(as_int(&days) + as_int(&days).signum())),
    },
    Proof {
        name: "add_days",
        run: |trial| {
            pairs(trial, |trial, from, to| {
                let operands = [Value::text(DAYS[from].as_str()), Value::Int(to as i64 - from as i64)];
                trial.check(&operands, Some(Value::text(DAYS[to].as_str())));
            })
        },
        // Every year of a century is a leap year.
        wrong: |_, right| right.map(|date| Value::text(as_text(&date).replace("-02-29", "-03-01"))),
    },
    Proof {
        name: "is_leap_year",
        run: |trial| {
            for year in 1583..=9999_i64 {
                trial.check(&[Value::Int(year)], Some(Value::Bool(LEAPS[year as usize - 1583])));
            }
        },
        // The Julian calendar.
        wrong: |operands, _| Ok(Value::Bool(as_int(&operands[0]) % 4 == 0)),
    },
];

fn pairs(trial: &mut Trial<'_>, mut check: impl FnMut(&mut Trial<'_>, usize, usize)) {
    let end = DAYS.len() as u64;
    for _ in 0..100_000 {
        let (from, to) = (trial.below(end) as usize, trial.below(end) as usize);
        check(trial, from, to);
    }
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    let day = prims::find("day_of_week").expect("a primitive");
    for date in [
        "2023-02-29",
        "1900-02-29",
        "2024-02-30",
        "2024-13-01",
        "2024-00-01",
        "2024-01-00",
        "2024-1-1",
        "1582-12-31",
        "02/03/2024",
        "2024/02/03",
        "20240203",
        "2024-02-03 ",
        "+024-02-03",
        "２０２４-02-03",
        "",
        "0000-01-01",
    ] {
        assert!(day.call(&[Value::text(date)]).is_err(), "{date:?}");
    }
    let known = [
        ("2024-02-29", "Thursday"),
        ("1969-07-20", "Sunday"),
        ("1583-01-01", "Saturday"),
        ("9999-12-31", "Friday"),
    ];
    for (date, weekday) in known {
        assert_eq!(
            day.call(&[Value::text(date)]).map(|day| as_text(&day).to_owned()).as_deref(),
            Ok(weekday)
        );
    }
    let later = prims::find("add_days").expect("a primitive");
    for days in [i64::MAX, i64::MIN, 3_000_000] {
        assert!(later.call(&[Value::text("2024-02-29"), Value::Int(days)]).is_err(), "{days}");
    }
}
