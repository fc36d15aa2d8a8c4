//! The configuration: one documented file and the flags, read and checked once.

mod error;
mod file;
mod memory_table;
mod shown;
mod spending;
mod web;

pub use error::ConfigError;
pub use memory_table::MemoryConfig;
pub use spending::{CostSource, NotACost, Spending};
pub use web::WebConfig;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use abi::{Conversation, Thinking};
use factloop::Specification;

use crate::compute::{Compute, ComputeFlags};
use crate::excerpt;
use crate::forbid::Forbid;
use crate::policy::SpendingFlags;
use crate::remote::{Dialect, Endpoint, Limits};
use crate::surroundings::Surroundings;
use file::{File, Source};

/// The documented configuration file, which has every key with its default.
pub const DOCUMENTED: &str = include_str!("config/documented.toml");

/// Everything that can be chosen, as the flags and the file state it. Every value is in force: none is
/// replaced by a default later.
#[derive(Clone, Debug)]
pub struct Config {
    /// The model or endpoint that proposes, as the file or the flags name it.
    pub model: ModelChoice,
    /// The least level that is accepted. None stands for the level of the validator that fits the question.
    pub require: Option<det::Level>,
    /// True if a primitive may answer a question without the model, where it can.
    pub direct: bool,
    /// The largest number of tokens in one generation, at least 1. None stands for the most that a model from a
    /// folder can generate.
    pub max_new: Option<u32>,
    /// The choice whether a model thinks aloud before it answers.
    pub thinking: Thinking,
    /// The messages that a model reads before each prompt. Only flags can state them.
    pub conversation: Conversation,
    /// The folder of the ledger, which is created if it does not exist.
    pub ledger: PathBuf,
    /// The file of the signing key, with the pinned public key beside it. It must not be inside the ledger's
    /// folder.
    pub key: PathBuf,
    /// True if no ledger is kept. Neither `ledger` nor `key` is opened then.
    pub no_ledger: bool,
    /// The kinds of question whose facts may be computed.
    pub facts: BTreeSet<Specification>,
    /// The kinds of question that are denied, whatever `facts` says. Only flags can state them.
    pub denied: BTreeSet<Specification>,
    /// The settings for endpoints: the variable with the key, and the limits.
    pub remote: RemoteConfig,
    /// The settings for pages of the web.
    pub web: WebConfig,
    /// The settings of the memory.
    pub memory: MemoryConfig,
    /// The settings by which the policy decides what a further attempt is worth.
    pub spending: Spending,
    /// The settings by which a local model is computed. Only flags can state them.
    pub compute: Compute,
    /// The text that no answer of a local model may contain. Only flags can state it.
    pub forbid: Forbid,
}

/// The model or endpoint that proposes, as the file or the flags name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelChoice {
    /// The model that is shipped in the binary, and is asked where no other one is chosen.
    Embedded,
    /// The model that writes Python functions, which is shipped in the binary too.
    Coder,
    /// A folder in the layout of the Hugging Face Hub.
    Folder(PathBuf),
    /// A model behind an OpenAI-compatible endpoint, known by its name.
    Endpoint {
        /// The base address of the endpoint, for example `http://localhost:11434/v1`.
        endpoint: Endpoint,
        /// The name of the model at the endpoint. None stands for the one model of an endpoint that serves one.
        name: Option<String>,
    },
}

/// The settings for endpoints: the variable with the key, and the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteConfig {
    /// The name of the environment variable that has the key.
    pub key_variable: String,
    /// The limits of time and size for one request.
    pub limits: Limits,
    /// The parameters that requests have at first.
    pub dialect: Dialect,
    /// A file with the certificates of further authorities that are trusted.
    pub ca_file: Option<PathBuf>,
}

/// The choices that the command line states. They take precedence over the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The file to read instead of searching for one. None searches the usual places.
    pub config: Option<PathBuf>,
    /// The model: a folder, the address of an endpoint, or the word `embedded` or `coder`.
    pub model: Option<OsString>,
    /// The name of the model at an endpoint.
    pub model_name: Option<String>,
    /// The word for the least level that is accepted, for example `oracle`.
    pub require: Option<OsString>,
    /// True if a primitive may answer a question without the model, where it can.
    pub direct: bool,
    /// The largest number of tokens in one generation.
    pub max_new: Option<u32>,
    /// The choice whether a model thinks aloud before it answers. None if no flag states it.
    pub thinking: Option<Thinking>,
    /// A file with the certificates of further authorities that are trusted.
    pub ca_file: Option<PathBuf>,
    /// The folder of the ledger.
    pub ledger: Option<PathBuf>,
    /// The file of the signing key.
    pub key: Option<PathBuf>,
    /// True if no ledger is to be kept.
    pub no_ledger: bool,
    /// The places that the command does not need. A place that is not needed and not known is an empty path.
    pub needless: Needless,
    /// The ways in which the command lets its places be named.
    pub ways: Ways,
    /// The settings by which a local model is computed.
    pub compute: ComputeFlags,
    /// The text that no answer of a local model may contain.
    pub forbid: Forbid,
    /// The flags about what may be spent.
    pub spending: SpendingFlags,
    /// The harm of a wrong answer.
    pub risk: Option<kpolicy::Unit>,
    /// The capabilities to compute facts that are granted beside those of the file, for example `fact:gcd`.
    pub grant: Vec<String>,
    /// The capabilities to compute facts that are denied, whatever grants them.
    pub deny: Vec<String>,
}

/// The places that a command can do without, so that no home folder is needed for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Needless {
    /// The command needs the ledger and its key.
    #[default]
    Nothing,
    /// The command reads the ledger without its key.
    Key,
    /// The command opens neither.
    LedgerAndKey,
}

/// The ways in which a command lets its ledger and its key be named, which an error tells where there is no home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ways {
    /// The flags `--ledger`, `--key` and `--no-ledger`.
    #[default]
    FlagsOrNone,
    /// The flags `--ledger` and `--key`.
    Flags,
    /// A configuration file alone.
    File,
}

impl Ways {
    fn of_ledger(self) -> &'static str {
        match self {
            Self::FlagsOrNone => "pass --ledger PATH, or --no-ledger",
            Self::Flags => "pass --ledger PATH",
            Self::File => "state `ledger` and `key` in a file and pass it with --config FILE",
        }
    }

    fn of_key(self) -> &'static str {
        match self {
            Self::FlagsOrNone | Self::Flags => "pass --key FILE",
            Self::File => "state `key` in a file and pass it with --config FILE",
        }
    }
}

/// The beginning of the capabilities to compute a fact.
const FACT: &str = "fact:";
/// The default for the largest number of tokens of the embedded model, whose answers are short.
const EMBEDDED_MAX_NEW: u32 = 64;
/// The default for the largest number of tokens of the coder, whose answers are functions.
const CODER_MAX_NEW: u32 = 256;
/// The default for the largest number of tokens of an endpoint, whose models may reason aloud first.
const REMOTE_MAX_NEW: u32 = 1024;

impl Config {
    /// Returns the defaults, with the ledger in the folder `ledger` and the signing key in the file `key`.
    /// This is for programs that choose these places themselves and read neither files nor the environment.
    #[must_use]
    pub fn at(ledger: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        let ledger = ledger.into();
        Self {
            memory: MemoryConfig::beside(&ledger),
            model: ModelChoice::Embedded,
            require: None,
            direct: false,
            max_new: Some(EMBEDDED_MAX_NEW),
            thinking: Thinking::Auto,
            conversation: Conversation::default(),
            ledger,
            key: key.into(),
            no_ledger: false,
            facts: Specification::ALL.into(),
            denied: BTreeSet::new(),
            remote: RemoteConfig {
                key_variable: "OPENAI_API_KEY".to_owned(),
                limits: Limits {
                    connect: Duration::from_secs(10),
                    stall: Duration::from_secs(60),
                    total: Duration::from_secs(600),
                    max_bytes: 16 << 20,
                },
                dialect: Dialect::default(),
                ca_file: None,
            },
            web: WebConfig::default(),
            spending: Spending::reference(),
            compute: Compute::default(),
            forbid: Forbid::default(),
        }
    }

    /// Returns the configuration that is in force with `flags` in `surroundings`.
    ///
    /// # Errors
    /// [`ConfigError`] names the file and the key, or the flag, that is wrong.
    pub fn load(flags: &Flags, surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let (file, source) = find(flags, surroundings)?;
        let needless = if flags.no_ledger { Needless::LedgerAndKey } else { flags.needless };
        let given = |flag: &Option<PathBuf>| flag.as_ref().map(|path| surroundings.folder.join(path));
        let ledger = place(given(&flags.ledger), file.ledger.as_ref(), &source, surroundings.ledger.as_ref());
        let key = place(given(&flags.key), file.key.as_ref(), &source, surroundings.key.as_ref());
        let mut config = Self::at(
            needed(ledger, needless != Needless::LedgerAndKey, flags.ways.of_ledger())?,
            needed(key, needless == Needless::Nothing, flags.ways.of_key())?,
        );
        config.no_ledger = flags.no_ledger;
        file.remote.apply(&mut config.remote, &source)?;
        file.endpoint.apply(&mut config.remote, &source)?;
        if let Some(path) = &flags.ca_file {
            config.remote.ca_file = Some(surroundings.folder.join(path));
        }
        file.policy.apply(&mut config.spending, &source)?;
        flags.spending.apply(&mut config.spending);
        config.spending.risk = flags.risk.unwrap_or(config.spending.risk);
        file.web.apply(&mut config.web, &source)?;
        file.memory.apply(&mut config.memory, &source)?;
        config.facts = facts(&file, &source)?.unwrap_or(config.facts);
        config.facts.extend(fact_capabilities("grant", &flags.grant)?);
        config.denied = fact_capabilities("deny", &flags.deny)?.into_iter().collect();
        refuse_key_in_ledger(&config)?;
        config.direct = flags.direct || file.direct.unwrap_or(config.direct);
        config.require = level(flags, &file, &source)?;
        config.model = model(flags, &file, &source)?;
        refuse_idle(flags, &config.model)?;
        config.compute = flags.compute.compute();
        config.forbid = flags.forbid.clone();
        config.thinking = thinking(flags, &file, &source)?;
        config.max_new = flags.max_new.or(file.max_new).or(match config.model {
            ModelChoice::Endpoint { .. } => Some(REMOTE_MAX_NEW),
            ModelChoice::Embedded => Some(EMBEDDED_MAX_NEW),
            ModelChoice::Coder => Some(CODER_MAX_NEW),
            ModelChoice::Folder(_) => None,
        });
        if config.max_new == Some(0) {
            return Err(source.invalid("max_new", "it is 0; state at least 1"));
        }
        Ok(config)
    }

    /// Returns the configuration in force as the text of a file that states the same.
    #[must_use]
    pub fn to_toml(&self) -> String {
        shown::toml(self)
    }

    /// Returns the configuration in force as one JSON object with the keys of the file.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        shown::json(self)
    }
}

/// Returns the first configuration file that exists, or an empty one.
fn find(flags: &Flags, surroundings: &Surroundings) -> Result<(File, Source), ConfigError> {
    let placed = flags.ledger.is_some();
    if let Some(path) = &flags.config {
        return file::read(Source::Flag(path.clone()), placed)?
            .ok_or_else(|| ConfigError::Missing { path: path.clone() });
    }
    let local = Source::Local(surroundings.folder.join("nmk.toml"));
    let user = surroundings.config.clone().map(Source::User);
    for source in [Some(local), user].into_iter().flatten() {
        if let Some(found) = file::read(source, placed)? {
            return Ok(found);
        }
    }
    Ok((File::default(), Source::None))
}

fn place(
    flag: Option<PathBuf>,
    stated: Option<&PathBuf>,
    source: &Source,
    default: Option<&PathBuf>,
) -> Option<PathBuf> {
    let stated = || stated.map(|path| source.folder().join(path));
    flag.or_else(stated).or_else(|| default.cloned())
}

/// Returns the folder beside the ledger whose name ends in `suffix`. None if the ledger has no name.
pub(crate) fn beside(ledger: &Path, suffix: &str) -> Option<PathBuf> {
    let mut name = ledger.file_name()?.to_owned();
    name.push(suffix);
    Some(ledger.with_file_name(name))
}

/// Returns the place, or an empty path if it is not known and not needed. `flag` states the place.
fn needed(place: Option<PathBuf>, is_needed: bool, way: &'static str) -> Result<PathBuf, ConfigError> {
    match place {
        None if is_needed => Err(ConfigError::NoHome { way }),
        place => Ok(place.unwrap_or_default()),
    }
}

/// Fails if the signing key is inside the ledger's folder, because a person who can write there could replace
/// the key that the ledger is checked against.
fn refuse_key_in_ledger(config: &Config) -> Result<(), ConfigError> {
    let is_known = !config.ledger.as_os_str().is_empty() && !config.key.as_os_str().is_empty();
    if is_known && resolved(&config.key).starts_with(resolved(&config.ledger)) {
        return Err(ConfigError::KeyInLedger { key: config.key.clone(), ledger: config.ledger.clone() });
    }
    Ok(())
}

/// Returns the place that `path` leads to: the part of it that exists, without links and `..`, and the rest as it is.
fn resolved(path: &Path) -> PathBuf {
    let place = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    match place {
        Some((above, place)) => place.join(path.strip_prefix(above).unwrap_or(Path::new(""))),
        None => path.to_path_buf(),
    }
}

fn facts(file: &File, source: &Source) -> Result<Option<BTreeSet<Specification>>, ConfigError> {
    let Some(words) = &file.facts else { return Ok(None) };
    let known = Specification::ALL.map(Specification::word).join(", ");
    let parse = |word: &String| {
        let found = Specification::ALL.into_iter().find(|specification| specification.word() == word);
        let what = || format!("`{}` is no fact; state some of {known}", excerpt::from_text(word));
        found.ok_or_else(|| source.invalid("facts", &what()))
    };
    words.iter().map(parse).collect::<Result<_, _>>().map(Some)
}

/// Returns the kinds of question whose capabilities a flag names.
fn fact_capabilities(flag: &'static str, words: &[String]) -> Result<Vec<Specification>, ConfigError> {
    let known = || Specification::ALL.map(|one| format!("{FACT}{}", one.word())).join(", ");
    let parse = |word: &String| {
        let is_meant = |one: &Specification| word.strip_prefix(FACT) == Some(one.word());
        let found = Specification::ALL.into_iter().find(is_meant);
        let refused = || ConfigError::Capability { flag, shown: excerpt::from_text(word), known: known() };
        found.ok_or_else(refused)
    };
    words.iter().map(parse).collect()
}

fn level(flags: &Flags, file: &File, source: &Source) -> Result<Option<det::Level>, ConfigError> {
    if let Some(word) = &flags.require {
        let parsed = word.to_str().and_then(|word| word.parse().ok());
        let refused = || ConfigError::Level { shown: excerpt::from_text(&word.to_string_lossy()) };
        return parsed.ok_or_else(refused).map(Some);
    }
    let Some(word) = &file.require else { return Ok(None) };
    let refused = |error: det::ParseLevelError| {
        source.invalid("require", &format!("`{}` is no level; {error}", excerpt::from_text(word)))
    };
    word.parse().map(Some).map_err(refused)
}

fn thinking(flags: &Flags, file: &File, source: &Source) -> Result<Thinking, ConfigError> {
    let Some(word) = &file.thinking else { return Ok(flags.thinking.unwrap_or_default()) };
    let what = || format!("`{}` is no choice; state auto, on or off", excerpt::from_text(word));
    let stated = Thinking::from_word(word).ok_or_else(|| source.invalid("thinking", &what()))?;
    Ok(flags.thinking.unwrap_or(stated))
}

fn model(flags: &Flags, file: &File, source: &Source) -> Result<ModelChoice, ConfigError> {
    let name = || flags.model_name.clone().or_else(|| file.model_name.clone());
    let choice = match (&flags.model, &file.model) {
        (Some(model), _) => choose(model, Path::new(""), name())?,
        (None, Some(model)) => choose(model.as_ref(), source.folder(), name())?,
        (None, None) => ModelChoice::Embedded,
    };
    Ok(choice)
}

/// Fails if a flag would change nothing for the model that was chosen.
fn refuse_idle(flags: &Flags, model: &ModelChoice) -> Result<(), ConfigError> {
    match model {
        ModelChoice::Endpoint { endpoint, .. } => match flags.compute.stated() {
            Some(flag) => Err(ConfigError::OnlyLocal { flag }),
            None if flags.ca_file.is_some() && !endpoint.is_encrypted() => Err(ConfigError::NoCertificate),
            None => Ok(()),
        },
        _ if flags.model_name.is_some() => {
            let model = flags.model.as_deref().map(|model| excerpt::from_text(&model.to_string_lossy()));
            Err(ConfigError::NameWithoutEndpoint { model })
        }
        _ if flags.ca_file.is_some() => Err(ConfigError::CertificatesWithoutEndpoint),
        _ => Ok(()),
    }
}

fn choose(model: &std::ffi::OsStr, folder: &Path, name: Option<String>) -> Result<ModelChoice, ConfigError> {
    match model.to_str() {
        Some("") => Err(ConfigError::EmptyModel),
        Some("embedded") => Ok(ModelChoice::Embedded),
        Some("coder") => Ok(ModelChoice::Coder),
        Some(address) if Endpoint::looks_like(address) => {
            let endpoint = Endpoint::parse(address)?;
            let name = name.filter(|name| !name.trim().is_empty());
            Ok(ModelChoice::Endpoint { endpoint, name })
        }
        Some(address) if !folder.join(address).exists() && Endpoint::without_scheme(address).is_some() => {
            let address = Endpoint::without_scheme(address).unwrap_or_default();
            let endpoint = Endpoint::parse(&address)?;
            // The prompt leaves this machine only for an address that was written in full.
            if !endpoint.is_loopback() {
                return Err(ConfigError::NoScheme { address });
            }
            Ok(ModelChoice::Endpoint { endpoint, name: name.filter(|name| !name.trim().is_empty()) })
        }
        _ => Ok(ModelChoice::Folder(folder.join(model))),
    }
}
