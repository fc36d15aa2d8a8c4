//! A verified fact as tokens of the prompt (mode A) beside the same fact as an addition to the residual (mode B).

mod arm;
mod course;
mod decode;
mod difference;
mod questions;
mod sums;
mod verdict;

pub(crate) use arm::Arm;
pub(crate) use course::Course;
pub(crate) use decode::Injectors;
pub(crate) use questions::drawn;
pub(crate) use sums::{HEADINGS, Sums};
pub(crate) use verdict::{Measured, differences_json};

use arm::{Given, Mode};
use decode::{Bits, Reply, bits, reply};
use difference::Difference;
use questions::{Operation, Question};
use sums::Outcome;
