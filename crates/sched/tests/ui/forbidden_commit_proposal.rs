//! A proposal cannot be committed.

use abi::{Proposal, TaskId, Value};
use sched::Event;

fn commit(task: TaskId, proposal: Proposal<Value>) -> Event {
    Event::Judged { task, judged: proposal }
}

fn main() {
    let _ = commit;
}
