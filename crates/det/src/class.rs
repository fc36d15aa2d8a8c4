//! The classes of validators.

use alloc::string::String;
use core::fmt;

/// The class of validator that a contract demands, and that a [`Validator`](crate::Validator) serves.
///
/// A contract names its class through [`Contract::class`](crate::Contract::class). The scheduler refuses a
/// task for which no validator of the class is installed, and [`judge`](fn@crate::judge) returns an error for
/// one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValidatorClass {
    /// Judges conversation, which demands nothing, and plain text, which must not be blank.
    Text,
    /// Checks plain text for required parts and with [`Lint`](crate::Lint)s.
    Lint,
    /// Reads a JSON or XML document, or takes a value, and checks it against a schema and required keys.
    Structure,
    /// Reads the one answer that a reply states, and compares that answer with the expected one.
    Answer,
    /// Runs programs of the named language, isolated from the kernel. No validator of this class is built in: the
    /// holder of a [`TrustRoot`](crate::TrustRoot) installs one.
    Isolated(String),
    /// Admits programs by an exam of the hold-out gate. No validator of this class is built in: the holder of a
    /// [`TrustRoot`](crate::TrustRoot) installs one. [`readmit`](crate::readmit) judges under such a contract too.
    Admission,
    /// The validator from outside this crate that was installed under this name by the holder of a
    /// [`TrustRoot`](crate::TrustRoot).
    External(String),
}

impl fmt::Display for ValidatorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Lint => f.write_str("lint"),
            Self::Structure => f.write_str("structure"),
            Self::Answer => f.write_str("answer"),
            Self::Isolated(language) => write!(f, "isolated:{language}"),
            Self::Admission => f.write_str("admission"),
            Self::External(name) => write!(f, "external:{name}"),
        }
    }
}

impl ValidatorClass {
    /// Returns the reason why no configuration can supply a validator of the class, or None if one can.
    ///
    /// The reason begins with `no_isolation` for [`Isolated`](Self::Isolated), because nothing is installed
    /// that could contain an untrusted program while it runs.
    #[must_use]
    pub fn missing_reason(&self) -> Option<&'static str> {
        match self {
            Self::Isolated(_) => {
                Some("no_isolation: nothing is installed that runs programs apart from the kernel")
            }
            Self::Admission => Some(
                "a program is admitted by an exam of the hold-out gate (nmk solve), and none is installed here",
            ),
            _ => None,
        }
    }
}
