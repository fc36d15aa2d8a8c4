//! The child of a delegation, as far as its graph says what it is given.

use det::{Contract, Expectation};
use factloop::operations::{
    ANSWER, CODE_GEN, COMMIT, DELEGATE, DRAFT, FACT_LOOP, PRIMITIVE, REPAIR, VALIDATE,
};

use tools::Toolbox;

use super::{GraphError, TaskTable};
use crate::contract_file::shown;

impl TaskTable {
    /// Fails if the child of a delegation could do nothing with what it is given: the prompt or the arguments, and the
    /// `contract` of the task. The kernel looks at what the child may do.
    pub(super) fn check_child(&self, contract: &Contract, toolbox: &Toolbox) -> Result<(), GraphError> {
        let child = match self.child.as_deref() {
            Some(child) if self.operation == DELEGATE => child,
            _ => return Ok(()),
        };
        let computes = matches!(contract.expectation(), Expectation::Computed(_));
        let why = match child {
            DRAFT | CODE_GEN if self.prompt.is_none() => "needs a prompt; give the task one",
            child if child.starts_with(FACT_LOOP) => {
                "reads its question where the graph is laid out; give the task the operation fact_loop itself"
            }
            REPAIR => "has nothing to repair; name model.draft, which is repaired by itself",
            VALIDATE | COMMIT | ANSWER => {
                "passes on the result of one task, and a child waits for none; wait for that task here"
            }
            child if child.starts_with(PRIMITIVE) && toolbox.find(child).is_none() && !computes => {
                "computes what its contract says; give the task a contract with a computed value"
            }
            child if toolbox.find(child).is_none() && self.arguments.is_some() => {
                "does not read arguments; leave them out"
            }
            _ => return Ok(()),
        };
        Err(GraphError::Child { task: shown(&self.name), child: shown(child), why })
    }
}
