//! Dates and times of RFC 3339.

pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length| number(parts.next(), length);
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    parts.next().is_none() && (1..=days(year, month)).contains(&day)
}

pub(super) fn is_time(text: &str) -> bool {
    let Some((clock, minutes_ahead)) = offset(text) else { return false };
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, rest)| (clock, Some(rest)));
    let has_fraction = fraction.is_none_or(|digits| !digits.is_empty() && is_digits(digits));
    let mut parts = clock.split(':');
    let mut part = || number(parts.next(), 2);
    let (Some(hour), Some(minute), Some(second)) = (part(), part(), part()) else { return false };
    let is_clock = parts.next().is_none() && hour < 24 && minute < 60;
    // A day in UTC has 1440 minutes, and a leap second follows the last of them.
    let utc = (i64::from(hour * 60 + minute) - minutes_ahead).rem_euclid(1440);
    has_fraction && is_clock && (second < 60 || second == 60 && utc == 1439)
}

pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    is_date(date) && is_time(time)
}

/// Returns the text before the offset, and the minutes by which the offset is ahead of UTC.
fn offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let at = text.rfind(['+', '-'])?;
    let (clock, offset) = text.split_at(at);
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(Some(hours), 2)?, number(Some(minutes), 2)?);
    let minutes = i64::from((hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?);
    Some((clock, if offset.starts_with('-') { -minutes } else { minutes }))
}

/// Returns the number of exactly `length` digits.
fn number(text: Option<&str>, length: usize) -> Option<u32> {
    text.filter(|text| text.len() == length && is_digits(text))?.parse().ok()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the number of days of a month, 0 if there is no such month.
fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}
