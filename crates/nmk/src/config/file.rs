//! The configuration file, as it is written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::memory_table::MemoryTable;
use super::spending::PolicyTable;
use super::web::WebTable;
use super::{ConfigError, RemoteConfig};
use crate::remote::{Endpoint, SystemRole, TokenLimit};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// The longest timeout that can be stated, in seconds.
pub(super) const MAX_SECONDS: f64 = 86_400.0;

/// The origin of a configuration file, which decides what the file may state.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// No file was found, so the defaults hold.
    None,
    /// The file was named on the command line.
    Flag(PathBuf),
    /// The file is in the working folder.
    Local(PathBuf),
    /// The file is in the user's own configuration folder.
    User(PathBuf),
}

/// The keys of the file. A key that the file does not state is None.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) model: Option<String>,
    pub(super) model_name: Option<String>,
    pub(super) require: Option<String>,
    pub(super) direct: Option<bool>,
    pub(super) max_new: Option<u32>,
    pub(super) thinking: Option<String>,
    pub(super) ledger: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) facts: Option<Vec<String>>,
    #[serde(default)]
    pub(super) remote: RemoteTable,
    #[serde(default)]
    pub(super) endpoint: EndpointTable,
    #[serde(default)]
    pub(super) policy: PolicyTable,
    #[serde(default)]
    pub(super) web: WebTable,
    #[serde(default)]
    pub(super) memory: MemoryTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoteTable {
    key_variable: Option<String>,
    connect_timeout_seconds: Option<f64>,
    stall_timeout_seconds: Option<f64>,
    total_timeout_seconds: Option<f64>,
    max_response_bytes: Option<usize>,
}

/// The parameters that requests to endpoints have.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointTable {
    max_tokens: Option<String>,
    system_role: Option<String>,
    temperature: Option<bool>,
    seed: Option<bool>,
    stream: Option<bool>,
    stream_options: Option<bool>,
    response_format: Option<bool>,
    pub(super) ca_file: Option<PathBuf>,
}

/// The words for the name of the limit on tokens.
pub(super) const TOKEN_LIMITS: [(&str, TokenLimit); 3] = [
    ("max_tokens", TokenLimit::MaxTokens),
    ("max_completion_tokens", TokenLimit::MaxCompletionTokens),
    ("none", TokenLimit::Absent),
];

/// The words for the role of the message that tells the form of an answer.
pub(super) const SYSTEM_ROLES: [(&str, SystemRole); 3] =
    [("system", SystemRole::System), ("developer", SystemRole::Developer), ("user", SystemRole::User)];

/// Returns the word for `value` in a table of words.
pub(super) fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

impl Source {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::None => Path::new(""),
            Self::Flag(path) | Self::Local(path) | Self::User(path) => path,
        }
    }

    /// Returns the folder from which relative paths in the file start.
    pub(super) fn folder(&self) -> &Path {
        self.path().parent().unwrap_or(Path::new(""))
    }

    pub(super) fn invalid(&self, key: &'static str, what: &str) -> ConfigError {
        ConfigError::Invalid { path: self.path().to_owned(), key, what: what.to_owned() }
    }
}

/// The file at `source`, checked for form and for what it may state; none where there is no file.
///
/// `placed` is true if the command line says where the ledger is, so that the file does not.
pub(super) fn read(source: Source, placed: bool) -> Result<Option<(File, Source)>, ConfigError> {
    let path = source.path();
    let unreadable = |cause| ConfigError::Unreadable { path: path.to_owned(), cause };
    // Opening a FIFO waits for somebody who writes into it, and a folder may come with one. A pipe that the command
    // line names is meant.
    let is_named = matches!(source, Source::Flag(_));
    if !is_named && std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(ConfigError::NotAFile { path: path.to_owned() });
    }
    let text = match read_bounded(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        // A home that cannot be entered holds no file for this user.
        Err(_) if matches!(source, Source::User(_)) && std::fs::metadata(path).is_err() => return Ok(None),
        Err(cause) => return Err(unreadable(cause)),
    };
    let file: File = toml::from_str(&text).map_err(|error| syntax(path, &text, &error))?;
    if let Source::Local(path) = &source {
        refuse_foreign(&file, path, placed)?;
    }
    Ok(Some((file, source)))
}

fn read_bounded(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_BYTES {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "larger than 1 MiB"));
    }
    Ok(text)
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let line = crate::toml_fault::line(text, error);
    ConfigError::Syntax { path: path.to_owned(), line, what: crate::toml_fault::message(error) }
}

/// A file that comes with a folder may not decide where secrets, prompts and queries go, which inner hosts are reached, nor
/// which files are written.
fn refuse_foreign(file: &File, path: &Path, placed: bool) -> Result<(), ConfigError> {
    let is_address = |model: &str| Endpoint::looks_like(model) || Endpoint::without_scheme(model).is_some();
    let endpoint = file.model.as_deref().is_some_and(is_address);
    let stated = [
        (endpoint, "model = \"http…\"", "pass --model with --model-name"),
        (file.ledger.is_some() && !placed, "ledger", "pass --ledger PATH"),
        (file.key.is_some(), "key", "delete the line"),
        (file.remote.key_variable.is_some(), "remote.key_variable", "delete the line"),
        (file.endpoint.ca_file.is_some(), "endpoint.ca_file", "pass --ca-file FILE"),
        (file.memory.folder.is_some(), "memory.folder", "pass --memory DIR"),
        (file.memory.quota_bytes.is_some(), "memory.quota_bytes", "state it in your own file"),
        (file.web.search.is_some(), "web.search", "delete the line"),
        (file.web.allow.is_some(), "web.allow", "delete the line"),
    ];
    match stated.into_iter().find(|(stated, ..)| *stated) {
        Some((_, key, instead)) => Err(ConfigError::NotHere { path: path.to_owned(), key, instead }),
        None => Ok(()),
    }
}

impl RemoteTable {
    pub(super) fn apply(&self, remote: &mut RemoteConfig, source: &Source) -> Result<(), ConfigError> {
        if let Some(variable) = &self.key_variable {
            if variable.is_empty() || variable.contains(['=', '\0']) {
                return Err(
                    source.invalid("remote.key_variable", "state the name of an environment variable")
                );
            }
            remote.key_variable.clone_from(variable);
        }
        let limits = &mut remote.limits;
        let timeouts = [
            ("remote.connect_timeout_seconds", self.connect_timeout_seconds, &mut limits.connect),
            ("remote.stall_timeout_seconds", self.stall_timeout_seconds, &mut limits.stall),
            ("remote.total_timeout_seconds", self.total_timeout_seconds, &mut limits.total),
        ];
        for (key, stated, limit) in timeouts {
            if let Some(seconds) = stated {
                if !(0.001..=MAX_SECONDS).contains(&seconds) {
                    return Err(source.invalid(key, "state seconds from 0.001 to 86400"));
                }
                *limit = Duration::from_secs_f64(seconds);
            }
        }
        limits.max_bytes = self.max_response_bytes.unwrap_or(limits.max_bytes);
        Ok(())
    }
}

impl EndpointTable {
    pub(super) fn apply(&self, remote: &mut RemoteConfig, source: &Source) -> Result<(), ConfigError> {
        let dialect = &mut remote.dialect;
        dialect.token_limit = chosen(source, "endpoint.max_tokens", &self.max_tokens, &TOKEN_LIMITS)?
            .unwrap_or(dialect.token_limit);
        dialect.system_role = chosen(source, "endpoint.system_role", &self.system_role, &SYSTEM_ROLES)?
            .unwrap_or(dialect.system_role);
        let switches = [
            (self.temperature, &mut dialect.temperature),
            (self.seed, &mut dialect.seed),
            (self.stream, &mut dialect.stream),
            (self.stream_options, &mut dialect.stream_options),
            (self.response_format, &mut dialect.response_format),
        ];
        for (stated, switch) in switches {
            *switch = stated.unwrap_or(*switch);
        }
        if let Some(path) = &self.ca_file {
            remote.ca_file = Some(source.folder().join(path));
        }
        Ok(())
    }
}

/// Returns the value that a word of the file stands for. Fails if the word is none of `words`.
fn chosen<T: Copy>(
    source: &Source,
    key: &'static str,
    stated: &Option<String>,
    words: &[(&'static str, T)],
) -> Result<Option<T>, ConfigError> {
    let Some(stated) = stated else { return Ok(None) };
    let found = words.iter().find(|(word, _)| word == stated).map(|(_, value)| *value);
    let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let what = || format!("`{}` is none of {known}", crate::excerpt::from_text(stated));
    found.map(Some).ok_or_else(|| source.invalid(key, &what()))
}
