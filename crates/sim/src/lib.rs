//! Seeded simulation of the trusted core.
//!
//! Two games are played from each seed. [`kernel_game`] plays the pure kernel, holding its effects back and
//! offering it verdicts that it must refuse. [`driver_game`] plays the shipped driver over the shipped
//! ledger, on a disk that tears, loses, reorders and refuses writes, with executors and validators that
//! lie, stall, panic and repeat themselves. After each move the promises of the kernel are checked by a
//! model that shares no code with it; a broken promise is a [`Violation`], and [`play`] shrinks the moves
//! that lead to it.

#![deny(unsafe_code)]

mod coverage;
mod driver_game;
mod kernel_game;
mod play;
mod root;
mod world;

pub use coverage::Coverage;
pub use driver_game::driver_game;
pub use kernel_game::kernel_game;
pub use play::{Failure, Summary, play};
pub use world::Violation;
