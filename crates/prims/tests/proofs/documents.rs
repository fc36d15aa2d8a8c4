//! JSON against the crate `serde_json`.

use std::collections::BTreeMap;

use prims::Value;
use serde_json::Value as Json;

use crate::trial::{Proof, Trial, as_text};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "json_canonical",
        run: |trial| {
            for _ in 0..10_000 {
                let json = document(trial, 4);
                let text = spaced(trial, &json);
                trial.check(&[Value::text(text)], Some(Value::text(json.to_string())));
            }
        },
        // Only the spaces go.
        wrong: |operands, right| match as_text(&operands[0]) {
            text if text.contains('"') => right,
            text => Ok(Value::text(text.replace(' ', ""))),
        },
    },
    Proof {
        name: "json_get",
        run: |trial| {
            for _ in 0..10_000 {
                let json = document(trial, 4);
                let text = spaced(trial, &json);
                let parts = trial.below(4);
                let pointer: String = (0..parts)
                    .map(|_| trial.pick(&["/a", "/b", "/a~1b", "/m~0n", "/", "/0", "/1", "/2", "/00", "/-"]))
                    .collect();
                let found = json.pointer(&pointer).map(|found| Value::text(found.to_string()));
                trial.check(&[Value::text(text), Value::text(pointer)], found);
            }
        },
        // Escapes in pointers are overlooked.
        wrong: |operands, right| match as_text(&operands[1]).contains('~') {
            true => Err(prims::CallError::Overflow { primitive: "json_get" }),
            false => right,
        },
    },
];

fn document(trial: &mut Trial<'_>, depth: u64) -> Json {
    let texts = ["", "a", "b", "a/b", "m~n", "é", "\"\\", "\n\t\u{1}", "😀", " x "];
    match trial.below(if depth == 0 { 4 } else { 8 }) {
        0 => Json::Null,
        1 => Json::Bool(trial.below(2) == 1),
        2 => Json::from(trial.natural() * trial.pick(&[1, -1])),
        3 => Json::from(trial.pick(&texts)),
        4 | 5 => {
            let length = trial.below(4);
            (0..length).map(|_| document(trial, depth - 1)).collect()
        }
        _ => {
            let length = trial.below(4);
            // In order, because with one of its features a map of serde_json keeps the order in which it was filled.
            let members: BTreeMap<String, Json> =
                (0..length).map(|_| (trial.pick(&texts).to_owned(), document(trial, depth - 1))).collect();
            Json::Object(members.into_iter().collect())
        }
    }
}

/// Writes a document with spaces, with the names of its objects in the opposite order, and with escapes.
fn spaced(trial: &mut Trial<'_>, json: &Json) -> String {
    let space = |trial: &mut Trial<'_>| trial.pick(&["", "", " ", "\n", "\t "]);
    let text = |trial: &mut Trial<'_>, text: &str| match trial.below(3) {
        0 => {
            let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            format!("\"{units}\"")
        }
        _ => Json::from(text).to_string(),
    };
    let mut out = space(trial).to_owned();
    match json {
        Json::String(own) => out += &text(trial, own),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| spaced(trial, item)).collect();
            out += &format!("[{}{}]", items.join(","), space(trial));
        }
        Json::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .rev()
                .map(|(name, member)| {
                    let name = text(trial, name);
                    format!("{}{name}{}:{}", space(trial), space(trial), spaced(trial, member))
                })
                .collect();
            out += &format!("{{{}{}}}", members.join(","), space(trial));
        }
        plain => out += &plain.to_string(),
    }
    out + space(trial)
}

#[test]
fn what_is_no_document_is_refused() {
    let primitive = prims::find("json_canonical").expect("a primitive");
    let deep = "[".repeat(34) + &"]".repeat(34);
    for text in [
        "",
        "nul",
        "01",
        "+1",
        "-0",
        "1.5",
        "1e3",
        "9223372036854775808",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\":1,}",
        "{a:1}",
        "[1 2]",
        "\"\u{1}\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"",
        "1 2",
        "{\"a\":1,\"a\":2}",
        "\u{feff}1",
        &deep,
    ] {
        assert!(primitive.call(&[Value::text(text)]).is_err(), "{text}");
    }
}
