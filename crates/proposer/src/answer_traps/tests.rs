//! A thinking model under a schema: thoughts are free, and the stated answer is constrained.

use std::sync::Arc;

use constrain::{CompiledSchema, SchemaConstraint, Vocabulary};
use neural::{Commit, PlainBackend, Traps};
use synthetic::repository_file;
use text::{ChatSource, ChatTemplate, TokenBytes, Tokenizer};

use super::{AnswerTraps, ShapedAnswer};
use crate::answer_region::AnswerRegion;

const SCHEMA: &str = r#"{"type": "object", "properties": {"a": {"enum": [1, 2]}}, "required": ["a"], "additionalProperties": false}"#;
/// A thought that is a document itself, and that quotes another one.
const THOUGHT: &str = "{\"a\": 1}? No:\n```json\n{\"a\": 7}\n```\nIt is \"2\". So";

/// A tokenizer, the chat template of a model that thinks, and the automaton of [`SCHEMA`].
struct Thinker {
    tokenizer: Tokenizer,
    chat: ChatTemplate,
    compiled: Arc<CompiledSchema>,
    end: u32,
    size: usize,
}

impl Thinker {
    fn new(tokenizer_json: &[u8], size: usize, template: &str, eos_token: &str) -> Self {
        let tokenizer = Tokenizer::from_json(tokenizer_json, size).expect("a tokenizer");
        let source = ChatSource {
            file: ChatSource::TEMPLATE_FILE,
            template: template.to_owned(),
            bos_token: String::new(),
            eos_token: eos_token.to_owned(),
        };
        let chat = ChatTemplate::from_source(&tokenizer, &source).expect("a template");
        let end = chat.end().expect("an end token");
        let bytes = TokenBytes::from_tokenizer(&tokenizer).expect("byte-level");
        let vocabulary = Vocabulary::new(&bytes, &[end], size).expect("a vocabulary");
        let compiled = CompiledSchema::compile(SCHEMA, &vocabulary).expect("a schema");
        Self { tokenizer, chat, compiled, end, size }
    }

    /// Returns a model whose prompt opens the thoughts, with a token for each byte.
    fn opened_by_the_prompt() -> Self {
        let template =
            "{% for message in messages %}<|user|>{{ message.content }}{% endfor %}<|assistant|><think>\n";
        let json = repository_file("crates/text/tests/data/bytes_tokenizer.json");
        Self::new(&json, 262, template, "<|end|>")
    }

    /// Returns a model that may open its thoughts by a token of its own.
    fn opened_by_itself() -> Self {
        let file = |name: &str| repository_file(&format!("fixtures/families/qwen3/{name}"));
        let config: serde_json::Value = serde_json::from_slice(&file("config.json")).expect("JSON");
        let template = String::from_utf8(file("chat_template.jinja")).expect("UTF-8");
        let size = config["vocab_size"].as_u64().expect("a size") as usize;
        Self::new(&file("tokenizer.json"), size, &template, "<|im_end|>")
    }

    fn traps(&self) -> AnswerTraps<'_> {
        let region = AnswerRegion::new(&self.chat, &self.tokenizer);
        AnswerTraps::new(None, Some(ShapedAnswer::new(SchemaConstraint::new(&self.compiled), region)))
    }

    /// Returns the ids of a text in which the marks of thoughts are tokens, if the tokenizer has such tokens.
    fn ids(&self, text: &str) -> Vec<u32> {
        let Some(mark) =
            ["<think>", "</think>"].iter().find_map(|mark| text.strip_prefix(mark).map(|_| *mark))
        else {
            return self.tokenizer.encode(text).expect("bytes are enough");
        };
        let opening = self.chat.opening_marks(&self.tokenizer);
        let of_mark = |id: &u32| self.tokenizer.decode(&[*id]).is_ok_and(|text| text == mark);
        match (0..self.size as u32).find(of_mark).filter(|_| !opening.is_empty()) {
            Some(id) => vec![id],
            None => self.tokenizer.encode(mark).expect("bytes are enough"),
        }
    }

    fn answer(&self, ids: &[u32]) -> String {
        self.chat.read_reply(&self.tokenizer, ids).expect("text").answer
    }
}

/// Returns which of some tokens the traps allow next. None if they forbid nothing.
fn allowed(traps: &mut AnswerTraps<'_>, tokens: &[u32]) -> Option<Vec<bool>> {
    let mask = Traps::<PlainBackend>::mask(traps, 0)?;
    Some(tokens.iter().map(|token| mask.allows(*token)).collect())
}

/// Commits tokens from a position on, and returns the position after them.
fn commit(traps: &mut AnswerTraps<'_>, position: usize, tokens: &[u32]) -> usize {
    for (position, token) in (position..).zip(tokens) {
        let taken = Traps::<PlainBackend>::commit(traps, position, *token);
        assert_eq!(taken, Commit::Visible, "token {token} at {position}");
    }
    position + tokens.len()
}

/// Checks the answer of a thinker whose thoughts begin at `position`, after `before`.
fn thinks_then_states(thinker: &Thinker, traps: &mut AnswerTraps<'_>, before: &[u32], position: usize) {
    let one = |text: &str| thinker.ids(text)[0];
    let probes = [one("{"), one("x"), thinker.end];
    let (thought, close) = (thinker.ids(THOUGHT), thinker.ids("</think>"));
    let mut ids = before.to_vec();
    let mut at = position;
    for token in thought.iter().chain(&close) {
        // Cut here, the reply states nothing, and the next token is free.
        assert_eq!(
            allowed(traps, &probes),
            None,
            "a thought is not constrained: {:?}",
            thinker.tokenizer.decode(&ids)
        );
        assert_eq!(thinker.answer(&ids), "");
        at = commit(traps, at, &[*token]);
        ids.push(*token);
    }
    let first = at;
    assert_eq!(allowed(traps, &probes), Some(vec![true, false, false]), "the answer begins");
    let other = traps.clone();
    let document = thinker.ids("{\"a\": 2}");
    for token in &document {
        assert_eq!(allowed(traps, &[*token, thinker.end]), Some(vec![true, false]));
        at = commit(traps, at, &[*token]);
        ids.push(*token);
    }
    assert_eq!(allowed(traps, &probes), Some(vec![false, false, true]), "a whole document may end");
    assert_eq!(thinker.answer(&ids), "{\"a\": 2}");
    // A value that was only thought of is not allowed where the answer is stated.
    let mut astray = other;
    let start = thinker.ids("{\"a\": ");
    commit(&mut astray, first, &start);
    assert_eq!(allowed(&mut astray, &[one("7"), one("1")]), Some(vec![false, true]));
    // Back in the answer, at its start, and in the thoughts.
    Traps::<PlainBackend>::retracted(traps, first + 1);
    assert_eq!(allowed(traps, &[document[1], thinker.end]), Some(vec![true, false]));
    Traps::<PlainBackend>::retracted(traps, first);
    assert_eq!(allowed(traps, &probes), Some(vec![true, false, false]));
    Traps::<PlainBackend>::retracted(traps, first - 1);
    assert_eq!(allowed(traps, &probes), None);
    commit(traps, first - 1, &close[close.len() - 1..]);
    assert_eq!(allowed(traps, &probes), Some(vec![true, false, false]));
}

#[test]
fn thoughts_that_the_prompt_opens_are_free() {
    let thinker = Thinker::opened_by_the_prompt();
    thinks_then_states(&thinker, &mut thinker.traps(), &[], 3);
}

#[test]
fn thoughts_that_the_model_opens_are_free() {
    let thinker = Thinker::opened_by_itself();
    let mut traps = thinker.traps();
    let (open, brace, other) = (thinker.ids("<think>"), thinker.ids("{")[0], thinker.ids("x")[0]);
    assert_eq!(open.len(), 1, "one token");
    assert_eq!(
        allowed(&mut traps, &[open[0], brace, other, thinker.end]),
        Some(vec![true, true, false, false])
    );
    let at = commit(&mut traps, 3, &open);
    thinks_then_states(&thinker, &mut traps, &open, at);
}

/// A mark in quotation marks looks like the end of the thoughts until the second quotation mark comes.
#[test]
fn a_thought_that_quotes_the_mark_of_its_end_ends_there() {
    let thinker = Thinker::opened_by_the_prompt();
    let mut traps = thinker.traps();
    commit(&mut traps, 3, &thinker.ids("I end with \"</think>"));
    let probes = [thinker.ids("{")[0], thinker.ids("\"")[0], thinker.end];
    assert_eq!(allowed(&mut traps, &probes), Some(vec![true, false, false]));
}

#[test]
fn an_answer_without_a_thought_is_constrained_from_its_first_token() {
    let thinker = Thinker::opened_by_itself();
    let mut traps = thinker.traps();
    let at = commit(&mut traps, 3, &thinker.ids("{\"a\": 1}"));
    let (open, other) = (thinker.ids("<think>")[0], thinker.ids("x")[0]);
    assert_eq!(allowed(&mut traps, &[open, other, thinker.end]), Some(vec![false, false, true]));
    assert_eq!(
        Traps::<PlainBackend>::commit(&mut traps, at, open),
        Commit::Halt,
        "no thought follows an answer"
    );
}
