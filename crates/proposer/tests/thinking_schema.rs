//! A schema leaves the thoughts of a model as they are, bit for bit, and shapes what it answers without them.

mod common;

use std::fs;

use abi::{Decoding, Draft, Proposer, Request, Thinking};
use common::{SHAPE, tokenizer_json};
use neural::PlainBackend;
use proposer::LocalModel;
use synthetic::Scratch;

/// A template that opens thoughts at the end of the prompt, unless it is told to leave them out.
const OPENS: &str = "{% for message in messages %}<|user|>{{ message.content }}{% endfor %}<|assistant|>\
    {% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}";
const SCHEMA: &str = r#"{"type": "object", "properties": {"a": {"enum": ["x", 1]}}, "required": ["a"]}"#;

/// Returns the draft of a model of random weights, which never ends its thoughts.
fn draft(thinking: Thinking, schema: Option<&str>) -> Draft {
    let files = SHAPE.checkpoint(7);
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "thinking-schema").expect("a scratch folder");
    let put = |name: &str, bytes: &[u8]| fs::write(scratch.join(name), bytes).expect("a file");
    put("config.json", &files.config);
    put("model.safetensors", &files.shards[0]);
    put("tokenizer.json", &tokenizer_json());
    put("chat_template.jinja", OPENS.as_bytes());
    put("tokenizer_config.json", br#"{"eos_token": "<|end|>"}"#);
    let mut model = LocalModel::from_dir(scratch.path(), PlainBackend).expect("a sound folder");
    model.set_thinking(thinking).expect("the template has a switch");
    let request = Request { prompt: "Which?", facts: "", schema, max_new: 48, decoding: Decoding::Greedy };
    model.propose(&request, &mut |_| {}).expect("a draft").value
}

#[test]
fn thoughts_have_the_same_bits_with_and_without_a_schema() {
    let (free, shaped) = (draft(Thinking::On, None), draft(Thinking::On, Some(SCHEMA)));
    assert_eq!((&shaped.tokens, &shaped.logit_digests), (&free.tokens, &free.logit_digests));
    assert!(shaped.tokens.len() > 1 && shaped.stop == free.stop, "ended in the thoughts: {shaped:?}");
    assert!(!shaped.thoughts.is_empty() && shaped.text.is_empty(), "no answer is stated: {shaped:?}");
    assert!(shaped.traps.schema.is_some(), "the record says that a schema was in force");
}

#[test]
fn without_thoughts_the_first_token_is_one_of_a_document() {
    let (free, shaped) = (draft(Thinking::Off, None), draft(Thinking::Off, Some(SCHEMA)));
    assert_ne!(shaped.tokens, free.tokens, "the control");
    assert!(shaped.text.starts_with('{') && !free.text.starts_with('{'), "{} {}", shaped.text, free.text);
    // The first token is chosen from the logits that a free answer has, under a mask.
    assert_eq!(shaped.logit_digests[0], free.logit_digests[0]);
}
