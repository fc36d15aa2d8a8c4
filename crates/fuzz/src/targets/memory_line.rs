use memory::{LineFault, export_line, parse_line};

/// Reads a line of an import: an entry that is accepted is written and read again without loss.
pub(super) fn memory_line(bytes: &[u8]) {
    match parse_line(&super::text(bytes)) {
        Ok(entry) => {
            let line = export_line(&entry);
            assert!(!line.contains(['\n', '\r']), "an entry is one line");
            let again = parse_line(&line).expect("what was written is read");
            assert_eq!(again.digest, entry.digest, "the entry is the same");
            assert_eq!(export_line(&again), line);
        }
        Err(LineFault::Entry(error)) => panic!("the line alone is compared with no store: {error}"),
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}
