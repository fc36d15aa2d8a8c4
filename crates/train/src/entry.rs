//! The head of the entry trap: what it is trained on, how, and what it is worth.
//!
//! Wordings are split before anything is drawn: a template of the corpus, a paraphrase, a family of hard
//! negatives and a word are each on one side, for fitting, for calibration or for the test, and the test's side of
//! the corpus is what the model itself was never trained on. The layer and the threshold come from the
//! calibration side alone. Everything is a function of the model's bytes, a seed and a number of items: f64 in
//! one order, so that a second run writes the same bytes.

mod asks;
mod families;
mod fit;
mod judge;
mod make;
mod paraphrases;
mod residuals;
mod text;

pub use asks::{Ask, Kind, Side, capabilities, draw};
pub use judge::{Judged, Row};
pub use make::{Candidate, FALSE_REQUESTS, Made, Plan, make};
pub use text::text;
