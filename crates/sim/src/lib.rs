//! A seeded simulation of the trusted core, the scheduler and the ledger.
//!
//! Each seed is two games. [`kernel_game`] plays the pure kernel of the scheduler: it delays effects, and
//! offers verdicts and events that the kernel must refuse. [`driver_game`] plays the shipped driver over the
//! shipped ledger, with a disk that tears, loses, reorders and refuses writes, and with executors and
//! validators that lie, stall, panic and repeat themselves. After each move, a model that shares no code with
//! the kernel checks its guarantees. A broken guarantee is a [`Violation`], and [`play`] reduces the game to
//! the moves that lead to it.

#![deny(unsafe_code)]

mod coverage;
mod driver_game;
mod kernel_game;
mod play;
mod root;
mod sizes;
mod world;

pub use coverage::Coverage;
pub use driver_game::driver_game;
pub use kernel_game::kernel_game;
pub use play::{Failure, Summary, play};
pub use world::Violation;
