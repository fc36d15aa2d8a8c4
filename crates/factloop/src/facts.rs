//! Facts: the operations and rights that compute them, and the judged values that count as facts.

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Fact, Journal, TaskId};
use det::{Expectation, Form};
use sched::{Capability, Clock, Driver, Pool, Registry, Rights, Role};

use crate::{Settings, Specification, operations};

/// Returns the right to compute the fact of a specification (a kind of question), for example
/// `fact:letter_count`.
#[must_use]
pub fn fact_capability(specification: Specification) -> Capability {
    Capability(format!("fact:{}", specification.word()))
}

/// Returns the name of the operation that computes the fact of a specification.
pub(crate) fn fact_operation(specification: Specification) -> String {
    format!("{}{}", operations::FACT, specification.word())
}

/// Returns the rights of a question: one for each fact that it may compute.
pub(crate) fn rights(settings: &Settings) -> Rights {
    settings.granted.iter().map(|specification| fact_capability(*specification)).collect()
}

/// Returns the registry for answering questions: all [`operations`], and the rights to compute the facts that
/// `settings` name.
#[must_use]
pub fn registry(settings: &Settings) -> Registry {
    let mut registry = operations::registry();
    rights(settings).into_iter().for_each(|right| registry.grant(right));
    registry
}

/// Returns the fact that a task computed: the call in its contract as the label, and the judged value.
/// Returns None unless the task passed, supports another task, and has a contract that demands the value of a
/// call.
pub(crate) fn fact<P: Pool, J: Journal, C: Clock>(
    driver: &Driver<'_, P, J, C>,
    task: TaskId,
) -> Option<Fact> {
    let spec = driver.kernel().spec(task)?;
    let Expectation::Computed(call) = spec.contract.expectation() else { return None };
    // The value of a repaired task is found under the task itself.
    let states_the_value = spec.contract.form() == Form::Value && driver.kernel().repairs(task).is_none();
    if spec.role == Role::Answer || !states_the_value {
        return None;
    }
    // A call may have megabytes of operands, which the contract in the ledger keeps whole.
    let label = cut(&call.to_string(), MAX_TEXT_BYTES).into_owned();
    Some(Fact { label, value: driver.value(task)?.clone() })
}
