//! The shipped threshold separates known prompts from foreign ones.

use train::calibrate::{Calibration, FOREIGN};
use train::shipped::Shipped;

#[test]
fn known_prompts_lie_below_and_foreign_ones_above() {
    let model = Shipped::embedded().expect("model");
    let calibration: Calibration = serde_json::from_str(embedded::CALIBRATION).expect("calibration");
    let known = "How many times does the letter r appear in strawberry? Add 4 to it.";
    assert!(model.surprise(known).expect("surprise") < calibration.threshold);
    let caught =
        FOREIGN.iter().filter(|prompt| model.surprise(prompt).expect("surprise") > calibration.threshold);
    assert!(caught.count() * 10 >= FOREIGN.len() * 8);
}
