use escalate::Kept;

/// Reads the file of an admitted function: one that is accepted has these very bytes, because its name is their digest.
pub(super) fn primitive(bytes: &[u8]) {
    match Kept::from_bytes(bytes) {
        Ok(kept) => assert_eq!(kept.to_bytes(), bytes, "another file has the same function"),
        Err(what) => assert!(!what.to_string().is_empty()),
    }
}
