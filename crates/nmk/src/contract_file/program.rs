//! The program that a contract demands: its language, its function, and the cases that it must hold.

use abi::{Value, counted};
use det::{Case, Contract, Expected, ExpectedFrom, Tolerance, TrustRoot};
use factloop::operations::LANGUAGE;
use serde::Deserialize;

use super::{ContractFileError, Read, shown, value_of};

/// The most cases of a program. Each is called twice, and all of them together have half a minute.
const MAX_CASES: usize = 1000;
/// The most bytes of one case in the canonical encoding.
const MAX_CASE_BYTES: usize = 1 << 20;
/// The most bytes of the name of a function or an exception.
const MAX_NAME_BYTES: usize = 128;

/// The table `program` of a contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProgramTable {
    language: String,
    entry: String,
    #[serde(default)]
    cases: Vec<CaseTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseTable {
    arguments: Option<Vec<toml::Value>>,
    arguments_json: Option<String>,
    expected: Option<toml::Value>,
    expected_json: Option<String>,
    raises: Option<String>,
    tolerance: Option<f64>,
    #[serde(default)]
    held_out: bool,
}

/// The reason why a program of a contract, or one of its cases, cannot be used. Cases count from 1, in the order of the
/// file.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The name of the function is none that Python has.
    #[error(
        "entry = {entry:?} is no name of a Python function: write letters, digits and underscores, a letter first"
    )]
    Entry {
        /// The name that the file has.
        entry: String,
    },
    /// There are no cases, so that any program would do.
    #[error("the program has no cases: add [[program.cases]] with arguments and expected")]
    NoCases,
    /// There are more cases than are run.
    #[error("the program has {found} and {limit} is the limit: leave some out", found = counted(*found, "case"))]
    TooManyCases {
        /// The number of cases.
        found: usize,
        /// The largest number of cases.
        limit: usize,
    },
    /// A case has another number of arguments than the first one.
    #[error(
        "case {number} has {found} and case 1 has {first}: call the function with the same number in every case",
        found = counted(*found, "argument")
    )]
    ArgumentCount {
        /// The number of the case.
        number: usize,
        /// The number of its arguments.
        found: usize,
        /// The number of arguments of the first case.
        first: usize,
    },
    /// Two cases have the same arguments and expect different things.
    #[error(
        "cases {first} and {number} have the same arguments and contradict each other: leave one of both out"
    )]
    Contradiction {
        /// The number of the earlier case.
        first: usize,
        /// The number of the later case.
        number: usize,
    },
    /// A case is too large to be passed to a program.
    #[error("case {number} has {bytes} bytes and {limit} is the limit: make its values smaller")]
    TooLarge {
        /// The number of the case.
        number: usize,
        /// The size of the case in the canonical encoding.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// A case states none of several keys, or more than one.
    #[error("case {number} must state exactly one of {keys}")]
    OneOf {
        /// The number of the case.
        number: usize,
        /// The keys.
        keys: &'static str,
    },
    /// A text that must be JSON is none, or `arguments_json` is no list.
    #[error("case {number}: {key} is not JSON of the right kind ({cause})")]
    NotJson {
        /// The number of the case.
        number: usize,
        /// The name of the key.
        key: &'static str,
        /// The reason.
        cause: String,
    },
    /// The name of an exception is none that Python has.
    #[error("case {number}: raises = {found:?} is no name of an exception, such as ValueError")]
    Raises {
        /// The number of the case.
        number: usize,
        /// The name that the file has.
        found: String,
    },
    /// The tolerance of a case is none.
    #[error(
        "case {number}: the tolerance must be a number between 0 and 0.1, and the case must expect a value"
    )]
    Tolerance {
        /// The number of the case.
        number: usize,
    },
    /// A key of the contract says something about answers that are no programs.
    #[error("{key} does not go with a program: leave it out")]
    Beside {
        /// The name of the key.
        key: &'static str,
    },
}

impl ProgramTable {
    /// Returns the contract of the table. The cases count as the word of the one for whom the root stands.
    pub(super) fn contract(&self, root: &impl TrustRoot) -> Read<Contract> {
        if self.language != LANGUAGE {
            let (key, known) = ("language", LANGUAGE);
            return Err(ContractFileError::Unknown { key, found: shown(&self.language), known });
        }
        if !is_name(&self.entry) {
            return Err(ProgramError::Entry { entry: shown(&self.entry) }.into());
        }
        let found = self.cases.len();
        if found == 0 {
            return Err(ProgramError::NoCases.into());
        }
        if found > MAX_CASES {
            return Err(ProgramError::TooManyCases { found, limit: MAX_CASES }.into());
        }
        let cases = self.cases.iter().enumerate().map(|(index, case)| case.case(index + 1));
        let cases = cases.collect::<Read<Vec<Case>>>()?;
        check_together(&cases)?;
        Ok(Contract::cases(LANGUAGE, self.entry.as_str(), cases, root)?)
    }
}

impl CaseTable {
    fn case(&self, number: usize) -> Read<Case> {
        let one_of = |keys| ContractFileError::from(ProgramError::OneOf { number, keys });
        let arguments = match (&self.arguments, &self.arguments_json) {
            (Some(values), None) => {
                values.iter().map(|value| value_of(value, "arguments")).collect::<Read<Vec<Value>>>()?
            }
            (None, Some(text)) => {
                let list = json(number, "arguments_json", text)?.into_list();
                let (key, cause) = ("arguments_json", "it is no list".to_owned());
                list.ok_or(ProgramError::NotJson { number, key, cause })?
            }
            _ => return Err(one_of("arguments and arguments_json")),
        };
        let expected = match (&self.expected, &self.expected_json, &self.raises) {
            (Some(value), None, None) => Expected::Returns(as_python(value_of(value, "expected")?)),
            (None, Some(text), None) => Expected::Returns(as_python(json(number, "expected_json", text)?)),
            (None, None, Some(kind)) if is_name(kind) => Expected::Raises(kind.clone()),
            (None, None, Some(kind)) => {
                return Err(ProgramError::Raises { number, found: shown(kind) }.into());
            }
            _ => return Err(one_of("expected, expected_json and raises")),
        };
        let tolerance = match (self.tolerance, &expected) {
            (None, _) => Some(Tolerance::NONE),
            (Some(tolerance), Expected::Returns(_)) => Tolerance::new(tolerance),
            (Some(_), Expected::Raises(_)) => None,
        };
        let tolerance = tolerance.ok_or(ProgramError::Tolerance { number })?;
        let arguments = arguments.into_iter().map(as_python).collect();
        let (is_held_out, from) = (self.held_out, ExpectedFrom::User);
        let case = Case { arguments, expected, tolerance, is_held_out, from };
        let bytes = bytes(&case);
        if bytes > MAX_CASE_BYTES {
            return Err(ProgramError::TooLarge { number, bytes, limit: MAX_CASE_BYTES }.into());
        }
        Ok(case)
    }
}

/// Fails if the cases cannot all hold, or do not call the function in the same way.
fn check_together(cases: &[Case]) -> Result<(), ProgramError> {
    let first = cases.first().map_or(0, |case| case.arguments.len());
    let mut seen = std::collections::HashMap::new();
    for (index, case) in cases.iter().enumerate() {
        let (number, found) = (index + 1, case.arguments.len());
        if found != first {
            return Err(ProgramError::ArgumentCount { number, found, first });
        }
        // A function may tell 1 from 1.0, so only the same bytes are the same arguments.
        let earlier = *seen.entry(abi::encode(&Value::List(case.arguments.clone()))).or_insert(index);
        if !can_both_hold(&cases[earlier], case) {
            return Err(ProgramError::Contradiction { first: earlier + 1, number });
        }
    }
    Ok(())
}

fn can_both_hold(one: &Case, other: &Case) -> bool {
    match (&one.expected, &other.expected) {
        (Expected::Returns(value), Expected::Returns(same)) => det::equal(value, same),
        (Expected::Raises(kind), Expected::Raises(same)) => kind == same,
        _ => false,
    }
}

fn bytes(case: &Case) -> usize {
    let expected = match &case.expected {
        Expected::Returns(value) => det::measure(value).bytes,
        Expected::Raises(kind) => kind.len(),
    };
    case.arguments.iter().map(|value| det::measure(value).bytes).sum::<usize>().saturating_add(expected)
}

fn json(number: usize, key: &'static str, text: &str) -> Result<Value, ProgramError> {
    det::parse_json(text).map_err(|error| ProgramError::NotJson { number, key, cause: error.to_string() })
}

/// Returns true for a name of Python that is not too long to be shown.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && sandbox::is_python_name(name)
}

/// Returns a value as Python has it: a number with a fraction is the float that is nearest to it, as in a program's text.
/// Whole numbers have any size there.
fn as_python(mut value: Value) -> Value {
    match &mut value {
        Value::Decimal(decimal) if decimal.exponent() < 0 => {
            let sign = if decimal.is_negative() { "-" } else { "" };
            let written = format!("{sign}{}e{}", decimal.digits(), decimal.exponent());
            let float = written.parse().ok().and_then(det::Float::new);
            float.map_or(value, Value::Float)
        }
        Value::List(_) => {
            Value::List(value.into_list().unwrap_or_default().into_iter().map(as_python).collect())
        }
        Value::Map(_) => {
            let fields = value.into_map().unwrap_or_default();
            Value::Map(fields.into_iter().map(|(key, item)| (key, as_python(item))).collect())
        }
        _ => value,
    }
}
