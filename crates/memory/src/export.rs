//! Entries as JSON lines.

use abi::encode;
use det::parse_json;
use rusqlite::Connection;

use crate::entry::Entry;
use crate::error::Fault;
use crate::governance::GOVERNANCE_KEY;
use crate::json;
use crate::rows::{self, COLUMNS};

/// The longest line that is read back, in bytes. Every entry that a store accepts has a shorter one, unless its quota is larger
/// than 8 GiB.
pub const MAX_LINE_BYTES: usize = 256 << 20;

/// Returns an entry as one line of JSON, without the end of the line.
///
/// The key `value` has the value as JSON if reading it gives the same value. Otherwise the key `encoded` has its canonical
/// encoding in hexadecimal digits, so nothing is lost.
#[must_use]
pub fn export_line(entry: &Entry) -> String {
    let mut value = String::new();
    json::write(&entry.value, &mut value);
    let encoded = encode(&entry.value);
    let is_same = parse_json(&value).is_ok_and(|read| encode(&read) == encoded);
    let value = if is_same {
        format!("\"value\":{value}")
    } else {
        format!("\"encoded\":\"{}\"", json::hex(&encoded))
    };
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        "{{\"key\":{},\"kind\":{},{value},\"worth\":{},\"pinned\":{},\"created_ms\":{},\"updated_ms\":{},\"accessed_ms\":{},\"uses\":{}}}",
        quoted(&entry.key),
        quoted(&entry.kind),
        entry.worth,
        entry.pinned,
        entry.created_ms,
        entry.updated_ms,
        entry.accessed_ms,
        entry.uses
    )
}

/// The end of an export before its last entry.
pub(crate) enum Ended<E> {
    Store(Fault),
    Caller(E),
}

impl<E> From<rusqlite::Error> for Ended<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Passes every entry to `each`, in the order of the keys.
pub(crate) fn export<E>(
    connection: &Connection,
    mut each: impl FnMut(Entry) -> Result<(), E>,
) -> Result<(), Ended<E>> {
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE key <> ?1 ORDER BY key");
    let mut statement = connection.prepare_cached(&sql)?;
    for raw in statement.query_map([GOVERNANCE_KEY], rows::raw)? {
        let entry = raw?.checked().map_err(Ended::Store)?;
        each(entry).map_err(Ended::Caller)?;
    }
    Ok(())
}
