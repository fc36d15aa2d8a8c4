//! A verdict has private fields.

use det::{Level, Outcome, Verdict};

fn main() {
    let _ = Verdict { level: Level::Proven, outcome: Outcome::Satisfied };
}
