//! The classes of validators.

use alloc::string::String;
use core::fmt;

/// The class of validator that a contract demands.
///
/// A contract names its class through [`Contract::class`](crate::Contract::class). The scheduler refuses a
/// task for which no validator of the class is installed, and [`judge`](fn@crate::judge) fails for one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValidatorClass {
    /// Judges text as such.
    Text,
    /// Looks for known faults in text.
    Lint,
    /// Reads JSON, XML or a value and checks it against a schema.
    Structure,
    /// Extracts a stated answer and compares it.
    Answer,
    /// Runs programs of this language apart from the kernel. None is built in.
    Isolated(String),
    /// The validator from outside that was installed under this name.
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
            Self::External(name) => write!(f, "external:{name}"),
        }
    }
}

impl ValidatorClass {
    /// Returns the reason why no configuration can supply a validator of the class, if there is one.
    ///
    /// The reason is `no_isolation` for a class that runs a stranger's program, because nothing is
    /// installed that contains such a program.
    #[must_use]
    pub fn missing_reason(&self) -> Option<&'static str> {
        match self {
            Self::Isolated(_) => {
                Some("no_isolation: nothing is installed that runs programs apart from the kernel")
            }
            _ => None,
        }
    }
}
