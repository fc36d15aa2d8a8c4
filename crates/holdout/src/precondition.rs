//! Preconditions: the arguments with which a function may be called.

use abi::Value;
use sandbox::{Shape, Signature};

use crate::teller::{fault_of, loaded};
use crate::{Driver, ExperimentError, Program, Running, Spec};

/// The precondition of a specification, whose code runs in a process of its own.
pub struct Precondition(Option<Box<dyn Running>>);

impl Precondition {
    /// Starts the precondition of `spec` by `helper`, which is needed only if there is one.
    ///
    /// # Errors
    /// [`ExperimentError`] if no process can be started, or the code does not load.
    pub fn start(spec: &Spec, helper: Option<&dyn Driver>) -> Result<Self, ExperimentError> {
        let Some(source) = &spec.precondition else { return Ok(Self(None)) };
        let signature = Signature { arguments: spec.signature().arguments, returns: Shape::Plain };
        let program = Program { source, entry: "allowed", signature: &signature };
        loaded(helper, "precondition", program).map(|running| Self(Some(running)))
    }

    /// Returns true if there is none.
    pub(crate) fn is_free(&self) -> bool {
        self.0.is_none()
    }

    /// Returns true if the function may be called with `arguments`. Without a precondition, it always may.
    ///
    /// # Errors
    /// [`ExperimentError`] if the code fails, or returns no bool.
    pub fn allows(&mut self, arguments: &[Value]) -> Result<bool, ExperimentError> {
        let Some(running) = &mut self.0 else { return Ok(true) };
        match running.call(arguments).map_err(|fault| fault_of("precondition", fault, arguments))? {
            Value::Bool(allowed) => Ok(allowed),
            other => {
                let what =
                    format!("the precondition returns a {}, and True or False is needed", other.type_name());
                Err(ExperimentError::Specification { what })
            }
        }
    }
}
