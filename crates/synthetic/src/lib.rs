//! Models, numbers and folders that tests make up.
//!
//! A [`Shape`] is a small model of one family with seeded random weights. [`drawn`](drawn()) draws a whole
//! configuration of any family besides. [`parity`] reads the checkpoints of `fixtures/parity` with the logits
//! that they must give. All of them are bytes in the Hugging Face layout, because this crate depends on no other
//! of ours: every crate may test with it.
//!
//! [`Random`] is the one generator of random numbers for tests, [`Scratch`] a folder that is removed at the end,
//! and [`Schedules`] the one check that the way in which a sequence is computed changes no bit.
//!
//! Functions here panic where a test should fail, and say so.

#![forbid(unsafe_code)]

mod checkpoint;
mod compare;
mod drawn;
pub mod parity;
mod random;
mod repository;
mod schedules;
mod scratch;
mod shape;
mod tensors;

pub use checkpoint::Checkpoint;
pub use compare::{bits, relative_difference};
pub use drawn::{Drawn, FAMILIES, drawn};
pub use random::Random;
pub use repository::{repository_file, repository_path};
pub use safetensors::Dtype;
pub use schedules::{Schedules, Sequence};
pub use scratch::Scratch;
pub use shape::{EMBEDDED, FAR, ODD, SMALL, Shape, TINY, WIDE};
pub use tensors::{Tensor, edited};
