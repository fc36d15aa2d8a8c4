//! Random models, random numbers and temporary folders for tests.
//!
//! A [`Shape`] is a small model of one family with random weights from a seed. [`drawn`](drawn()) makes the
//! whole configuration of any family random as well. [`parity`] reads the checkpoints of `fixtures/parity`
//! with the logits that they must give. All of them are bytes in the Hugging Face layout, because this crate
//! depends on no other crate of the workspace: every crate may use it for its tests.
//!
//! [`Random`] is the generator of random numbers for tests, and [`splitmix`] the step of the generator that the
//! corpus and the mutations are frozen with. [`Scratch`] is a folder that is removed at the end, [`stub`] a server
//! on this machine that behaves as a test tells it to, [`run_tests`] the main function of a test program that starts
//! itself again, and [`Schedules`] the check that the way in which a sequence
//! is computed changes no bit.
//!
//! A function here panics if a test should fail, and says so under `# Panics`.

#![forbid(unsafe_code)]

mod checkpoint;
mod compare;
mod drawn;
mod harness;
pub mod parity;
mod random;
mod repository;
mod schedules;
mod scratch;
mod shape;
pub mod splitmix;
pub mod stub;
mod tensors;

pub use checkpoint::Checkpoint;
pub use compare::{bits, relative_difference};
pub use drawn::{Drawn, FAMILIES, drawn};
pub use harness::{Test, run_tests};
pub use random::Random;
pub use repository::{repository_file, repository_path};
pub use safetensors::Dtype;
pub use schedules::{Schedules, Sequence};
pub use scratch::Scratch;
pub use shape::{EMBEDDED, FAR, ODD, SMALL, Shape, TINY, WIDE};
pub use tensors::{Tensor, edited};
