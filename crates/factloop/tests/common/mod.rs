//! A proposer that follows a script, and a journal that can fail.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::collections::BTreeSet;
use std::fmt;

use abi::{
    Decoding, Digest, Draft, Entry, Identity, Journal, Origin, Proposal, Proposer, Receipt, Request, Step,
    Stop, Thinking, TrapRecord, Usage,
};
use factloop::{Settings, Specification};
use kpolicy::{Policy, Unit};
use sched::Consulted;

/// A question that takes two primitives, so that a model must be asked.
pub(crate) const EXAMPLE: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";

/// A proposer that gives the replies of its script in turn and remembers what it was asked.
pub(crate) struct Script {
    pub(crate) replies: Vec<&'static str>,
    pub(crate) heard: Vec<(String, String)>,
    /// The rules of decoding that it was asked for, one for each request.
    pub(crate) decodings: Vec<Decoding>,
    /// The record of traps that every draft of this model has.
    pub(crate) traps: TrapRecord,
}

impl Script {
    /// Returns a proposer that gives `replies` in turn, and whose model has no traps.
    pub(crate) fn new(replies: &[&'static str]) -> Self {
        Self {
            replies: replies.to_vec(),
            heard: Vec::new(),
            decodings: Vec::new(),
            traps: TrapRecord::default(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it broke")
    }
}

impl std::error::Error for Broken {}

impl Proposer for Script {
    type Error = Broken;

    fn identity(&self) -> Identity {
        Identity { name: "script".to_owned(), model_digest: None, reproducible: false }
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        _: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, Broken> {
        let text = *self.replies.get(self.heard.len()).ok_or(Broken)?;
        self.heard.push((request.prompt.to_owned(), request.facts.to_owned()));
        self.decodings.push(request.decoding);
        let (text, traps) = (text.to_owned(), self.traps.clone());
        let usage = Usage::estimate(&text, Stop::End, request.max_new);
        let (tokens, logit_digests) = (Vec::new(), Vec::new());
        let draft = Draft {
            text,
            thoughts: String::new(),
            conversation: abi::Conversation::default(),
            thinking: Thinking::Auto,
            decoding: request.decoding,
            tokens,
            logit_digests,
            stop: Stop::End,
            usage,
            prompt_tokens: None,
            traps,
        };
        Ok(Proposal { value: draft, origin: Origin::RemoteModel { name: "script".to_owned() } })
    }
}

/// A journal in memory that refuses entries when it is full.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) entries: Vec<Entry>,
    pub(crate) blobs: BTreeSet<Digest>,
    pub(crate) full: bool,
}

impl Journal for Memory {
    type Error = Broken;

    fn refused_entry(_: &Broken) -> Option<usize> {
        None
    }

    fn append<B: abi::Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, Broken> {
        if self.full {
            return Err(Broken);
        }
        let receipts = entries.iter().map(|entry| {
            self.entries.push(entry.with_value_body().expect("a body that is read"));
            let digest = Digest::hash("test", &self.entries.len().to_le_bytes());
            let index = self.entries.len() as u64 - 1;
            Receipt { index, entry: digest, head: digest }
        });
        Ok(receipts.collect())
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, Broken> {
        let digest = Digest::hash_blob(bytes);
        self.blobs.insert(digest);
        Ok(digest)
    }
}

pub(crate) fn settings() -> Settings {
    let policy = kpolicy::Settings { k_min: 0, k_max: 1, ..kpolicy::Settings::REFERENCE };
    Settings {
        mode: kpolicy::Mode::Reference,
        consulted: Some(Consulted::no_memory("a test")),
        required: None,
        direct: false,
        max_new: 16,
        policy: Policy::new(policy).unwrap(),
        importance: Unit::clamped(0.7).unwrap(),
        cost: Unit::ZERO,
        risk: Unit::ZERO,
        budget: None,
        denied: BTreeSet::new(),
        granted: Specification::ALL.into(),
        at: None,
    }
}
