//! The time that a server asks to wait before the next request, and the times to wait where it states none.

use std::time::Duration;

/// The longest wait that is read, in seconds. A longer one counts as this one.
const MOST_SECONDS: f64 = 1e7;

/// The times to wait one after another for a busy server that states none. They are the same for every request, because
/// a client of one person needs no chance to keep apart from others.
pub(crate) const BACKOFF: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Returns the wait that the headers of a reply state: `retry-after-ms`, or `Retry-After` in seconds or as a date. A date
/// is compared with the date of the reply itself, so that no clock of this machine is needed. Returns None if the headers
/// state none that can be read.
pub(crate) fn wait<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    if let Some(milliseconds) = header("retry-after-ms").and_then(|value| value.trim().parse::<f64>().ok()) {
        return seconds(milliseconds / 1000.0);
    }
    let stated = header("retry-after")?.trim();
    if let Ok(stated) = stated.parse::<f64>() {
        return seconds(stated);
    }
    let (until, now) = (date(stated)?, date(header("date")?.trim())?);
    seconds((until - now).max(0) as f64)
}

fn seconds(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(MOST_SECONDS)))
}

/// Returns the seconds since the first day of 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)?;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let mut next = || clock.next()?;
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    let is_date = (1970..=9999).contains(&year) && (1..=31).contains(&day);
    let is_time = (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..=60).contains(&seconds);
    if !is_date || !is_time {
        return None;
    }
    // The days before the month, in a year that begins with March, so that a leap day is the last one.
    let month = i64::try_from(month).ok()? + 1;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::{date, wait};

    #[test]
    fn a_wait_is_read_in_every_form() {
        let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        type Headers = [(&'static str, &'static str)];
        let table: [(&Headers, Option<u64>); 9] = [
            (&[("retry-after", "2")], Some(2000)),
            (&[("retry-after", " 0.25 ")], Some(250)),
            (&[("retry-after-ms", "40"), ("retry-after", "2")], Some(40)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"), now], Some(30_000)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"), now], Some(0)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], None),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ];
        for (headers, milliseconds) in table {
            let header =
                |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            let found = wait(header).map(|wait| u64::try_from(wait.as_millis()).expect("a short wait"));
            assert_eq!(found, milliseconds, "{headers:?}");
        }
    }

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Tue, 29 Feb 2000 12:00:00 GMT"), Some(951_825_600));
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(date("Sun, 06 Nov 1994"), None);
    }
}
