//! A second opinion on the forward pass.
//!
//! Six families of mixture-of-experts models, written from what they are and not from how `neural` computes
//! them: the whole sequence at once, in f64, as matrices of `ndarray`, without a cache, a block, a page or a
//! thread. It reads the configuration and the checkpoint itself. What it gives is [`Model::logits`], with
//! routing restricted to an [`ExpertMask`] where asked; [`carve`] writes the checkpoint in which the other
//! experts do not exist, so that a mask can be held against a decoder that never had them.
//!
//! It promises no bits. Agreement with it is a tolerance; that a decoder agrees with itself is for the tests
//! of that decoder.

#![forbid(unsafe_code)]

mod attention;
mod carve;
mod checkpoint;
mod config;
mod error;
mod experts;
mod linear;
mod mask;
mod model;
mod norm;
mod rope;

pub use carve::{Carved, carve};
pub use error::Error;
pub use mask::ExpertMask;
pub use model::Model;
