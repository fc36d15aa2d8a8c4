//! A second implementation of the forward pass, to compare the first one with.
//!
//! The crate covers six families of mixture-of-experts models. Each is written from its definition and shares
//! no code with `neural`: the whole sequence at once, in f64, as `ndarray` matrices, without a cache, blocks,
//! pages or threads. The crate reads configuration and checkpoint by itself. [`Model::logits`] computes the
//! logits, with routing restricted to an [`ExpertMask`] on request. [`carve`] writes a checkpoint without
//! some of the experts, so that a mask can be compared with a model that never had them.
//!
//! No bit of a result is promised: another decoder agrees with it within a tolerance. That a decoder agrees
//! with itself bit by bit is for its own tests to show.

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
