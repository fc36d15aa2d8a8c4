//! Specifications: what a program must do, and how that is found out.

mod read;

use abi::bounds::cut;
use abi::{Digest, Value, counted};
use det::{Contract, ExamTerms};
use prims::Primitive;
use sandbox::Signature;

use crate::types::signature;
use crate::{Executor, Type};

pub use read::SpecError;

const DOMAIN: &str = "nmk.specification.v1";
/// The most bytes of a value or of a type that a refusal shows.
const MOST_SHOWN: usize = 120;
/// The language of candidates.
pub(crate) const LANGUAGE: &str = "python";

/// The source of the truth about an instance. Its code runs apart from the candidate.
#[derive(Clone, Debug)]
pub enum Oracle {
    /// A primitive of this kernel.
    Builtin(&'static Primitive),
    /// Python source with a function `oracle(*args)` that returns the right result.
    Reference(String),
    /// Python source with a function `verify(args, got)` that says whether a result is right.
    Verifier(String),
}

impl Oracle {
    /// Returns the name of the oracle's kind: `builtin`, `reference` or `verifier`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Builtin(_) => "builtin",
            Self::Reference(_) => "reference",
            Self::Verifier(_) => "verifier",
        }
    }
}

/// An argument of the function, with its type.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The name, for people.
    pub name: String,
    /// The type, from which instances are drawn.
    pub of: Type,
}

/// A call whose result the author of the specification states.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The arguments of the call.
    pub arguments: Vec<Value>,
    /// The result that the call must have.
    pub returns: Value,
}

/// The reason why a function is not called with some arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// The number of arguments is another one.
    #[error("{} {} needed, and {} {} given", counted(*.wanted, "argument"), are(*.wanted), .found, are(*.found))]
    Count {
        /// The number of arguments of the function.
        wanted: usize,
        /// The number that was stated.
        found: usize,
    },
    /// One is not of its declared type, or outside its range.
    #[error("{name} is {found}; {wanted} is needed")]
    Type {
        /// The name of the argument.
        name: String,
        /// The stated value in Python's notation, cut to a line.
        found: String,
        /// The declared type with its range, for example `an integer from 0 to 9`.
        wanted: String,
    },
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// An executor that a specification demands, for example `cpython 3.11`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demanded {
    /// The name: `cpython`, `monty`, `native` or `external`.
    pub name: String,
    /// The version, or its first parts. Empty if any will do.
    pub version: String,
}

impl Demanded {
    /// Returns true if an executor is the one that is demanded.
    #[must_use]
    pub fn is(&self, executor: &Executor) -> bool {
        let rest = executor.version.strip_prefix(self.version.as_str());
        let fits =
            self.version.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.name == executor.name && fits
    }
}

impl std::fmt::Display for Demanded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.version.is_empty() { Ok(()) } else { write!(f, " {}", self.version) }
    }
}

/// A specification, as its author wrote it.
#[derive(Clone, Debug)]
pub struct Spec {
    pub(crate) entry: String,
    pub(crate) description: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) returns: Type,
    pub(crate) samples: Vec<Sample>,
    pub(crate) oracle: Oracle,
    /// Python source with a function `generate(rng)`. Without it, instances are drawn from the types.
    pub(crate) generator: Option<String>,
    /// Python source with a function `allowed(*args)`.
    pub(crate) precondition: Option<String>,
    /// The executor that must run candidates. None if any may.
    pub(crate) executor: Option<Demanded>,
    /// The greatest exponent with which the time of a call may grow. None if none is stated.
    pub(crate) most_growth: Option<f64>,
    pub(crate) terms: ExamTerms,
    /// The specification as it was written, of which the digest is taken.
    pub(crate) source: Value,
}

impl Spec {
    /// Reads a specification from the value of its file, whose keys `docs/gate.md` lists.
    ///
    /// # Errors
    /// [`SpecError`] names the first key with a fault.
    pub fn from_value(source: Value) -> Result<Self, SpecError> {
        read::spec(source)
    }

    /// Returns the name of the function that candidates define.
    #[must_use]
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// Returns the description, for the one who writes a candidate.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Returns the arguments of the function.
    #[must_use]
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// Returns the samples.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Returns the oracle.
    #[must_use]
    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    /// Returns the greatest exponent with which the time of a call may grow, from instances of half the greatest size to those
    /// of the greatest. None if the specification states none.
    #[must_use]
    pub fn most_growth(&self) -> Option<f64> {
        self.most_growth
    }

    /// Returns the executor that must run candidates. None if any may.
    #[must_use]
    pub fn executor(&self) -> Option<&Demanded> {
        self.executor.as_ref()
    }

    /// Returns the conditions of the exam.
    #[must_use]
    pub fn terms(&self) -> &ExamTerms {
        &self.terms
    }

    /// Returns the value from which the specification was read.
    #[must_use]
    pub fn source(&self) -> &Value {
        &self.source
    }

    /// Returns the digest of the specification as it was written.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::hash_value(DOMAIN, &self.source)
    }

    /// Returns the contract of programs that are admitted under this specification.
    #[must_use]
    pub fn contract(&self) -> Contract {
        Contract::admitted(LANGUAGE, self.entry.as_str(), self.digest())
    }

    /// Returns the arguments of a call as the function takes them: integers are floats where floats are declared.
    ///
    /// # Errors
    /// [`ArgumentError`] if they are not of the declared types, or lie outside their ranges: an exam says nothing about
    /// such a call.
    pub fn arguments_of(&self, stated: Vec<Value>) -> Result<Vec<Value>, ArgumentError> {
        let (wanted, found) = (self.arguments.len(), stated.len());
        if wanted != found {
            return Err(ArgumentError::Count { wanted, found });
        }
        let fitted = self.arguments.iter().zip(stated).map(|(argument, value)| {
            let found = cut(&det::python_value(&value), MOST_SHOWN).into_owned();
            argument.of.fit(value).ok_or_else(|| {
                let wanted = cut(&argument.of.to_string(), MOST_SHOWN).into_owned();
                ArgumentError::Type { name: argument.name.clone(), found, wanted }
            })
        });
        fitted.collect()
    }

    /// Returns the call with its types for people, for example `gcd(a: int, b: int) -> int`.
    #[must_use]
    pub fn typed_signature(&self) -> String {
        let typed = |argument: &Argument| format!("{}: {}", argument.name, argument.of.word());
        let arguments: Vec<String> = self.arguments.iter().map(typed).collect();
        format!("{}({}) -> {}", self.entry, arguments.join(", "), self.returns.word())
    }

    /// Returns the types of the arguments and of the result, as a process takes them.
    #[must_use]
    pub fn signature(&self) -> Signature {
        signature(&self.types(), &self.returns)
    }

    pub(crate) fn types(&self) -> Vec<Type> {
        self.arguments.iter().map(|argument| argument.of.clone()).collect()
    }
}
