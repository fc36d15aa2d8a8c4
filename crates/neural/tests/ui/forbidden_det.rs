//! A verdict has no name here.

use det::Verdict;

fn believe(_: Verdict) {}

fn main() {
    let _ = believe;
}
