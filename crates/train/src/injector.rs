//! The result injector of the embedded model: its items, its training, and the choice of its site.
//!
//! The model is frozen; only the gateway learns. Half of the items inject the true count and half a random number,
//! and the answer that the gateway is trained to give always follows from the injected one, so it learns to write and
//! not to count. The injector of mode B sees bare letter counts and, beside them, questions whose answers must stay; a
//! second one sees sums of a count too. Wordings and words are split as for the entry head. The candidates differ in
//! the block, in the positions, and in the rate, and only the calibration side chooses among them. Everything is a
//! function of the model's bytes, a seed and a number of steps, so that a second run writes the same bytes.

mod fit;
mod gateway;
mod items;
mod judge;
mod make;
mod text;

pub use items::{Injected, LARGEST, Lesson, Operation, Values, draw, is_untaught};
pub use judge::Followed;
pub use make::{Candidate, Chosen, Plan, Site, TrainedInjectors, make};
pub use text::text;
