//! Entries from JSON lines, all of them or none.

use abi::{DecodeError, Value, decode};
use det::{JsonError, parse_json};
use thiserror::Error;

use crate::entry::{Draft, Entry, Key, KeyFault, Kind, Worth, digest};
use crate::error::Fault;
use crate::json::from_hex;
use crate::quota::Quota;
use crate::room::merge;
use crate::write::{Row, Writer, check_filled, check_pins, checked_value};
use crate::{MAX_LINE_BYTES, MemoryError, Steward};

/// The bytes that imported entries need before the text index writes and merges them, which it does faster together.
const MOST_UNMERGED_BYTES: u64 = 64 << 10;

/// The number of entries that an import stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The entries that were stored.
    pub entries: u64,
    /// The number of those that replaced an entry.
    pub replaced: u64,
}

/// The reason why a line is no entry.
#[derive(Debug, Error)]
pub enum LineFault {
    /// The line is too long.
    #[error("it has {bytes} bytes, and {MAX_LINE_BYTES} are the limit")]
    TooLong {
        /// The bytes of the line.
        bytes: usize,
    },
    /// The line is no JSON document.
    #[error("it is no JSON object ({0})")]
    Json(#[from] JsonError),
    /// The line is another document than an object.
    #[error("it is a {0} and no JSON object")]
    NoObject(&'static str),
    /// A key of the object is missing.
    #[error("the key `{0}` is missing")]
    Missing(&'static str),
    /// A key of the object is not known.
    #[error("the key `{}` is not known", key.escape_debug())]
    Unknown {
        /// The key.
        key: String,
    },
    /// The value of a key has the wrong type, or is out of range.
    #[error("the key `{key}` has a value that is not {wanted}")]
    Wrong {
        /// The key.
        key: &'static str,
        /// The values that it may have.
        wanted: &'static str,
    },
    /// The key or the kind of the entry is refused.
    #[error("its {what} is refused: {fault}")]
    Key {
        /// The word `key` or `kind`.
        what: &'static str,
        /// The reason.
        fault: KeyFault,
    },
    /// The line has both a value and an encoded value.
    #[error("it has both `value` and `encoded`; state one of them")]
    TwoValues,
    /// The encoded value cannot be decoded.
    #[error("its encoded value is refused: {0}")]
    Encoded(DecodeError),
    /// The entry is refused.
    #[error(transparent)]
    Entry(Box<MemoryError>),
}

/// Returns the entry that a line states. Nothing is compared with a store.
///
/// The keys `key` and `value` or `encoded` are needed. Without the others, the kind is `note`, the worth and all
/// numbers are 0, and nothing is pinned.
///
/// # Errors
/// Fails with the first fault of the line.
pub fn parse_line(line: &str) -> Result<Entry, LineFault> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineFault::TooLong { bytes: line.len() });
    }
    let object = parse_json(line)?;
    if !matches!(object, Value::Map(_)) {
        return Err(LineFault::NoObject(object.type_name()));
    }
    const KEYS: [&str; 10] = [
        "key",
        "kind",
        "value",
        "encoded",
        "worth",
        "pinned",
        "created_ms",
        "updated_ms",
        "accessed_ms",
        "uses",
    ];
    let stated = object.as_map().into_iter().flat_map(|map| map.keys());
    if let Some(key) = stated.into_iter().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(LineFault::Unknown { key: key.clone() });
    }
    let text = |key: &'static str| match object.get(key) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(LineFault::Wrong { key, wanted: "a text" }),
    };
    let number = |key: &'static str| match object.get(key) {
        None => Ok(0),
        Some(Value::Int(number)) if *number >= 0 => Ok(*number),
        Some(_) => Err(LineFault::Wrong { key, wanted: "a whole number from 0 on" }),
    };
    let key = Key::new(text("key")?.ok_or(LineFault::Missing("key"))?)
        .map_err(|fault| LineFault::Key { what: "key", fault })?;
    let kind = text("kind")?.map_or_else(|| Ok(Kind::note()), Kind::new);
    let kind = kind.map_err(|fault| LineFault::Key { what: "kind", fault })?;
    let value = match (object.get("value"), text("encoded")?) {
        (Some(value), None) => value.clone(),
        (None, Some(digits)) => {
            let wanted = "hexadecimal digits in lower case, two for each byte";
            let bytes = from_hex(&digits).ok_or(LineFault::Wrong { key: "encoded", wanted })?;
            decode(&bytes).map_err(LineFault::Encoded)?
        }
        (Some(_), Some(_)) => return Err(LineFault::TwoValues),
        (None, None) => return Err(LineFault::Missing("value")),
    };
    let worth = u8::try_from(number("worth")?).ok().and_then(Worth::new);
    let pinned = match object.get("pinned") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(LineFault::Wrong { key: "pinned", wanted: "true or false" }),
    };
    Ok(Entry {
        digest: digest(key.as_str(), kind.as_str(), &abi::encode(&value)),
        key: key.as_str().to_owned(),
        kind: kind.as_str().to_owned(),
        value,
        worth: worth.ok_or(LineFault::Wrong { key: "worth", wanted: "a number from 0 to 10" })?.get(),
        pinned,
        created_ms: number("created_ms")?,
        updated_ms: number("updated_ms")?,
        accessed_ms: number("accessed_ms")?,
        uses: number("uses")?,
    })
}

/// Stores the entries of all lines in one transaction. Lines that are empty are passed over.
pub(crate) fn import<'l>(
    writer: &mut Writer<'_>,
    lines: impl IntoIterator<Item = &'l str> + Clone,
    steward: Option<&Steward>,
) -> Result<Imported, Fault> {
    let quota = writer.quota;
    let mut at = 0;
    let imported = writer.attempt(1, |transaction, _| {
        let mut imported = Imported { entries: 0, replaced: 0 };
        let mut unmerged = 0;
        for (index, line) in lines.clone().into_iter().enumerate() {
            at = index as u64 + 1;
            if line.trim().is_empty() {
                continue;
            }
            let refused = |fault| MemoryError::Line { line: at, fault: Box::new(fault) };
            let entry = parse_line(line).map_err(refused)?;
            let draft = draft(&entry).map_err(refused)?;
            let value =
                checked_value(&draft, quota).map_err(|error| refused(LineFault::Entry(Box::new(error))))?;
            let row = Row {
                draft: &draft,
                value: &value,
                created_ms: entry.created_ms,
                updated_ms: entry.updated_ms,
                accessed_ms: entry.accessed_ms,
                uses: entry.uses,
            };
            let written = row.write(transaction)?;
            imported.replaced += u64::from(written.replaced);
            imported.entries += 1;
            if written.pinned {
                check_pins(transaction, quota, steward)?;
            }
            unmerged += Quota::estimate(value.len() as u64);
            if unmerged > MOST_UNMERGED_BYTES {
                merge(transaction, unmerged)?;
                check_filled(transaction, quota)?;
                unmerged = 0;
            }
        }
        merge(transaction, unmerged)?;
        check_filled(transaction, quota)?;
        Ok(imported)
    });
    imported.map_err(|fault| match fault {
        Fault::Refused(error) if matches!(*error, MemoryError::NoRoom) => {
            MemoryError::ImportTooLarge { line: at }.into()
        }
        fault => fault,
    })
}

/// Returns the draft of an entry that [`parse_line`] returned.
fn draft(entry: &Entry) -> Result<Draft, LineFault> {
    let wanted = "a number from 0 to 10";
    Ok(Draft {
        key: Key::new(entry.key.clone()).map_err(|fault| LineFault::Key { what: "key", fault })?,
        kind: Kind::new(entry.kind.clone()).map_err(|fault| LineFault::Key { what: "kind", fault })?,
        value: entry.value.clone(),
        worth: Worth::new(entry.worth).ok_or(LineFault::Wrong { key: "worth", wanted })?,
        pin: entry.pinned,
    })
}
