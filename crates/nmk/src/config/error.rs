//! The faults of flags and of the configuration file.

use std::path::PathBuf;

use crate::remote::{Endpoint, EndpointError};

/// A choice that cannot be put in force. Displayed as one line: what (where): what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named does not exist.
    #[error("there is no configuration file ({}): correct --config", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("the configuration cannot be read: {cause} ({}): check its permissions", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: std::io::Error,
    },
    /// The file is not TOML, or a key is unknown or of another type.
    #[error("the configuration is wrong: {what} ({}): correct it; nmk config --documented explains every key", place(.path, *.line))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: Option<usize>,
        /// The fault.
        what: String,
    },
    /// A key has a value that cannot be.
    #[error("the configuration's `{key}` is wrong ({}): {what}", .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// The fault, and the value to state.
        what: String,
    },
    /// A key stands in a file that may not state it.
    #[error(
        "`{key}` may not be stated by the configuration of a working folder ({}): \
         {instead}, pass the file with --config if you trust it, or move the key to your own configuration", .path.display()
    )]
    NotHere {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// The first way out, as an imperative.
        instead: &'static str,
    },
    /// The configuration is no plain file, so reading it might never end.
    #[error("the configuration is no plain file ({}): remove it, or pass --config FILE", .path.display())]
    NotAFile {
        /// The place.
        path: PathBuf,
    },
    /// `--require` has no known level.
    #[error(
        "no level is called `{shown}` (--require): pass none, syntax, schema, property, oracle or proven"
    )]
    Level {
        /// The value that was passed.
        shown: String,
    },
    /// `--model` is empty.
    #[error("the model is empty (--model): pass a folder, an endpoint's address, or leave it out")]
    EmptyModel,
    /// An endpoint needs a name.
    #[error("an endpoint serves models by name and none is given ({endpoint}): pass --model-name NAME")]
    NoModelName {
        /// The endpoint.
        endpoint: Endpoint,
    },
    /// A name is given and there is no endpoint.
    #[error(
        "a model's name is of use only with an endpoint (--model-name): pass --model http://HOST/v1 too, or leave it out"
    )]
    NameWithoutEndpoint,
    /// The address is not that of an endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The key lies in the ledger's folder.
    #[error("the key lies inside the ledger ({} in {}): state another place for `key`, outside it", .key.display(), .ledger.display())]
    KeyInLedger {
        /// The key's file.
        key: PathBuf,
        /// The ledger's folder.
        ledger: PathBuf,
    },
    /// There is no home folder to put something into.
    #[error(
        "no place is known for what must be kept (neither HOME nor the XDG variables are set): set HOME, or pass {flag}"
    )]
    NoHome {
        /// The key or flag that says the place instead.
        flag: &'static str,
    },
}

fn place(path: &std::path::Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}
