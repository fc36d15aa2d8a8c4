//! A validator from outside enters together with the root.

use det::{Level, Validator};

fn main() {
    let _ = Validator::external("mine", 1, Level::Oracle, |_| true);
}
