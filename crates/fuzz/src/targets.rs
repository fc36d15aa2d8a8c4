//! The list of fuzz targets, and the functions that several of them use.

mod call;
mod chat;
mod config;
mod digest;
mod endpoint;
mod entry;
mod graph;
mod history;
mod json;
mod ledger;
mod memory_line;
mod model_config;
mod primitive;
mod prompt;
mod reply;
mod schema;
mod snapshot;
mod specification;
mod sse;
mod tokenizer;
mod value;
mod web;
mod weights;
mod xml;

use abi::Value;

pub(crate) use history::to_value as entry_value;
pub(crate) use ledger::{BLOBS, mode};
pub(crate) use snapshot::{SEAL, mode as snapshot_mode, model as snapshot_model};
pub(crate) use weights::CONFIG as MODEL_CONFIG;

/// A parser of untrusted bytes, together with the properties that are checked on it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of the target on the command line, which is also the name of its folder below `seeds/`.
    pub name: &'static str,
    /// The parser under test, described in a few words for lists of targets.
    pub about: &'static str,
    /// The function to call on an input. If it panics, a property is broken.
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, about: &'static str, run: fn(&[u8])) -> Target {
    Target { name, about, run }
}

/// Every fuzz target, in the order of their names. The commands and the tests read this list.
pub const TARGETS: &[Target] = &[
    target("call", "operands of primitives, and judgements of their results", call::call),
    target("chat", "chat templates, and messages rendered with them", chat::chat),
    target("config", "nmk.toml", config::config),
    target("digest", "digests and public keys as text", digest::digest),
    target("endpoint", "addresses of endpoints", endpoint::endpoint),
    target("entry", "heads of the entry trap, read and written again", entry::entry),
    target("graph", "task graphs and the contracts in them, admitted and run", graph::graph),
    target("history", "histories of jobs, entry by entry", history::history),
    target("json", "JSON documents, against another parser", json::json),
    target("ledger", "entries and heads: reader, verifier and writer", ledger::ledger),
    target("memory_line", "lines of an import into the memory", memory_line::memory_line),
    target("model_config", "config.json of a model", model_config::model_config),
    target("primitive", "files of admitted functions", primitive::primitive),
    target("prompt", "questions, and the contracts that they are routed to", prompt::prompt),
    target("reply", "replies under every form, and lints", reply::reply),
    target("schema", "schemas, and values checked against them", schema::schema),
    target("snapshot", "snapshots of sessions, restored and written again", snapshot::snapshot),
    target("specification", "specifications of the gate", specification::specification),
    target("sse", "event streams in any pieces", sse::sse),
    target("tokenizer", "tokenizer.json, and texts through it", tokenizer::tokenizer),
    target("value", "the canonical encoding and the comparator", value::value),
    target("web", "addresses, pages and results of searches from the web", web::web),
    target("weights", "safetensors files for a small model", weights::weights),
    target("xml", "XML documents, against another parser", xml::xml),
];

/// Returns the target with this name. Returns `None` if there is no such target.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Returns the parts before and after the first zero byte, which occurs in no text.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[]),
    }
}

/// Returns the bytes as text. Bytes that are not UTF-8 are replaced, so that every input is used.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns bytes that are equal for two values exactly if the values are equal: a second comparator beside
/// that of `det`.
fn normal(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_normal(value, &mut out);
    out
}

/// Appends the bytes of [`normal`] for one value.
fn write_normal(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'0'),
        Value::Bool(bool) => out.extend(format!("b{bool};").bytes()),
        Value::Int(int) => out.extend(format!("n{int};").bytes()),
        Value::Float(float) => {
            // A whole float below 2^100 fits in an i128. A larger one equals no i64, so its bits stand for
            // it.
            let number = float.get();
            let whole = number.abs() < 2_f64.powi(100) && number.fract() == 0.0;
            let shown =
                if whole { format!("n{};", number as i128) } else { format!("f{};", number.to_bits()) };
            out.extend(shown.bytes());
        }
        Value::Decimal(decimal) => out.extend(
            format!("d{}e{};", decimal.digits(), decimal.exponent())
                .bytes()
                .chain([u8::from(decimal.is_negative())]),
        ),
        Value::Text(text) => write_run(b't', text.as_bytes(), out),
        Value::Bytes(bytes) => write_run(b'x', bytes, out),
        Value::List(items) => {
            out.extend(format!("l{};", items.len()).bytes());
            items.iter().for_each(|item| write_normal(item, out));
        }
        Value::Map(map) => {
            out.extend(format!("m{};", map.len()).bytes());
            for (key, item) in map {
                write_run(b'k', key.as_bytes(), out);
                write_normal(item, out);
            }
        }
    }
}

/// Appends bytes with their kind and their length before them.
fn write_run(kind: u8, run: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend(format!("{};", run.len()).bytes());
    out.extend(run);
}
