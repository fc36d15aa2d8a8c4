//! The entry head of the embedded model: its prompts, its fitting, and its evaluation.
//!
//! The wordings are split before anything is drawn. Each template of the corpus, paraphrase, family of hard
//! negatives and word belongs to one side: fitting, calibration or test. The model itself was never trained
//! on the corpus material of the test side. Only the calibration side chooses the layer and the thresholds.
//! Everything is a function of the model's bytes, a seed and a number of items, computed in f64 in one order,
//! so that a second run writes the same bytes.

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
pub use make::{Candidate, FALSE_REQUESTS, FittedHead, Plan, make};
pub use text::text;
