//! Tokenizers and templates of six published families: the ids of a prompt equal those of the library transformers.
//!
//! `fixtures/families` has the folders, the cases, and the script that computed the expected ids. A folder is loaded as
//! `nmk ask` loads it. Only the weights are drawn here, because the ids of a prompt do not depend on them.

use std::collections::BTreeMap;
use std::fs;

use abi::{Conversation, Message, Role, Thinking};
use neural::PlainBackend;
use proposer::LocalModel;
use serde::Deserialize;
use serde_json::Value;
use synthetic::{SMALL, Scratch, Shape, repository_file};

const FAMILIES: [&str; 6] = ["qwen3", "llama3", "mixtral", "gemma", "gpt_oss", "olmoe"];
/// The families whose templates can be told whether to think.
const THINKING: [&str; 2] = ["qwen3", "gpt_oss"];
const FILES: [&str; 3] = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"];
const CASES: usize = 70;
const CASES_OF_THINKING: usize = 4;

#[derive(Deserialize)]
struct Case {
    name: String,
    thinking: Option<String>,
    messages: Vec<(String, String)>,
}

impl Case {
    fn thinking(&self) -> Thinking {
        match self.thinking.as_deref() {
            None => Thinking::Auto,
            Some("on") => Thinking::On,
            Some("off") => Thinking::Off,
            Some(other) => panic!("{other} is no choice"),
        }
    }

    /// Returns the messages before the prompt, and the prompt.
    fn talk(&self) -> (Conversation, &str) {
        let ((_, prompt), before) = self.messages.split_last().expect("a prompt");
        let message = |(role, content): &(String, String)| Message {
            role: Role::from_word(role).expect("a role"),
            content: content.clone(),
        };
        (Conversation::new(before.iter().map(message).collect()).expect("a conversation"), prompt)
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_slice(&repository_file("fixtures/families/cases.json")).expect("cases")
}

fn file(family: &str, name: &str) -> Vec<u8> {
    repository_file(&format!("fixtures/families/{family}/{name}"))
}

fn expected(family: &str) -> BTreeMap<String, Vec<u32>> {
    let table: Value = serde_json::from_slice(&file(family, "expected.json")).expect("JSON");
    serde_json::from_value(table["ids"].clone()).expect("ids")
}

/// Loads the folder of a family, with its files as `alter` returns them.
fn load(family: &str, alter: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> LocalModel<PlainBackend> {
    let config: Value = serde_json::from_slice(&file(family, "config.json")).expect("JSON");
    let vocab = config["vocab_size"].as_u64().expect("a size") as usize;
    let model = Shape { vocab, ..SMALL }.checkpoint(1);
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), family).expect("a scratch folder");
    let put = |name: &str, bytes: &[u8]| fs::write(scratch.join(name), bytes).expect("a file");
    put("config.json", &model.config);
    put("model.safetensors", &model.shards[0]);
    FILES.into_iter().for_each(|name| put(name, &alter(name, file(family, name))));
    LocalModel::from_dir(scratch.path(), PlainBackend).unwrap_or_else(|error| panic!("{family}: {error}"))
}

/// Returns the ids of a case. None if the template has no switch for what the case asks.
fn ids(model: &mut LocalModel<PlainBackend>, case: &Case) -> Option<Vec<u32>> {
    model.set_thinking(case.thinking()).ok()?;
    let (conversation, prompt) = case.talk();
    model.set_conversation(conversation).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let ids = model.prompt_ids("", prompt);
    Some(ids.unwrap_or_else(|error| panic!("{}: {error}", case.name)))
}

#[test]
fn every_case_has_the_ids_of_the_reference() {
    let (cases, mut wrong, mut equal) = (cases(), Vec::new(), 0);
    assert_eq!(cases.len(), CASES);
    for family in FAMILIES {
        let (expected, mut model) = (expected(family), load(family, |_, bytes| bytes));
        for case in &cases {
            let (found, wanted) = (ids(&mut model, case), expected.get(&case.name).cloned());
            if found == wanted {
                equal += usize::from(found.is_some());
                continue;
            }
            let text =
                |ids: Option<Vec<u32>>| ids.map(|ids| (model.tokenizer().decode(&ids).expect("text"), ids));
            wrong.push(format!(
                "{family}, {}\n  reference: {:?}\n  here:      {:?}",
                case.name,
                text(wanted),
                text(found)
            ));
        }
    }
    println!("{equal} prompts of {} families have the ids of the reference", FAMILIES.len());
    assert!(wrong.is_empty(), "{} prompts differ:\n{}", wrong.len(), wrong.join("\n"));
    let thinking = CASES_OF_THINKING * THINKING.len();
    assert_eq!(equal, (CASES - CASES_OF_THINKING) * FAMILIES.len() + thinking);
}

#[test]
fn a_prompt_decodes_to_what_was_asked() {
    for family in FAMILIES {
        let mut model = load(family, |_, bytes| bytes);
        for case in cases().iter().filter(|case| case.messages.len() == 1 && case.thinking.is_none()) {
            let ids = ids(&mut model, case).expect("ids");
            let text = model.tokenizer().decode(&ids).expect("text");
            let prompt = case.messages[0].1.trim();
            // A normaliser joins a letter and its accent, and one alphabet has a mark of its own for the space.
            if !["decomposed", "metaspace"].contains(&case.name.as_str()) {
                assert!(text.contains(prompt), "{family}, {}: {text:?}", case.name);
            }
        }
    }
}

#[test]
fn a_changed_template_or_merge_is_noticed() {
    let cases = cases();
    let differ = |family: &str, alter: &dyn Fn(&str, Vec<u8>) -> Vec<u8>| {
        let (expected, mut model) = (expected(family), load(family, alter));
        let differs = |case: &&Case| ids(&mut model, case) != expected.get(&case.name).cloned();
        cases.iter().filter(differs).count()
    };
    for family in FAMILIES {
        let template = |name: &str, mut bytes: Vec<u8>| {
            if name == "chat_template.jinja" {
                bytes.push(b'.');
            }
            bytes
        };
        let thinks = THINKING.contains(&family);
        let all = CASES - if thinks { 0 } else { CASES_OF_THINKING };
        assert_eq!(differ(family, &template), all, "{family}: a full stop after the template");
        let merge = |name: &str, bytes: Vec<u8>| {
            if name != "tokenizer.json" {
                return bytes;
            }
            let mut file: Value = serde_json::from_slice(&bytes).expect("JSON");
            file["model"]["merges"].as_array_mut().expect("merges").remove(0);
            file.to_string().into_bytes()
        };
        assert!(differ(family, &merge) > 0, "{family}: a merge is gone");
    }
}
