//! Models, numbers and folders that tests make up.
//!
//! A [`Shape`] is a small model of one family with seeded random weights. [`drawn`](drawn()) draws a whole
//! configuration of any family besides. [`parity`] reads the checkpoints of `fixtures/parity` with the logits
//! that they must give. All of them are bytes in the Hugging Face layout, because this crate depends on no other
//! of ours: every crate may test with it.
//!
//! [`Random`] is the generator of random numbers for tests, and [`splitmix`] the step of the generator that the
//! corpus and the mutations are frozen with. [`Scratch`] is a folder that is removed at the end, [`stub`] a server
//! on this machine that behaves as a test tells it to, and [`Schedules`] the check that the way in which a sequence
//! is computed changes no bit.
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
pub mod splitmix;
pub mod stub;
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
