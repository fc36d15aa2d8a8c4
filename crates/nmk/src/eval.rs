//! Evaluations, which print what was measured on given problems.

use abi::Digest;
use holdout::{Drawn, Notary, NotaryError, Sealed};

pub(crate) mod conditions;
pub(crate) mod dispatch;
pub(crate) mod entropy;
pub(crate) mod factloop;
pub(crate) mod finding;
pub(crate) mod humaneval;
pub(crate) mod inject;
pub(crate) mod memory;
pub(crate) mod novel;
pub(crate) mod question;
pub(crate) mod setting;
pub(crate) mod svg;
pub(crate) mod width;

/// A notary of an evaluation: the same candidate gets the same exam each time.
pub(crate) struct Repeatable;

impl Notary for Repeatable {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        Ok(Drawn { head: sealed.candidate, entropy: *Digest::hash_blob(b"evaluation").as_bytes() })
    }
}
