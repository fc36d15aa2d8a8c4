//! Times of day in UTC, and days of the Gregorian calendar.

/// The milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Returns a time of day in UTC, to the second.
pub(crate) fn time(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Returns year, month and day of the day with this number since 1970, in the Gregorian calendar.
fn date(days: i64) -> (i64, i64, i64) {
    // Years that begin in March end in the day that leap years add, so months have fixed lengths.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, year) = (day - (153 * month + 2) / 5 + 1, year + era * 400);
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

/// Returns the first millisecond, since 1970, of a day that is written as `2026-11-28`. None for any other text, and for a
/// day that is not in the calendar.
pub(crate) fn day_start(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let number = |digits: &str, length: usize| {
        let fits = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| digits.parse::<i64>().ok()).flatten()
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    // The mean year has 365.2425 days, so the day lies near this estimate if it exists.
    let estimate = (year - 1970) * 3_652_425 / 10_000 + (month - 1) * 30 + day;
    let found = (estimate - 10..estimate + 10).find(|days| date(*days) == (year, month, day))?;
    Some(found * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::{day_start, time};

    #[test]
    fn times_are_those_of_the_calendar() {
        for (milliseconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399_999, "2000-02-28 23:59:59 UTC"),
            (951_782_400_000, "2000-02-29 00:00:00 UTC"),
            (951_868_800_000, "2000-03-01 00:00:00 UTC"),
            (1_795_773_912_345, "2026-11-27 10:05:12 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(time(milliseconds), text);
        }
    }

    #[test]
    fn a_day_is_that_of_the_calendar_or_none() {
        for (text, wanted) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400_000)),
            ("2026-11-27", Some(1_795_737_600_000)),
            ("2100-03-01", Some(4_107_542_400_000)),
            ("1969-12-31", Some(-86_400_000)),
            ("2100-02-29", None),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(day_start(text), wanted, "{text}");
        }
        for year in [1000, 1500, 1900, 2400, 9999] {
            let text = format!("{year}-12-31");
            assert_eq!(day_start(&text).map(time), Some(format!("{text} 00:00:00 UTC")));
        }
    }
}
