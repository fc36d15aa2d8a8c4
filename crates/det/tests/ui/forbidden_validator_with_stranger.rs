//! A value of any other type is no root.

use det::{Level, Validator};

struct Stranger;

fn main() {
    let _ = Validator::external("mine", 1, Level::Oracle, |_| true, &Stranger);
}
