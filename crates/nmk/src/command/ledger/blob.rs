//! `nmk ledger blob`: the bytes of one blob, checked against its digest.

use clap::Args;
use ledger::VerifyError;
use serde_json::json;

use super::{Common, digits, named_blob, unreadable};
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The digest of the blob, or its first digits as `nmk ledger show JOB` prints them.
    #[arg(value_parser = digits)]
    digest: String,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let folder = arguments.common.folder()?;
    let digest = named_blob(&folder, &arguments.digest)?;
    let bytes = ledger::blob(&folder, &digest).map_err(|cause| match cause {
        VerifyError::NoBlob { .. } => Error::NoBlob { digest, ledger: folder.clone() },
        cause => unreadable(&folder, cause),
    })?;
    if arguments.common.json {
        let value = abi::decode(&bytes).ok().map(|value| factloop::to_json(&value));
        let object = json!({
            "digest": digest.to_string(), "bytes": bytes.len(), "text": str::from_utf8(&bytes).ok(), "value": value,
        });
        console.result(&object.to_string())?;
        return Ok(Outcome::Done);
    }
    if console.is_terminal() && !is_text(&bytes) {
        return Err(Error::BinaryBlob { digest, bytes: bytes.len() });
    }
    console.raw(&bytes)?;
    Ok(Outcome::Done)
}

/// Returns true if a terminal can show the bytes: UTF-8 without a zero byte.
fn is_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn values_and_broken_letters_are_no_text() {
        assert!(
            is_text("Is 97 prime?\n".as_bytes()) && is_text("\u{1b}[2J\u{202e}".as_bytes()) && is_text(b"")
        );
        let value = abi::encode(&abi::Value::Int(7));
        assert!(!is_text(&value) && !is_text(&[0xc3]) && !is_text(b"a\0b"));
    }
}
