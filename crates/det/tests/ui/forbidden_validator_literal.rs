//! A validator has private fields, its ceiling among them.

use det::{Level, Validator, ValidatorClass};

fn main() {
    let _ = Validator {
        class: ValidatorClass::Answer,
        name: "answer".into(),
        version: 1,
        ceiling: Level::Proven,
        means: unreachable!(),
    };
}
