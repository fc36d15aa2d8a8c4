//! The side of the truth: the oracle, which runs apart from the candidate.

use abi::Value;
use det::Truth;
use prims::Primitive;
use sandbox::{Fault, Shape, Signature};

use crate::{Driver, ExperimentError, Oracle, Program, Running, Spec, Type};

/// The oracle of a specification, ready to be asked.
pub(crate) enum Teller {
    Builtin(&'static Primitive),
    Reference(Box<dyn Running>),
    /// A verifier of results.
    Verifier {
        running: Box<dyn Running>,
        /// The type of the results that it is asked about.
        returns: Type,
        /// True once it has said of a result whether it is right.
        has_judged: bool,
    },
}

impl Teller {
    /// Starts the oracle in a process of its own.
    pub(crate) fn start(spec: &Spec, helper: Option<&dyn Driver>) -> Result<Self, ExperimentError> {
        let (part, source, entry, signature) = match &spec.oracle {
            Oracle::Builtin(primitive) => return Ok(Self::Builtin(primitive)),
            Oracle::Reference(source) => ("oracle", source, "oracle", spec.signature()),
            Oracle::Verifier(source) => {
                let Signature { arguments, returns } = spec.signature();
                let arguments = vec![Shape::Tuple(arguments), returns];
                ("verifier", source, "verify", Signature { arguments, returns: Shape::Plain })
            }
        };
        let running = loaded(helper, part, Program { source, entry, signature: &signature })?;
        Ok(if part == "oracle" {
            Self::Reference(running)
        } else {
            Self::Verifier { running, returns: spec.returns.clone(), has_judged: false }
        })
    }

    /// Returns the right result of an instance. None if only a verifier is there.
    pub(crate) fn truth(&mut self, arguments: &[Value]) -> Result<Option<Value>, ExperimentError> {
        match self {
            Self::Builtin(primitive) => primitive.call(arguments).map(Some).map_err(|error| {
                let what = format!("{} has no result for {}: {error}", primitive.name, shown(arguments));
                ExperimentError::Specification { what }
            }),
            Self::Reference(running) => {
                running.call(arguments).map(Some).map_err(|fault| fault_of("oracle", fault, arguments))
            }
            Self::Verifier { .. } => Ok(None),
        }
    }

    /// Returns the truth about an instance and a result. `truth` is what [`truth`](Self::truth) returned.
    pub(crate) fn about(
        &mut self,
        arguments: &[Value],
        truth: Option<Value>,
        got: &Value,
    ) -> Result<Truth, ExperimentError> {
        let Self::Verifier { running, returns, has_judged } = self else {
            let truth = truth.expect("an oracle that is no verifier has a result");
            return Ok(Truth::Is(truth));
        };
        // A verifier is written for results of the declared type, and may raise on others.
        if !returns.is_kind_of(got) {
            return Ok(Truth::Verified(false));
        }
        match running.call(&[Value::List(arguments.to_vec()), got.clone()]) {
            Ok(Value::Bool(accepted)) => {
                *has_judged = true;
                Ok(Truth::Verified(accepted))
            }
            Ok(other) => {
                let what =
                    format!("the verifier returns a {}, and True or False is needed", other.type_name());
                Err(ExperimentError::Specification { what })
            }
            // A verifier that works raises only on a result that makes no sense, such as an index out of range.
            Err(Fault::Raised { .. }) if *has_judged => Ok(Truth::Verified(false)),
            Err(fault) => Err(fault_of("verifier", fault, arguments)),
        }
    }
}

/// Starts a process and loads a part of the specification into it.
pub(crate) fn loaded(
    helper: Option<&dyn Driver>,
    part: &'static str,
    program: Program<'_>,
) -> Result<Box<dyn Running>, ExperimentError> {
    let mut running = helper.ok_or(ExperimentError::NoHelper)?.start()?;
    running.load(program).map_err(|fault| ExperimentError::SpecificationFault {
        part,
        fault,
        instance: String::new(),
    })?;
    Ok(running)
}

pub(crate) fn fault_of(part: &'static str, fault: Fault, arguments: &[Value]) -> ExperimentError {
    ExperimentError::SpecificationFault { part, fault, instance: format!(", for {}", shown(arguments)) }
}

/// Returns arguments as messages show them.
pub(crate) fn shown(arguments: &[Value]) -> String {
    det::python_call("", arguments)
}
