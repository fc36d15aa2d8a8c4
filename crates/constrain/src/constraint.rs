//! The trap that keeps an answer inside the documents of a schema.

use std::sync::Arc;

use llguidance::Matcher;
use llguidance::api::StopReason;
use neural::{Backend, Commit, PassSite, TokenMask, Traps};
use toktrie::SimpleVob;

use crate::document::DocumentScan;
use crate::schema::CompiledSchema;
use crate::vocabulary::{Vocabulary, first_line};

/// The reason why no token may follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeadEnd {
    /// No token of the vocabulary spells a byte that the schema allows next.
    #[error("no token of the model continues {written:?} to a document of the schema")]
    NoToken {
        /// The end of the document so far.
        written: String,
    },
    /// The automaton exceeded a bound.
    #[error("the schema's automaton stopped after {written:?}: {why}")]
    Automaton {
        /// The end of the document so far.
        written: String,
        /// The bound, in the words of the library.
        why: String,
    },
}

/// A token of the answer, with what is needed to take it back.
#[derive(Clone, Debug)]
struct Committed {
    position: usize,
    token: u32,
    /// The reader of the document before the token.
    before: DocumentScan,
}

/// A trap on the choice of tokens that keeps one answer inside the documents of a schema.
///
/// The constraint reads no values of the forward pass and changes none. Its state depends only on the committed
/// tokens, so the answer is the same for any split into chunks, drafts and batches; a clone goes on by itself.
pub struct SchemaConstraint {
    compiled: Arc<CompiledSchema>,
    matcher: Matcher,
    scan: DocumentScan,
    committed: Vec<Committed>,
    mask: TokenMask,
    dead_end: Option<DeadEnd>,
}

impl Clone for SchemaConstraint {
    fn clone(&self) -> Self {
        Self {
            compiled: Arc::clone(&self.compiled),
            matcher: self.matcher.deep_clone(),
            scan: self.scan.clone(),
            committed: self.committed.clone(),
            mask: self.mask.clone(),
            dead_end: self.dead_end.clone(),
        }
    }
}

impl SchemaConstraint {
    /// Returns the constraint of an answer that has no tokens yet.
    #[must_use]
    pub fn new(compiled: &Arc<CompiledSchema>) -> Self {
        Self {
            compiled: Arc::clone(compiled),
            matcher: compiled.start.deep_clone(),
            scan: DocumentScan::default(),
            committed: Vec::new(),
            mask: TokenMask::default(),
            dead_end: None,
        }
    }

    /// Returns the constraint of an answer that has `tokens` already, the first of which has the position
    /// `first`. Use it to continue an answer that another process began. Returns None if the tokens are not the
    /// beginning of a document.
    #[must_use]
    pub fn after(compiled: &Arc<CompiledSchema>, first: usize, tokens: &[u32]) -> Option<Self> {
        let mut constraint = Self::new(compiled);
        let all = (first..).zip(tokens).all(|(position, token)| constraint.push(position, *token));
        all.then_some(constraint)
    }

    /// Returns the tokens that may not be chosen next.
    pub fn mask(&mut self) -> &TokenMask {
        let (mask, dead_end) = match self.allowed() {
            Ok(mask) if mask.count() == self.compiled.vocabulary.size as usize => {
                (mask, Some(DeadEnd::NoToken { written: self.written() }))
            }
            Ok(mask) => (mask, None),
            Err(dead_end) => (TokenMask::allowing(&[], self.compiled.vocabulary.size), Some(dead_end)),
        };
        self.mask = mask;
        self.dead_end = dead_end.or_else(|| self.dead_end.take());
        &self.mask
    }

    /// Takes the token that was chosen at `position`. A token that the mask forbids halts the answer and is not
    /// taken, and so does one with which the automaton would exceed a bound: [`dead_end`](Self::dead_end) says so.
    pub fn commit(&mut self, position: usize, token: u32) -> Commit {
        if self.push(position, token) { Commit::Visible } else { Commit::Halt }
    }

    /// Returns the number of tokens in the model's vocabulary; the ids of its tokens are below it.
    #[must_use]
    pub fn vocab_size(&self) -> u32 {
        self.compiled.vocabulary.size
    }

    /// Returns the tokens of white space alone, which may come before a document and are not part of it.
    #[must_use]
    pub fn blanks(&self) -> &[u32] {
        &self.compiled.vocabulary.blanks
    }

    /// Returns true if no token was committed yet, or if all were taken back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.committed.is_empty()
    }

    /// Returns true if the tokens so far are a whole document, after which the answer may end.
    pub fn is_whole(&mut self) -> bool {
        self.matcher.is_accepting().unwrap_or(false)
    }

    /// Returns the reason why no token may follow, if the last mask allowed none or if the last token passed a bound.
    #[must_use]
    pub fn dead_end(&self) -> Option<&DeadEnd> {
        self.dead_end.as_ref()
    }

    /// Drops the tokens that were committed at position `to` and later.
    pub fn retract(&mut self, to: usize) {
        let kept = self.committed.partition_point(|committed| committed.position < to);
        let Some(first) = self.committed.get(kept) else { return };
        self.scan = first.before.clone();
        let dropped = self.committed.len() - kept;
        self.committed.truncate(kept);
        self.dead_end = None;
        if self.matcher.rollback(dropped).is_err() {
            // An automaton that failed takes nothing back, so a new one reads the rest.
            self.matcher = self.compiled.start.deep_clone();
            let tokens: Vec<u32> = self.committed.iter().map(|committed| committed.token).collect();
            // If that fails too, the next mask says so.
            let _ = self.matcher.consume_tokens(&tokens);
        }
    }

    /// Returns the mask of the next token.
    ///
    /// # Errors
    /// The automaton has no next token, or exceeds a bound.
    fn allowed(&mut self) -> Result<TokenMask, DeadEnd> {
        let compiled = Arc::clone(&self.compiled);
        let vocabulary = &compiled.vocabulary;
        let is_whole = self.matcher.is_accepting().map_err(|error| self.stopped(&error.to_string()))?;
        let allowed = if self.matcher.is_stopped() {
            // Nothing but the end can follow.
            SimpleVob::alloc(vocabulary.size as usize)
        } else {
            self.matcher.compute_mask().map_err(|error| self.stopped(&error.to_string()))?
        };
        let mut mask = TokenMask::allowing(allowed.as_slice(), vocabulary.size);
        self.forbid_broken(&mut mask, vocabulary);
        if self.committed.is_empty() {
            vocabulary.opening.iter().for_each(|id| mask.forbid(*id));
        }
        for end in &vocabulary.end_tokens {
            if is_whole { mask.allow(*end) } else { mask.forbid(*end) }
        }
        Ok(mask)
    }

    /// Returns the dead end for a message of the library.
    fn stopped(&self, message: &str) -> DeadEnd {
        let (written, why) = (self.written(), first_line(message));
        if why == StopReason::NoExtensionBias.to_string() {
            DeadEnd::NoToken { written }
        } else {
            DeadEnd::Automaton { written, why }
        }
    }

    /// Forbids the tokens that the automaton allows and that would repeat a key or pass a bound.
    fn forbid_broken(&self, mask: &mut TokenMask, vocabulary: &Vocabulary) {
        let is_broken = |id: u32| !self.scan.clone().read(&vocabulary.bytes[id as usize]);
        if self.scan.is_near_a_bound() {
            let broken: Vec<u32> =
                (0..vocabulary.size).filter(|id| mask.allows(*id) && is_broken(*id)).collect();
            broken.into_iter().for_each(|id| mask.forbid(id));
        } else {
            let least = self.scan.quotes_to_repeat();
            let quoting =
                vocabulary.quoting.iter().filter(|(quotes, id)| *quotes >= least && mask.allows(*id));
            let broken: Vec<u32> = quoting.map(|(_, id)| *id).filter(|id| is_broken(*id)).collect();
            broken.into_iter().for_each(|id| mask.forbid(id));
        }
    }

    fn push(&mut self, position: usize, token: u32) -> bool {
        let bytes = self.compiled.vocabulary.bytes.get(token as usize).map_or(&[][..], Vec::as_slice);
        let before = self.scan.clone();
        // The automaton takes a token whole or fails for good, so it is asked first.
        let is_next =
            !bytes.is_empty() && self.matcher.validate_tokens(&[token]).is_ok_and(|taken| taken == 1);
        if !is_next || !self.scan.read(bytes) {
            self.scan = before;
            return false;
        }
        if let Err(error) = self.matcher.consume_token(token) {
            // The mask allowed the token, so a bound was passed, which the user must know.
            self.dead_end = Some(self.stopped(&error.to_string()));
            self.scan = before;
            return false;
        }
        self.committed.push(Committed { position, token, before });
        true
    }

    /// Returns the end of the document so far, for a message.
    fn written(&self) -> String {
        const SHOWN: usize = 16;
        let last = self.committed.len().saturating_sub(SHOWN);
        let bytes = self.committed[last..].iter().flat_map(|committed| {
            self.compiled.vocabulary.bytes.get(committed.token as usize).into_iter().flatten().copied()
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
    }
}

impl<B: Backend> Traps<B> for SchemaConstraint {
    fn ignores(&self, _: PassSite) -> bool {
        true
    }

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        Some(self.mask())
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        self.commit(position, token)
    }

    /// A stop sequence would cut a document, so only the end of the whole text ends it.
    fn finish(&mut self, cut: usize) -> bool {
        cut == 0
    }

    fn retracted(&mut self, to: usize) {
        self.retract(to);
    }
}
