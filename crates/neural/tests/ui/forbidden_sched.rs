//! Nor can anything be committed.

use sched::Kernel;

fn commit(_: &mut Kernel) {}

fn main() {
    let _ = commit;
}
