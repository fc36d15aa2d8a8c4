//! A value beside a genuine verdict is not committed.

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
