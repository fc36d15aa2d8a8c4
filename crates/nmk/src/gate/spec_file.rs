//! Specifications as people write them: TOML, with Python code in the same file or in files beside it.

use std::path::Path;

use abi::Value;
use holdout::{Spec, SpecError};

use crate::contract_file::{ContractFileError, plain_text, value_of};
use crate::toml_fault::sentence;

/// The tables whose code may lie in a file of its own, with the keys that name the code and the file.
const FILES: [(&str, &str, &str); 4] = [
    ("oracle", "python", "python_file"),
    ("oracle", "verifier", "verifier_file"),
    ("generator", "python", "python_file"),
    ("precondition", "python", "python_file"),
];

/// The reason why a specification cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecFileError {
    /// A file cannot be read, is too large, is no UTF-8, or has a value that no specification has.
    #[error(transparent)]
    File(#[from] ContractFileError),
    /// The file is not TOML.
    #[error("it is not TOML ({0}); nmk gate init NAME writes one to begin with")]
    Syntax(String),
    /// A key is missing, unknown or wrong.
    #[error("{0}")]
    Spec(#[from] SpecError),
}

/// Reads the specification in a file.
pub(crate) fn read(path: &Path) -> Result<Spec, SpecFileError> {
    let source = plain_text(path)?;
    let table: toml::Value =
        toml::from_str(&source).map_err(|error| SpecFileError::Syntax(sentence(&source, &error)))?;
    let mut fields = value_of(&table, "the specification")?.into_map().unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new("."));
    for (part, key, file_key) in FILES {
        let Some(Value::Map(table)) = fields.get_mut(part) else { continue };
        let Some(Value::Text(file)) = table.get(file_key) else { continue };
        // What is examined is the code, so the digest of the specification covers it.
        let code = plain_text(&folder.join(file))?;
        table.remove(file_key);
        if table.insert(key.to_owned(), Value::Text(code)).is_some() {
            let what = format!("{file_key} stands beside it: leave one of both out");
            return Err(SpecError { place: format!("{part}.{key}"), what }.into());
        }
    }
    Ok(Spec::from_value(Value::Map(fields))?)
}
