//! Contracts as people write them in a TOML file.

mod program;

use std::path::Path;

use abi::Value;
use abi::bounds::cut;
use det::{
    Contract, ContractError, Expectation, ExpectedFrom, Form, Level, Lint, Schema, SchemaError, TrustRoot,
};
use serde::Deserialize;

use crate::Error;
use crate::toml_fault::sentence;

pub use program::ProgramError;
use program::ProgramTable;

/// The largest schema or contract that is read, in bytes.
const MAX_BYTES: usize = 4 << 20;
/// The most bytes of a name or a word that an error shows. A file may have longer ones.
const SHOWN_BYTES: usize = 128;

/// A contract as a TOML table with the keys of `docs/contracts.md`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractTable {
    form: Option<String>,
    schema: Option<toml::Value>,
    schema_file: Option<std::path::PathBuf>,
    #[serde(default)]
    require_keys: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    lints: Vec<String>,
    expected: Option<toml::Value>,
    program: Option<ProgramTable>,
    /// The word for the least level that is accepted. None stands for the highest level that the contract can
    /// show.
    pub(crate) require: Option<String>,
}

/// The reason why a contract or a schema in a user's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContractFileError {
    /// The file of the contract or of its schema cannot be read.
    #[error("{path} cannot be read ({}): check the path", crate::io_words::plain(.cause))]
    Unreadable {
        /// The path of the file.
        path: String,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The file is larger than 4 MiB, or not UTF-8.
    #[error("{path} is {what}: pass a file of UTF-8 text of at most 4 MiB")]
    NotText {
        /// The path of the file.
        path: String,
        /// The fault as the message states it: too large, or not UTF-8.
        what: &'static str,
    },
    /// The file is not TOML, or has other keys or types than those of a contract.
    #[error("it is not a contract ({0}): docs/contracts.md has the keys")]
    Syntax(String),
    /// The file has a graph of tasks.
    #[error(
        "it is a graph of tasks and no contract: run it with nmk run FILE, or pass a contract (docs/contracts.md)"
    )]
    IsAGraph,
    /// A word in the file is not one of the words that its key may have.
    #[error("{key} = {found:?} is none of {known}")]
    Unknown {
        /// The name of the key whose word is unknown.
        key: &'static str,
        /// The word that the file has.
        found: String,
        /// The words that the key may have, as a list in one text.
        known: &'static str,
    },
    /// The table names a file with the schema, which only a contract in a file of its own may do.
    #[error(
        "schema_file names a file, which can be done in a contract file only: put the schema into `schema`"
    )]
    NoFiles,
    /// The value of a key is a TOML date or time, for which contracts have no value.
    #[error("{key} holds a date or time, which is no value here: write it as text")]
    NoValue {
        /// The name of the key with that value.
        key: &'static str,
    },
    /// The value of a key is `nan`, which equals nothing and is therefore no value.
    #[error("{key} holds nan, which is not a number: write a number")]
    NotANumber {
        /// The name of the key with that value.
        key: &'static str,
    },
    /// The program that the contract demands, or one of its cases, cannot be used.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The JSON Schema is outside the supported subset.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The parts of the contract do not fit each other, for example a form and an expected value.
    #[error("the contract cannot be made: {0}")]
    Contract(#[from] ContractError),
}

type Read<T> = Result<T, ContractFileError>;

/// A contract that a caller chose, and the least level at which an answer under it is accepted.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) contract: Contract,
    pub(crate) require: Level,
}

/// Returns the contract that the flags of a command name, if they name one.
pub(crate) fn from_flags(
    schema: Option<&Path>,
    contract: Option<&Path>,
    root: &impl TrustRoot,
) -> Result<Option<Chosen>, Error> {
    let (path, read) = match (schema, contract) {
        (Some(path), _) => (path, from_schema(path)),
        (None, Some(path)) => (path, read(path, root)),
        (None, None) => return Ok(None),
    };
    match read {
        Ok(chosen) => Ok(Some(chosen)),
        Err(cause) => Err(Error::Contract { path: path.to_owned(), cause: Box::new(cause) }),
    }
}

/// Reads a contract from a TOML file.
fn read(path: &Path, root: &impl TrustRoot) -> Read<Chosen> {
    let text = text(path)?;
    let table: ContractTable = toml::from_str(&text).map_err(|error| match is_a_graph(&text) {
        true => ContractFileError::IsAGraph,
        false => ContractFileError::Syntax(sentence(&text, &error)),
    })?;
    table.chosen(path.parent(), root)
}

/// Returns true for a file with the keys of a graph of tasks.
fn is_a_graph(text: &str) -> bool {
    let table = text.parse::<toml::Table>();
    table.is_ok_and(|table| ["job", "task"].iter().any(|key| table.contains_key(*key)))
}

/// The contract of a JSON document under the schema in a file.
fn from_schema(path: &Path) -> Read<Chosen> {
    let schema = Schema::parse(&text(path)?)?;
    let contract = Contract::from_form(Form::Json).with_schema(schema)?;
    Ok(Chosen { require: contract.ceiling(), contract })
}

/// Reads a file of UTF-8 text of at most 4 MiB.
pub(crate) fn text(path: &Path) -> Read<String> {
    text_of(path, std::fs::File::open(path))
}

/// Reads a plain file as [`text`] does. It waits for nobody.
pub(crate) fn plain_text(path: &Path) -> Read<String> {
    text_of(path, crate::bounded::open_plain(path))
}

fn text_of(path: &Path, opened: std::io::Result<std::fs::File>) -> Read<String> {
    let shown = || path.display().to_string();
    let unreadable = |cause| ContractFileError::Unreadable { path: shown(), cause };
    let no_text = |what| ContractFileError::NotText { path: shown(), what };
    let file = opened.map_err(unreadable)?;
    let bytes = crate::bounded::read(file, MAX_BYTES).map_err(unreadable)?;
    String::from_utf8(bytes.ok_or(no_text("larger than 4 MiB"))?).map_err(|_| no_text("not UTF-8"))
}

/// Returns the words for the origin of a contract's expected values: the user's word, or a primitive. None for a
/// contract without such values.
pub(crate) fn voucher(contract: &Contract) -> Option<&'static str> {
    match contract.expectation() {
        Expectation::Given { from: ExpectedFrom::User, .. } => Some("expected by the user"),
        Expectation::Cases { .. } => Some("every case of the user holds"),
        Expectation::Computed(_) => Some("computed by a primitive"),
        _ => None,
    }
}

impl ContractTable {
    /// The contract of the table. `folder` is where files that it names are looked up; none where it may
    /// name none.
    pub(crate) fn chosen(self, folder: Option<&Path>, root: &impl TrustRoot) -> Read<Chosen> {
        let contract = self.contract(folder, root)?;
        let require = match &self.require {
            None => contract.ceiling(),
            Some(word) => level("require", word)?,
        };
        Ok(Chosen { contract, require })
    }

    fn contract(&self, folder: Option<&Path>, root: &impl TrustRoot) -> Read<Contract> {
        let mut contract = match (&self.program, &self.expected) {
            (Some(program), _) => {
                self.check_beside_a_program()?;
                program.contract(root)?
            }
            (None, None) => Contract::from_form(self.form()?),
            (None, Some(value)) => {
                Contract::expecting(self.form()?, value_of(value, "expected")?, ExpectedFrom::User, root)?
            }
        };
        if let Some(schema) = self.schema(folder)? {
            contract = contract.with_schema(schema)?;
        }
        if !self.require_keys.is_empty() {
            contract = contract.requiring_keys(self.require_keys.clone())?;
        }
        if !self.include.is_empty() {
            contract = contract.including(self.include.clone())?;
        }
        let lint = |word: &String| {
            Lint::from_word(word).ok_or_else(|| ContractFileError::Unknown {
                key: "lints",
                found: shown(word),
                known: "evidence_cited, no_secret_or_reasoning",
            })
        };
        let lints = self.lints.iter().map(lint).collect::<Read<Vec<Lint>>>()?;
        Ok(if lints.is_empty() { contract } else { contract.linted(lints)? })
    }

    /// Fails if a key beside `program` says something about other answers.
    fn check_beside_a_program(&self) -> Read<()> {
        let stated = [
            ("form", self.form.is_some()),
            ("schema", self.schema.is_some()),
            ("schema_file", self.schema_file.is_some()),
            ("require_keys", !self.require_keys.is_empty()),
            ("expected", self.expected.is_some()),
        ];
        match stated.into_iter().find(|(_, is_stated)| *is_stated) {
            Some((key, _)) => Err(ProgramError::Beside { key }.into()),
            None => Ok(()),
        }
    }

    fn form(&self) -> Read<Form> {
        let structured = self.schema.is_some() || self.schema_file.is_some() || !self.require_keys.is_empty();
        let Some(word) = &self.form else {
            return Ok(if structured { Form::Json } else { Form::Text });
        };
        let forms = [
            ("free", Form::Free),
            ("text", Form::Text),
            ("json", Form::Json),
            ("xml", Form::Xml),
            ("integer", Form::Integer),
            ("yes_no", Form::YesNo),
            ("number", Form::Number),
            ("word", Form::Word),
            ("integers", Form::Integers),
            ("value", Form::Value),
        ];
        let found = forms.into_iter().find(|(known, _)| known == word);
        found.map(|(_, form)| form).ok_or_else(|| ContractFileError::Unknown {
            key: "form",
            found: shown(word),
            known: "free, text, json, xml, integer, yes_no, number, word, integers, value",
        })
    }

    fn schema(&self, folder: Option<&Path>) -> Read<Option<Schema>> {
        if let Some(file) = &self.schema_file {
            let folder = folder.ok_or(ContractFileError::NoFiles)?;
            return Ok(Some(Schema::parse(&text(&folder.join(file))?)?));
        }
        match &self.schema {
            None => Ok(None),
            Some(toml::Value::String(json)) => Ok(Some(Schema::parse(json)?)),
            Some(table) => Ok(Some(Schema::from_value(value_of(table, "schema")?)?)),
        }
    }
}

/// Returns the level that `word` stands for. An error names `key`.
pub(crate) fn level(key: &'static str, word: &str) -> Read<Level> {
    word.parse().map_err(|_| ContractFileError::Unknown {
        key,
        found: shown(word),
        known: "none, syntax, schema, property, oracle, proven",
    })
}

/// Returns a name or a word of a file as an error shows it.
pub(crate) fn shown(word: &str) -> String {
    cut(word, SHOWN_BYTES).into_owned()
}

/// Converts a TOML value. Fails for a date, a time or NaN; the error names `key`.
pub(crate) fn value_of(value: &toml::Value, key: &'static str) -> Read<Value> {
    Ok(match value {
        toml::Value::String(text) => Value::text(text.as_str()),
        toml::Value::Integer(int) => Value::Int(*int),
        toml::Value::Float(float) => {
            // TOML hands out the nearest float. The shortest number that has this nearest float is the one that
            // was written, unless it has more than 17 digits.
            let written = || Value::from_number(&format!("{float:?}"));
            let infinite = || det::Float::new(*float).map(Value::Float);
            written().or_else(infinite).ok_or(ContractFileError::NotANumber { key })?
        }
        toml::Value::Boolean(truth) => Value::Bool(*truth),
        toml::Value::Datetime(_) => return Err(ContractFileError::NoValue { key }),
        toml::Value::Array(items) => {
            Value::List(items.iter().map(|item| value_of(item, key)).collect::<Read<_>>()?)
        }
        toml::Value::Table(table) => {
            let pairs = table.iter().map(|(name, item)| Ok((name.clone(), value_of(item, key)?)));
            Value::Map(pairs.collect::<Read<_>>()?)
        }
    })
}
