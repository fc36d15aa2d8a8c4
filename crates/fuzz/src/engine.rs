//! The engine, which calls a target on inputs and catches its panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Mutator;

/// A finding of [`hunt`]: an input on which a target panicked, which means that a property of the target is
/// broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The bytes of the input, to be run again with [`run_one`].
    pub input: Vec<u8>,
    /// Number of inputs that were tried before this one without a panic.
    pub before: u64,
    /// The message of the panic, which says which property is broken.
    pub message: String,
}

/// Runs a target on one input, and returns normally if the target does.
///
/// # Errors
/// The message of the panic, if the target panicked. A stack overflow or an abort is not caught and ends the
/// process.
pub fn run_one(target: fn(&[u8]), input: &[u8]) -> Result<(), Box<str>> {
    // A target takes bytes and keeps no state, so a panic cannot leave anything half done.
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) else { return Ok(()) };
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    Err(message.unwrap_or("a panic without a text").into())
}

/// Runs a target on the seeds and then on mutations of them; `number` selects the stream of mutations. Before
/// each input the call passes the number of inputs so far and the next input to `go_on`, and stops if that
/// returns false. Returns the number of inputs that were run.
///
/// # Errors
/// The first input on which the target panicked.
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
