//! The idioms of published templates: the ids equal those of the library transformers, or the template is refused.
//!
//! `data/idioms.json` was made with transformers and its tokenizer, from templates that were written here. Each template
//! ends in the same turn of a user, so that the ids are those of a whole prompt.

mod common;

use common::embedded;
use serde_json::Value;
use text::{ChatError, ChatSource, ChatTemplate, Tokenizer};

const IDIOMS: &str = include_str!("data/idioms.json");

fn idioms() -> Vec<Value> {
    let table: Value = serde_json::from_str(IDIOMS).expect("JSON");
    table["idioms"].as_array().expect("a list").clone()
}

fn tokenizer() -> Tokenizer {
    let (json, count) = embedded(&[]);
    Tokenizer::from_json(json.as_bytes(), count).expect("a tokenizer")
}

fn rendered(tokenizer: &Tokenizer, template: &str) -> Result<Vec<u32>, ChatError> {
    let source = ChatSource {
        file: "chat_template.jinja",
        template: template.to_owned(),
        bos_token: "<|user|>".to_owned(),
        eos_token: "<|end|>".to_owned(),
    };
    let chat = ChatTemplate::from_source(tokenizer, &source)?;
    Ok(chat.render(tokenizer, "", "hello there").expect("ids"))
}

fn ids(row: &Value) -> Option<Vec<u32>> {
    serde_json::from_value(row.get("ids")?.clone()).ok()
}

#[test]
fn every_idiom_has_the_ids_of_the_reference_or_a_refusal() {
    let tokenizer = tokenizer();
    let (mut wrong, rows) = (Vec::new(), idioms());
    for row in &rows {
        let name = row["name"].as_str().expect("a name");
        let found = rendered(&tokenizer, row["template"].as_str().expect("a template"));
        match (ids(row), found) {
            (Some(ids), Ok(found)) if ids == found => {}
            (Some(_), Ok(found)) => {
                let text = tokenizer.decode(&found).expect("text");
                wrong.push(format!("{name}\n  reference: {}\n  here:      {text:?}", row["text"]));
            }
            (Some(_), Err(error)) => wrong.push(format!("{name}: {error}")),
            (None, Ok(_)) => wrong.push(format!("{name}: the reference says {}", row["error"])),
            (None, Err(_)) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} idioms differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    println!("{} idioms: each has the ids of the reference, or its refusal", rows.len());
    assert!(rows.len() >= 50 && rows.iter().filter(|row| ids(row).is_some()).count() >= 45);
}

#[test]
fn a_changed_idiom_is_noticed() {
    let tokenizer = tokenizer();
    for row in idioms().iter().filter(|row| ids(row).is_some()) {
        let changed = format!("{}.", row["template"].as_str().expect("a template"));
        assert_ne!(rendered(&tokenizer, &changed).ok(), ids(row), "{}", row["name"]);
    }
}

#[test]
fn a_value_that_nests_deeply_is_no_danger() {
    let tokenizer = tokenizer();
    for (times, end) in [(15_000, "{{ ns.x | tojson }}"), (15_000, ""), (50, "{{ ns.x | tojson }}")] {
        let template = format!(
            "{{% set ns = namespace(x=[]) %}}{{% for i in range({times}) %}}{{% set ns.x = [ns.x] %}}{{% endfor %}}{end}\
             <|user|>{{{{ messages[-1].content }}}}<|assistant|>"
        );
        let is_written = rendered(&tokenizer, &template).is_ok();
        assert_eq!(is_written, times == 50 || end.is_empty(), "{times} {end}");
    }
}
