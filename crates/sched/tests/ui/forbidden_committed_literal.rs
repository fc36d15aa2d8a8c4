//! A committed value cannot be built from its parts, not even from a judged one.

use abi::Value;
use det::Judged;
use sched::Committed;

fn commit(judged: Judged<Value>) -> Committed {
    Committed { judged, level: det::Level::Oracle }
}

fn main() {
    let _ = commit;
}
