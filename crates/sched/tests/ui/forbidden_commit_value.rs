//! A value beside a real verdict cannot be committed.

use abi::{TaskId, Value};
use det::Judged;
use sched::Event;

fn commit(task: TaskId, judged: Judged<Value>) -> Event {
    let (_, verdict) = judged.into_parts();
    Event::Judged { task, judged: (Value::Int(8), verdict) }
}

fn main() {
    let _ = commit;
}
