//! Facts: the operations and rights that compute them, and the judged values that count as facts.

use abi::{Fact, Journal, TaskId};
use det::{Expectation, Form};
use sched::{Capability, Clock, Driver, Operation, Pool, Registry, Rights, Role, Tier};

use crate::{Settings, Specification, operations};

/// Returns the right to compute the fact of a specification, `fact:<name>`.
#[must_use]
pub fn fact_capability(specification: Specification) -> Capability {
    Capability(format!("fact:{}", specification.word()))
}

/// The operation that computes the fact of a specification.
pub(crate) fn fact_operation(specification: Specification) -> String {
    format!("fact.{}", specification.word())
}

/// The rights of a question: the facts that it may compute.
pub(crate) fn rights(settings: &Settings) -> Rights {
    settings.granted.iter().map(|specification| fact_capability(*specification)).collect()
}

/// Returns the registry of a question: all operations, and those that compute facts. Every fact demands its own
/// capability; the registry grants those in `settings`.
#[must_use]
pub fn registry(settings: &Settings) -> Registry {
    let mut registry = operations::registry();
    for specification in Specification::ALL {
        let operation = Operation::new(fact_operation(specification), Tier::Primitive);
        registry.register(operation.demanding(fact_capability(specification)));
    }
    rights(settings).into_iter().for_each(|right| registry.grant(right));
    registry
}

/// The fact that a task computed: the call in its contract, and the judged value. None unless the task passed,
/// stands under a contract that compares with a call's value, and supports another task.
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
    Some(Fact { label: call.to_string(), value: driver.value(task)?.clone() })
}
