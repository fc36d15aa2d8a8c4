//! The front: it wires the planes together and owns everything that touches the world.
//!
//! The planes below are pure or take what they need as parameters; configuration, environment, entropy,
//! network and terminal are met here and nowhere else.

#![deny(unsafe_code)]

pub mod config;
mod excerpt;
pub mod remote;
mod surroundings;

pub use surroundings::Surroundings;
