//! Wrong programs that are made of a right one by small changes of its syntax tree.

use abi::Value;
use sandbox::{SandboxError, Signature};

use crate::python_tools::MUTANTS;
use crate::{Driver, Program};

/// The wrong programs that the tool made of a program.
#[derive(Default)]
pub(crate) struct Prepared {
    /// The wrong programs: a name and the source of each.
    pub(crate) programs: Vec<(String, String)>,
    /// The number of changes that could be made.
    pub(crate) possible: usize,
    /// True if the program is the oracle's code, but for its names, docstrings and annotations.
    pub(crate) is_oracle: bool,
    /// True if the tool could read the program. What it cannot, nobody can compare or change.
    pub(crate) is_read: bool,
}

/// Returns up to `most` wrong programs of a Python program, spread evenly over all that could be made: the name of the
/// change, and the source. A program that cannot be parsed has none.
///
/// # Errors
/// [`SandboxError`] if no process can be started for the tool.
pub fn mutants(driver: &dyn Driver, source: &str, most: u32) -> Result<Vec<(String, String)>, SandboxError> {
    Ok(prepared(driver, source, None, most)?.programs)
}

/// Runs the tool on a program, which is parsed and not run.
pub(crate) fn prepared(
    driver: &dyn Driver,
    source: &str,
    oracle: Option<&str>,
    most: u32,
) -> Result<Prepared, SandboxError> {
    let mut tool = driver.start()?;
    let signature = Signature::PLAIN;
    let loaded = tool.load(Program { source: MUTANTS, entry: "prepare", signature: &signature });
    let oracle = oracle.map_or(Value::Null, Value::text);
    let made = loaded.and_then(|()| tool.call(&[Value::text(source), oracle, Value::Int(i64::from(most))]));
    // A program that the tool cannot read has no wrong programs. It fails when it is loaded, or where they are needed.
    Ok(made.ok().as_ref().and_then(read).unwrap_or_default())
}

fn read(made: &Value) -> Option<Prepared> {
    let [mutants, is_oracle] = made.as_list()? else { return None };
    let [possible, programs] = mutants.as_list()? else { return None };
    let program = |pair: &Value| {
        let [name, source] = pair.as_list()? else { return None };
        Some((name.as_text()?.to_owned(), source.as_text()?.to_owned()))
    };
    Some(Prepared {
        programs: programs.as_list()?.iter().map(program).collect::<Option<_>>()?,
        possible: usize::try_from(possible.as_int()?).ok()?,
        is_oracle: matches!(is_oracle, Value::Bool(true)),
        is_read: true,
    })
}
