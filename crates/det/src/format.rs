//! The formats of texts that a schema can demand.
//!
//! | format | a text of it |
//! |---|---|
//! | `date` | `YYYY-MM-DD` of RFC 3339, a day that the Gregorian calendar has |
//! | `time` | `HH:MM:SS`, a fraction if there is one, and `Z` or an offset; the second 60 only where the time is 23:59:60 in UTC |
//! | `date-time` | a date, `T` and a time; no list of leap seconds is kept, so every day may have one |
//! | `email` | a mailbox of RFC 5321: dots between words, or one quoted string, then `@` and a host name or an address in brackets |
//! | `hostname` | RFC 1123: labels of 1 to 63 letters, digits and inner hyphens, 253 characters in all; the Unicode that `xn--` stands for is not looked at |
//! | `ipv4` | four numbers from 0 to 255 without leading zeros |
//! | `ipv6` | RFC 4291, without a zone |
//! | `uri` | RFC 3986 with a scheme; a host in brackets is an IPv6 address |
//! | `uuid` | 8, 4, 4, 4 and 12 hexadecimal digits between hyphens, of any version |
//!
//! Letters are ASCII: an internationalised name is written in its ASCII form. Reading takes time in proportion
//! to the text.

mod calendar;
mod network;
mod uri;

/// A format that a text can be checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Date,
    Time,
    DateTime,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Uri,
    Uuid,
}

impl Format {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Date, "date"),
        (Self::Time, "time"),
        (Self::DateTime, "date-time"),
        (Self::Email, "email"),
        (Self::Hostname, "hostname"),
        (Self::Ipv4, "ipv4"),
        (Self::Ipv6, "ipv6"),
        (Self::Uri, "uri"),
        (Self::Uuid, "uuid"),
    ];

    /// Returns the word by which a schema names the format.
    pub(crate) fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Returns the format that a word names, if it is one of the table above.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(format, _)| format)
    }

    /// Returns true if the whole text has the format.
    pub(crate) fn admits(self, text: &str) -> bool {
        match self {
            Self::Date => calendar::is_date(text),
            Self::Time => calendar::is_time(text),
            Self::DateTime => calendar::is_date_time(text),
            Self::Email => network::is_email(text),
            Self::Hostname => network::is_hostname(text),
            Self::Ipv4 => network::is_ipv4(text),
            Self::Ipv6 => network::is_ipv6(text),
            Self::Uri => uri::is_uri(text),
            Self::Uuid => is_uuid(text),
        }
    }
}

fn is_uuid(text: &str) -> bool {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_group = |group: &str, length: &usize| {
        group.len() == *length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let mut groups = text.split('-');
    LENGTHS.iter().all(|length| groups.next().is_some_and(|group| is_group(group, length)))
        && groups.next().is_none()
}
