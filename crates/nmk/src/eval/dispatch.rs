//! The dispatch of prompts to capabilities: the grammar, the entry head of the embedded model, and both together.
//!
//! `dispatch.txt` has prompts in wordings to which the head was not fitted, each with the capability that it asks for; the
//! workshop draws it. A head grants nothing and reads no operands, so what it alone notices computes nothing.

use abi::{Decoding, Proposer, Request};
use factloop::Specification;

use crate::engine::model_failure;
use crate::{AnyModel, Error};

/// The prompts: capability, kind of text and prompt, separated by tabs.
const PROMPTS: &str = include_str!("dispatch.txt");
/// The capability of a prompt that asks for none.
const NONE: &str = "none";

/// A way to find the capability that a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Router {
    /// The closed grammar.
    Rules,
    /// The head.
    Head,
    /// The head, and the grammar where the head requests nothing.
    HeadThenRules,
    /// The grammar, and the head where the grammar reads nothing.
    RulesThenHead,
}

impl Router {
    pub(crate) const ALL: [Self; 4] = [Self::Rules, Self::Head, Self::HeadThenRules, Self::RulesThenHead];

    /// Returns the word for the router in reports, for example `head_then_rules`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Head => "head",
            Self::HeadThenRules => "head_then_rules",
            Self::RulesThenHead => "rules_then_head",
        }
    }
}

/// One prompt with what was found in it.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    /// The capability that the prompt asks for. None if it asks for none of those that the head knows.
    wanted: Option<&'static str>,
    /// The kind of text, for example `Paraphrase`.
    pub(crate) kind: &'static str,
    rules: Option<String>,
    head: Option<String>,
}

impl Prompt {
    /// Returns the capability that a router finds.
    fn routed(&self, router: Router) -> Option<&str> {
        let (rules, head) = (self.rules.as_deref(), self.head.as_deref());
        match router {
            Router::Rules => rules,
            Router::Head => head,
            Router::HeadThenRules => head.or(rules),
            Router::RulesThenHead => rules.or(head),
        }
    }

    /// Returns true if a router finds what the prompt asks for, or nothing where it asks for nothing.
    pub(crate) fn is_right(&self, router: Router) -> bool {
        self.routed(router) == self.wanted
    }

    /// Returns true if a router finds a capability that the prompt does not ask for.
    pub(crate) fn is_wrong(&self, router: Router) -> bool {
        self.routed(router).is_some_and(|found| Some(found) != self.wanted)
    }

    /// Returns true if the prompt asks for a capability.
    pub(crate) fn is_question(&self) -> bool {
        self.wanted.is_some()
    }
}

/// Reads every prompt with the grammar and with the head of `model`.
///
/// # Errors
/// [`Error`] if the model refuses a prompt.
pub(crate) fn read(model: &mut AnyModel) -> Result<Vec<Prompt>, Error> {
    PROMPTS.lines().map(|line| one(line, model)).collect()
}

fn one(line: &'static str, model: &mut AnyModel) -> Result<Prompt, Error> {
    let mut parts = line.splitn(3, '\t');
    let mut next = || parts.next().unwrap_or_default();
    let (wanted, kind, prompt) = (next(), next(), next());
    // The head reads the prompt, so one token is enough.
    let request = Request { prompt, facts: "", schema: None, max_new: 1, decoding: Decoding::Greedy };
    let proposed = model.propose(&request, &mut |_| {});
    let draft = match proposed {
        Ok(proposal) => proposal.value,
        Err(failure) => return Err(model_failure(model.identity().name, failure)),
    };
    let is_known = |of: &Specification| Specification::FITTED.contains(of);
    let routed = factloop::route(prompt).map(|routed| routed.specification).filter(is_known);
    Ok(Prompt {
        wanted: (wanted != NONE).then_some(wanted),
        kind,
        rules: routed.map(|specification| factloop::fact_capability(specification).0),
        head: draft.traps.entry.map(|entry| entry.capability),
    })
}
