//! A target held against inputs, its panics caught.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Mutator;

/// An input that a target panicked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The input.
    pub input: Vec<u8>,
    /// Inputs tried before it.
    pub before: u64,
    /// What the panic said.
    pub said: String,
}

/// Runs a target on one input.
///
/// # Errors
/// What the panic said, if it panicked. A stack overflow or an abort takes the process with it.
pub fn run_one(target: fn(&[u8]), input: &[u8]) -> Result<(), Box<str>> {
    // A target takes bytes and keeps nothing, so there is nothing that a panic could leave half done.
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) else { return Ok(()) };
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    Err(said.unwrap_or("a panic without a text").into())
}

/// Runs a target on the seeds and then on their mutations, until `go_on` says no or something breaks.
/// `go_on` is shown the number of inputs so far and the next one.
///
/// # Errors
/// The first input that breaks it.
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
        if let Err(said) = run_one(target, &input) {
            return Err(Broken { input, before: count, said: said.into() });
        }
        count += 1;
    }
    Ok(count)
}
