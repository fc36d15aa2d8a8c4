use abi::Digest;
use ledger::PublicKey;

use super::text;

/// Checks a digest as text: an accepted one must be written back unchanged, and be accepted as a public key
/// too.
pub(super) fn digest(bytes: &[u8]) {
    let text = text(bytes);
    match text.parse::<Digest>() {
        Ok(digest) => {
            assert_eq!(digest.to_string(), text);
            assert!(text.starts_with(&digest.short()));
            let key: PublicKey = text.parse().expect("the text form of a digest");
            assert_eq!((key.to_string(), key.as_bytes()), (text, digest.as_bytes()));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(text.parse::<PublicKey>().is_err(), "{text} is a key and no digest");
        }
    }
}
