//! Names, texts and results of every size, and a second statement of the bounds that they must keep.

use abi::bounds::{
    MAX_DEPENDENCIES, MAX_NAME_BYTES, MAX_RECORD_BYTES, MAX_RECORD_DEPTH, MAX_RESULT_BLOBS, MAX_RESULT_BYTES,
    MAX_RESULT_DEPTH, MAX_STATED_INPUTS, MAX_TEXT_BYTES,
};
use abi::{Digest, Origin, Value, encode};
use fastrand::Rng;
use sched::{Execution, TaskSpec};

/// A size around a bound: just below it, the bound itself, just above it, or twice as large.
pub(crate) fn around(rng: &mut Rng, bound: usize) -> usize {
    match rng.u8(..4) {
        0 => bound - 1,
        1 => bound,
        2 => bound + 1,
        _ => 2 * bound,
    }
}

/// The text of an error or a reason: mostly short, sometimes around its bound or 2 MiB long.
pub(crate) fn text(rng: &mut Rng) -> String {
    match rng.u8(..120) {
        0..=9 => "é".repeat(around(rng, MAX_TEXT_BYTES) / 2),
        10 => "x".repeat(2 << 20),
        _ => "it broke".to_owned(),
    }
}

/// The name of a task: mostly as given, sometimes padded to a size around its bound.
pub(crate) fn name(rng: &mut Rng, short: String) -> String {
    let size = match rng.u16(..1000) {
        0..=15 => MAX_NAME_BYTES,
        16..=31 => around(rng, MAX_NAME_BYTES),
        32 => 2 << 20,
        _ => return short,
    };
    format!("{short}{}", "_".repeat(size - short.len()))
}

/// Makes a part of a task too large, for which its plan must be refused.
pub(crate) fn spoil(rng: &mut Rng, task: &mut TaskSpec) {
    match rng.u8(..6) {
        0 => task.operation = "o".repeat(2 << 20),
        1 => task.after = vec![task.name.clone(); MAX_DEPENDENCIES + 1],
        2 => task.after.push("n".repeat(MAX_NAME_BYTES + 1)),
        3 => task.input = deep(20_000),
        4 => task.input = deep(MAX_RESULT_DEPTH + 1),
        _ => task.name.push_str(&"_".repeat(MAX_NAME_BYTES)),
    }
}

/// Returns true if the sizes of a task are such that its plan may be admitted.
pub(crate) fn fits(task: &TaskSpec) -> bool {
    let short = |name: &String| name.len() <= MAX_NAME_BYTES;
    let named = short(&task.name) && short(&task.operation) && task.after.iter().all(short);
    named && task.after.len() <= MAX_DEPENDENCIES && task.input.depth() <= MAX_RESULT_DEPTH
}

/// Stretches a part of what a run returns to a size around its bound. Returns true if all of it may be taken.
pub(crate) fn stretch(rng: &mut Rng, execution: &mut Execution) -> bool {
    match rng.u8(..=255) {
        // Results of 16 MiB take long, so they are rare.
        255 => {
            let size = around(rng, MAX_RESULT_BYTES).min(MAX_RESULT_BYTES + 1);
            execution.subject.value = sized(size);
            size <= MAX_RESULT_BYTES
        }
        0..=60 => {
            let size = around(rng, MAX_RECORD_BYTES);
            execution.record = sized(size);
            size <= MAX_RECORD_BYTES
        }
        61..=100 => {
            let depth = around(rng, MAX_RECORD_DEPTH);
            execution.record = deep(depth);
            depth <= MAX_RECORD_DEPTH
        }
        101..=150 => {
            let count = if rng.bool() { around(rng, MAX_STATED_INPUTS) } else { 40_000 };
            execution.inputs = vec![Digest::hash("nmk.sim.v1", b"stated"); count];
            count <= MAX_STATED_INPUTS
        }
        151..=190 => {
            let size = around(rng, MAX_NAME_BYTES);
            execution.subject.origin = Origin::RemoteModel { name: "m".repeat(size) };
            size <= MAX_NAME_BYTES
        }
        191..=200 => {
            execution.subject.value = deep(20_000);
            false
        }
        _ => {
            let count = if rng.bool() { around(rng, MAX_RESULT_BLOBS) } else { 40_000 };
            execution.blobs = vec![vec![1]; count];
            count <= MAX_RESULT_BLOBS
        }
    }
}

/// A text whose encoding has this many bytes.
fn sized(bytes: usize) -> Value {
    let head = encode(&Value::text("")).len();
    Value::Text("x".repeat(bytes - head))
}

/// A value that nests this deep.
fn deep(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]))
}
