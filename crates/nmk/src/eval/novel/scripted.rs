//! Scripted models, which reply what an item says: always the right thing, or always a plausible wrong one.

use abi::{
    Conversation, Draft, Identity, Origin, Proposal, Proposer, Request, Step, Stop, Thinking, TrapRecord,
    Usage, Value,
};
use holdout::{Oracle, Spec};

use super::{Item, Task};
use crate::model::ModelFailure;

/// One item in this many gets a program that does not end.
const ENDLESS: usize = 10;

/// A model that gives prepared replies in turn, and begins anew after the last one.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    name: &'static str,
    replies: Vec<String>,
    next: usize,
}

impl Scripted {
    /// Returns the model of this name that gives `replies` in turn.
    pub(crate) fn new(name: &'static str, replies: Vec<String>) -> Self {
        Self { name, replies, next: 0 }
    }
}

/// Returns the model that replies the right answer of an item.
pub(crate) fn right(item: &Item) -> Scripted {
    let reply = match &item.task {
        Task::Code { right, .. } | Task::Prose { right, .. } => right.clone(),
    };
    Scripted::new("scripted:right", vec![reply])
}

/// Returns the model that replies wrong answers of several kinds to an item, beginning with another kind for each `number`.
pub(crate) fn wrong(item: &Item, number: usize) -> Scripted {
    let mut replies = match &item.task {
        Task::Code { spec, .. } => wrong_code(spec, number),
        Task::Prose { wrong, .. } => wrong.clone(),
    };
    let first = number % replies.len().max(1);
    replies.rotate_left(first);
    Scripted::new("scripted:wrong", replies)
}

/// Returns wrong programs: a constant, a table of the samples, prose, the oracle's own text, and for some items a
/// program that does not end. There are few of those, because the gate waits half a minute for each.
fn wrong_code(spec: &Spec, number: usize) -> Vec<String> {
    let entry = spec.entry();
    let list = |items: Vec<Value>| factloop::to_json(&Value::List(items)).to_string();
    let literal = |json: String| serde_json::Value::String(json).to_string();
    let first = spec.samples().first().map_or(Value::Null, |sample| sample.returns.clone());
    let constant = literal(list(vec![first]));
    let known = spec
        .samples()
        .iter()
        .map(|sample| Value::List(vec![Value::List(sample.arguments.clone()), sample.returns.clone()]));
    let known = literal(list(known.collect()));
    let mut replies = vec![
        format!("import json\n\ndef {entry}(*arguments):\n    return json.loads({constant})[0]\n"),
        format!(
            "import json\n\ndef {entry}(*arguments):\n    asked = json.loads(json.dumps(arguments))\n    for \
             known, result in json.loads({known}):\n        if known == asked:\n            return result\n    return None\n"
        ),
        format!("To write {entry}, go through the input once and keep what is asked for. I hope this helps!"),
    ];
    if let Oracle::Reference(oracle) = spec.oracle() {
        replies.push(renamed(oracle, entry));
    }
    if number % ENDLESS == ENDLESS / 2 {
        replies.push(format!("def {entry}(*arguments):\n    while True:\n        pass\n"));
    }
    replies
}

/// Returns the code of an oracle under the name of the function.
fn renamed(oracle: &str, entry: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut code = String::new();
    let mut rest = oracle;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| is_name(c) != is_name(first)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        code.push_str(if part == "oracle" { entry } else { part });
        rest = after;
    }
    code
}

impl Proposer for Scripted {
    type Error = ModelFailure;

    fn identity(&self) -> Identity {
        Identity { name: self.name.to_owned(), model_digest: None, reproducible: false }
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, ModelFailure> {
        let text = self.replies.get(self.next).cloned().unwrap_or_default();
        self.next = (self.next + 1) % self.replies.len().max(1);
        progress(Step::Answer(&text));
        let usage = Usage::estimate(&text, Stop::End, request.max_new);
        let value = Draft {
            text,
            thoughts: String::new(),
            thinking: Thinking::Auto,
            conversation: Conversation::default(),
            tokens: Vec::new(),
            logit_digests: Vec::new(),
            stop: Stop::End,
            usage,
            decoding: request.decoding,
            prompt_tokens: None,
            traps: TrapRecord::default(),
        };
        Ok(Proposal { value, origin: Origin::RemoteModel { name: self.name.to_owned() } })
    }
}
