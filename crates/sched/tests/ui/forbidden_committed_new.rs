//! Only the kernel can call the constructor of a committed value.

use abi::Value;
use det::Judged;
use sched::Committed;

fn commit(judged: Judged<Value>) -> Committed {
    Committed::new(judged, det::Level::Oracle)
}

fn main() {
    let _ = commit;
}
