//! Reading what may be longer than it should be.

use std::io::{self, Read};

/// Returns all that `reader` gives, or None if that is more than `most` bytes.
pub(crate) fn read(reader: impl Read, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= most).then_some(bytes))
}
