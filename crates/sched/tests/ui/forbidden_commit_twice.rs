//! A judged value can be offered only once.

use abi::{TaskId, Value};
use det::Judged;
use sched::Event;

fn commit(task: TaskId, judged: Judged<Value>) -> [Event; 2] {
    [Event::Judged { task, judged }, Event::Judged { task, judged }]
}

fn main() {
    let _ = commit;
}
