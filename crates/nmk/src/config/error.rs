//! The errors of flags and of the configuration file.

use std::path::PathBuf;

use crate::remote::EndpointError;

/// The reason why a flag or a value of the configuration is not valid. The message is one line: what is
/// wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that `--config` names does not exist.
    #[error("there is no configuration file ({}): correct --config", .path.display())]
    Missing {
        /// The path of the file.
        path: PathBuf,
    },
    /// The configuration file exists and cannot be read.
    #[error("the configuration cannot be read: {cause} ({}): check its permissions", .path.display())]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The file is not TOML, has an unknown key, or has a value of another type.
    #[error("the configuration is wrong: {what} ({}): correct it; nmk config --documented explains every key", place(.path, *.line))]
    Syntax {
        /// The path of the file.
        path: PathBuf,
        /// The line of the fault, from 1. None if it is not known.
        line: Option<usize>,
        /// The fault, in the words of the TOML reader.
        what: String,
    },
    /// The value of a key is out of range or unknown.
    #[error("the configuration's `{key}` is wrong ({}): {what}", .path.display())]
    Invalid {
        /// The path of the file.
        path: PathBuf,
        /// The name of the key, with its table.
        key: &'static str,
        /// The fault, and the values that are allowed, in words.
        what: String,
    },
    /// A flag names a capability that no question has.
    #[error("no fact has the capability `{shown}` (--{flag}): pass one of {known}")]
    Capability {
        /// The name of the flag without its dashes.
        flag: &'static str,
        /// The word that was passed, cut to a short length.
        shown: String,
        /// The capabilities that there are.
        known: String,
    },
    /// The configuration of a working folder states a key that it may not state, because the folder may come
    /// from a stranger.
    #[error(
        "`{key}` may not be stated by the configuration of a working folder ({}): \
         {instead}, pass the file with --config if you trust it, or move the key to your own configuration", .path.display()
    )]
    NotHere {
        /// The path of the file.
        path: PathBuf,
        /// The name of the key that a working folder may not state.
        key: &'static str,
        /// The first way out, as an imperative.
        instead: &'static str,
    },
    /// The configuration is no plain file, so reading it might never end.
    #[error("the configuration is no plain file ({}): move it away, or pass --config FILE", .path.display())]
    NotAFile {
        /// The place.
        path: PathBuf,
    },
    /// The value of `--require` is not the word for a level.
    #[error(
        "no level is called `{shown}` (--require): pass none, syntax, schema, property, oracle or proven"
    )]
    Level {
        /// The value that was passed, as an excerpt.
        shown: String,
    },
    /// The value of `--model` is an empty text.
    #[error("the model is empty (--model): pass a folder, an endpoint's address, or leave it out")]
    EmptyModel,
    /// The model looks like the address of an endpoint that lacks its scheme.
    #[error(
        "there is no such model folder, and an address of an endpoint begins with its scheme (--model): pass {address}"
    )]
    NoScheme {
        /// The address with a scheme.
        address: String,
    },
    /// A name of a model was passed, and no endpoint was chosen.
    #[error(
        "a model's name is of use only with an endpoint (--model-name): {}, or leave it out", endpoint_for(.model.as_deref())
    )]
    NameWithoutEndpoint {
        /// The value of `--model`. None if none was passed.
        model: Option<String>,
    },
    /// Certificates of authorities were passed, and no endpoint was chosen.
    #[error(
        "certificates are of use only with an endpoint (--ca-file): pass --model https://HOST/v1 too, or leave it out"
    )]
    CertificatesWithoutEndpoint,
    /// Certificates of authorities were passed for an endpoint that shows none.
    #[error(
        "an endpoint over http shows no certificate (--ca-file): pass its https address with --model, or leave it out"
    )]
    NoCertificate,
    /// A flag states how a local model is computed, and an endpoint was chosen.
    #[error(
        "an endpoint computes as its server is set up ({flag}): set it there and leave the flag out, or pass a model \
         folder with --model"
    )]
    OnlyLocal {
        /// The flag with its dashes.
        flag: &'static str,
    },
    /// The address of the endpoint is refused; the error names the broken rule.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The signing key is inside the ledger's folder.
    #[error("the key lies inside the ledger ({} in {}): state another place for `key`, outside it", .key.display(), .ledger.display())]
    KeyInLedger {
        /// The path of the file with the signing key.
        key: PathBuf,
        /// The folder of the ledger.
        ledger: PathBuf,
    },
    /// A place for a file is needed and not known, because there is no home folder.
    #[error(
        "no place is known for what must be kept (neither HOME nor the XDG variables are absolute paths): set HOME, or {way}"
    )]
    NoHome {
        /// The way in which the command lets the place be named, as an imperative.
        way: &'static str,
    },
}

/// Returns what to do about a name of a model that stands beside no endpoint.
fn endpoint_for(model: Option<&str>) -> String {
    match model {
        None => "pass --model http://HOST/v1 too".to_owned(),
        Some(model) => {
            format!(
                "`{model}` is no address that begins with http:// or https://, so pass --model http://HOST/v1 instead"
            )
        }
    }
}

fn place(path: &std::path::Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}
