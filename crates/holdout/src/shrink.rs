//! Counterexamples, made as simple as they can be.

use abi::Value;

use crate::draw::simpler;
use crate::{ExperimentError, Type};

/// The most instances that are tried to make one simpler.
const MOST_TRIES: usize = 1000;

/// Returns the simplest instance that is found from `instance` on and that `fails` too. The first call of `fails` that
/// cannot be answered ends the search.
pub(crate) fn shrunk(
    types: &[Type],
    instance: Vec<Value>,
    mut fails: impl FnMut(&[Value]) -> Result<bool, ExperimentError>,
) -> Result<Vec<Value>, ExperimentError> {
    let (mut simplest, mut tries) = (instance, 0);
    loop {
        let mut found = None;
        'search: for (place, of) in types.iter().enumerate() {
            for value in simpler(of, &simplest[place]) {
                tries += 1;
                if tries > MOST_TRIES {
                    return Ok(simplest);
                }
                let mut candidate = simplest.clone();
                candidate[place] = value;
                if fails(&candidate)? {
                    found = Some(candidate);
                    break 'search;
                }
            }
        }
        match found {
            Some(candidate) => simplest = candidate,
            None => return Ok(simplest),
        }
    }
}
