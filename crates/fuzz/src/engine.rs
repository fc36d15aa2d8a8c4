//! The engine: calls a target on inputs and catches its panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Mutator;

/// An input on which a target panicked, which means that a property is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The input.
    pub input: Vec<u8>,
    /// The number of inputs tried before it.
    pub before: u64,
    /// The panic's message.
    pub message: String,
}

/// Runs a target on one input, and returns normally if the target does.
///
/// # Errors
/// Returns the panic's message if the target panicked. A stack overflow or an abort ends the process.
pub fn run_one(target: fn(&[u8]), input: &[u8]) -> Result<(), Box<str>> {
    // A target takes bytes and keeps no state, so a panic cannot leave anything half done.
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) else { return Ok(()) };
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    Err(message.unwrap_or("a panic without a text").into())
}

/// Runs a target on the seeds and then on mutations of them. Stops when `go_on` returns false, which is given
/// the number of inputs so far and the next input. Returns the number of inputs.
///
/// # Errors
/// Returns the first input on which the target panicked.
pub fn hunt(
    target: fn(&[u8]),
    seeds: &[Vec<u8>],
    number: u64,
    mut go_on: impl FnMut(u64, &[u8]) -> bool,
) -> Result<u64, Broken> {
    let mut mutator = Mutator::new(seeds, number);
    let mut plain = seeds.iter().cloned();
    let mut count = 0;
    while let Some(input) = plain.next().or_else(|| mutator.as_mut().map(Mutator::draw)) {
        if !go_on(count, &input) {
            break;
        }
        if let Err(message) = run_one(target, &input) {
            return Err(Broken { input, before: count, message: message.into() });
        }
        count += 1;
    }
    Ok(count)
}
