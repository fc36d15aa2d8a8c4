//! A session: one sequence of tokens with its keys and values.

use std::sync::Arc;

use abi::Digest;
use safetensors::tensor::{Dtype, TensorView};
use thiserror::Error;

use crate::backend::Backend;
use crate::decoder::{Chunk, NonFinite, Sequence, Want};
use crate::history::{History, Step};
use crate::model::Model;
use crate::pages::PageTable;
use crate::sampling::largest;
use crate::traps::{NoTraps, Traps};

/// Domain of the digest of one position's logits.
const LOGITS_DOMAIN: &str = "nmk.logits.v1";

/// Domain of the digest of several positions' logits.
const TENSOR_DOMAIN: &str = "nmk.logits.tensor.v1";

/// The number of positions that a session can always be rewound by, whatever the windows of its layers.
pub const REWIND_HORIZON: usize = 256;

/// The reason why a call on a session failed. The session is unchanged: position, history, keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    /// No token or row was given.
    #[error("nothing was given; a step needs one token or row at least")]
    Empty,
    /// A token id is not in the vocabulary.
    #[error("token {token} (number {index} of the chunk) is not below the vocabulary size {vocab_size}")]
    TokenOutOfVocabulary {
        /// The id.
        token: u32,
        /// The index of the token in the chunk.
        index: usize,
        /// The vocabulary's size; ids are below it.
        vocab_size: usize,
    },
    /// The injected values are not rows of the model's width.
    #[error("{values} values were injected, which are not rows of the model's width {width}")]
    InjectedWidth {
        /// Values given.
        values: usize,
        /// The model's width.
        width: usize,
    },
    /// An injected value is not finite.
    #[error("value {index} of injected row {row} is not finite")]
    InjectedNonFinite {
        /// The row, from 0.
        row: usize,
        /// The index of the value in the row.
        index: usize,
    },
    /// The sequence would be longer than the model's context.
    #[error(
        "{position} positions and {added} more exceed the model's context of {capacity}; shorten the prompt or \
         ask for fewer new tokens"
    )]
    ContextOverflow {
        /// Positions held.
        position: usize,
        /// Positions asked for.
        added: usize,
        /// Positions that the model allows.
        capacity: usize,
    },
    /// The target of a rewind is a position that was not reached yet.
    #[error("cannot rewind to {to}: the session is at {position}")]
    RewindAhead {
        /// The position asked for.
        to: usize,
        /// The session's position.
        position: usize,
    },
    /// The target of a rewind is behind the keys that sliding-window layers still hold.
    #[error("cannot rewind to {to}: keys behind {earliest} were dropped; prefill the prefix again")]
    RewindTooFar {
        /// The position asked for.
        to: usize,
        /// The earliest position that can be rewound to.
        earliest: usize,
    },
    /// A mask leaves fewer experts than one token uses, or is for another number of experts.
    #[error(
        "the mask leaves {left} experts in layer {layer} and a token uses {chosen}; allow as many at least"
    )]
    FewExperts {
        /// The layer.
        layer: usize,
        /// Experts that are left.
        left: usize,
        /// Experts that one token uses.
        chosen: usize,
    },
    /// Traps forbid every token, or forbid the answer to end at a stop sequence.
    #[error("no token is allowed at position {position}: traps forbid all of them; forbid less")]
    NothingAllowed {
        /// The position at which a token was to be chosen.
        position: usize,
    },
    /// The forward pass gave values that are not finite.
    #[error(transparent)]
    NonFinite(#[from] NonFinite),
}

/// The logits of consecutive positions, `[rows, vocab_size]`. Holding them proves that all values are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    vocab_size: usize,
    values: Vec<f32>,
}

impl Logits {
    pub(crate) fn new(vocab_size: usize, values: Vec<f32>) -> Self {
        Self { vocab_size, values }
    }

    /// Returns the number of rows, one for each position that logits were wanted for.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.vocab_size
    }

    /// Returns the logits of one row, in ascending order of the token ids.
    ///
    /// # Panics
    /// If `row` is not below [`rows`](Self::rows).
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.vocab_size..(row + 1) * self.vocab_size]
    }

    /// Returns all values as one slice, row after row, `[rows, vocab_size]`.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns the digest of all rows: BLAKE3 under `nmk.logits.tensor.v1` over the number of rows and the vocabulary's size
    /// (u64 each) and all values row by row (f32), little-endian.
    #[must_use]
    pub fn tensor_digest(&self) -> Digest {
        let shape = [self.rows() as u64, self.vocab_size as u64].map(u64::to_le_bytes);
        Digest::of_parts(TENSOR_DOMAIN, [&shape[0][..], &shape[1], &self.bytes()])
    }

    /// Returns the bytes of a safetensors file with one tensor, `logits`, f32, `[rows, vocab_size]`.
    ///
    /// # Panics
    /// Never: the shape is that of the values.
    #[must_use]
    pub fn to_safetensors(&self) -> Vec<u8> {
        let bytes = self.bytes();
        let view = TensorView::new(Dtype::F32, vec![self.rows(), self.vocab_size], &bytes);
        let view = view.expect("the shape is that of the values");
        safetensors::serialize([("logits", view)], None).expect("one tensor of a checked shape")
    }

    fn bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Returns the rows of `self` followed by those of `next`, which come from the same model.
    ///
    /// # Panics
    /// If the vocabularies differ.
    #[must_use]
    pub fn followed_by(mut self, next: &Self) -> Self {
        assert_eq!(self.vocab_size, next.vocab_size, "logits of one model");
        self.values.extend_from_slice(&next.values);
        self
    }

    /// Returns the id with the largest logit in a row; of equal logits, the lowest id.
    ///
    /// # Panics
    /// If `row` is not below [`rows`](Self::rows).
    #[must_use]
    pub fn argmax(&self, row: usize) -> u32 {
        largest(self.row(row))
    }

    /// Returns the digest of one row: BLAKE3 under `nmk.logits.v1` over its values, f32 little-endian.
    ///
    /// # Panics
    /// If `row` is not below [`rows`](Self::rows).
    #[must_use]
    pub fn digest(&self, row: usize) -> Digest {
        let bytes: Vec<u8> = self.row(row).iter().flat_map(|value| value.to_le_bytes()).collect();
        Digest::of(LOGITS_DOMAIN, &bytes)
    }
}

/// One sequence of tokens with its keys and values, by absolute position.
///
/// The logits at a position are a pure function of the model and of the history up to that position. Chunks, forks and
/// rewinds change no bit.
pub struct Session<B: Backend> {
    pub(crate) model: Arc<Model<B>>,
    pub(crate) tables: Vec<PageTable<B>>,
    pub(crate) history: History,
}

impl<B: Backend> Session<B> {
    /// Opens an empty session at position 0, which holds no pages yet.
    #[must_use]
    pub fn open(model: &Arc<Model<B>>) -> Self {
        let table = PageTable::new(model.layout());
        let tables = vec![table; model.config().layers.len()];
        Self { model: Arc::clone(model), tables, history: History::default() }
    }

    /// Returns the model that the session runs on and shares with others.
    #[must_use]
    pub fn model(&self) -> &Arc<Model<B>> {
        &self.model
    }

    /// Returns the number of tokens that the session holds, which is the position of the next token.
    #[must_use]
    pub fn position(&self) -> usize {
        self.history.len()
    }

    /// Returns the input of each position, a token or an injected row, in ascending order.
    pub fn history(&self) -> impl Iterator<Item = Step> {
        self.history.steps()
    }

    /// Returns the positions at which traps changed a pass, in ascending order, with the digest of each edit. The logits at
    /// a position are a function of the model, and of the history and the edits up to that position.
    pub fn edits(&self) -> impl Iterator<Item = (usize, Digest)> {
        self.history.edits()
    }

    /// Appends `tokens` and returns the wanted logits. Row `i` predicts the token after `tokens[i]`; the only row of
    /// [`Want::Last`] predicts the token after the last one.
    ///
    /// # Errors
    /// [`SessionError`] for no tokens, a token outside the vocabulary, a full context, or values that are not finite. The
    /// session is then unchanged.
    pub fn prefill(&mut self, tokens: &[u32], want: Want) -> Result<Logits, SessionError> {
        self.prefill_trapped(tokens, want, &mut NoTraps)
    }

    /// Appends `tokens` as [`prefill`](Self::prefill) does, with traps at the sites of the pass.
    ///
    /// # Errors
    /// As [`prefill`](Self::prefill), and [`SessionError::FewExperts`] if a trap leaves fewer experts than a token uses.
    pub fn prefill_trapped<T: Traps<B>>(
        &mut self,
        tokens: &[u32],
        want: Want,
        traps: &mut T,
    ) -> Result<Logits, SessionError> {
        self.check(tokens)?;
        self.check_experts(tokens.len(), traps)?;
        let x = self.model.embedded(tokens);
        self.advance(x, tokens.iter().copied().map(Step::Token), want, traps)
    }

    /// Appends rows in place of the embeddings of tokens, `[rows, hidden_size]`, and returns the wanted logits. A row that
    /// equals the embedding of a token gives the same bits as that token.
    ///
    /// # Errors
    /// [`SessionError`] for no rows, a part of a row, a value that is not finite, a full context, or values that become
    /// infinite or NaN in the pass. The session is then unchanged.
    pub fn inject(&mut self, embeddings: &[f32], want: Want) -> Result<Logits, SessionError> {
        self.inject_trapped(embeddings, want, &mut NoTraps)
    }

    /// Appends rows as [`inject`](Self::inject) does, with traps at the sites of the pass.
    ///
    /// # Errors
    /// As [`inject`](Self::inject), and [`SessionError::FewExperts`] if a trap leaves fewer experts than a row uses.
    pub fn inject_trapped<T: Traps<B>>(
        &mut self,
        embeddings: &[f32],
        want: Want,
        traps: &mut T,
    ) -> Result<Logits, SessionError> {
        let width = self.model.config.hidden_size;
        self.check_rows(embeddings, width)?;
        self.check_experts(embeddings.len() / width, traps)?;
        let x = self.model.backend.rows(width, embeddings.to_vec());
        self.advance(x, embeddings.chunks_exact(width).map(Step::injected), want, traps)
    }

    /// Appends one token and returns the logits that predict the next one.
    ///
    /// # Errors
    /// As [`prefill`](Self::prefill).
    pub fn decode(&mut self, token: u32) -> Result<Logits, SessionError> {
        self.prefill(&[token], Want::Last)
    }

    /// Forgets the tokens from position `to` on, so that the next token gets that position.
    ///
    /// # Errors
    /// [`SessionError::RewindAhead`] if `to` is beyond the position. [`SessionError::RewindTooFar`] if a sliding-window layer
    /// has dropped keys that are needed there, which never happens within [`REWIND_HORIZON`].
    pub fn rewind(&mut self, to: usize) -> Result<(), SessionError> {
        if to > self.position() {
            return Err(SessionError::RewindAhead { to, position: self.position() });
        }
        let earliest = self.earliest();
        if to < earliest {
            return Err(SessionError::RewindTooFar { to, earliest });
        }
        self.history.truncate(to);
        self.truncate_tables();
        Ok(())
    }

    /// Returns a second session with the same history. The two share their pages until either writes.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { model: Arc::clone(&self.model), tables: self.tables.clone(), history: self.history.clone() }
    }

    /// Runs the rows `x` at the next positions.
    fn advance<T: Traps<B>>(
        &mut self,
        x: B::Rows,
        steps: impl ExactSizeIterator<Item = Step>,
        want: Want,
        traps: &mut T,
    ) -> Result<Logits, SessionError> {
        let model = Arc::clone(&self.model);
        let logits = model.forward(&mut [self.sequence(steps.len(), want)], x, std::slice::from_mut(traps));
        if logits.is_err() {
            self.truncate_tables();
            traps.rewound(self.position());
        }
        let values = model.backend.read(&logits?);
        self.settle(steps, traps);
        Ok(Logits::new(model.config.vocab_size, values))
    }

    /// The part of this session in a pass that adds `rows` rows.
    pub(crate) fn sequence(&mut self, rows: usize, want: Want) -> Sequence<'_, B> {
        let chunk = Chunk { first: self.position(), rows, want };
        Sequence { tables: &mut self.tables, chunk }
    }

    /// Notes the steps that a pass has written, and the edits of traps in it.
    pub(crate) fn settle<T: Traps<B>>(&mut self, steps: impl Iterator<Item = Step>, traps: &T) {
        let first = self.position();
        self.history.extend(steps);
        for position in first..self.position() {
            if let Some(edit) = traps.edit(position) {
                self.history.edit(position, edit);
            }
        }
        self.drop_behind_windows();
    }

    pub(crate) fn check_experts<T: Traps<B>>(&self, rows: usize, traps: &T) -> Result<(), SessionError> {
        let (router, first) = (&self.model.config.router, self.position());
        for layer in 0..self.model.config.layers.len() {
            for position in first..first + rows {
                let Some(mask) = traps.experts(layer, position) else { continue };
                let (left, experts) = (mask.count(), mask.allowed().len());
                if left < router.chosen || experts != router.experts {
                    return Err(SessionError::FewExperts { layer, left, chosen: router.chosen });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn check(&self, tokens: &[u32]) -> Result<(), SessionError> {
        if tokens.is_empty() {
            return Err(SessionError::Empty);
        }
        let vocab_size = self.model.config.vocab_size;
        if let Some(index) = tokens.iter().position(|token| *token as usize >= vocab_size) {
            return Err(SessionError::TokenOutOfVocabulary { token: tokens[index], index, vocab_size });
        }
        self.check_room(tokens.len())
    }

    fn check_rows(&self, embeddings: &[f32], width: usize) -> Result<(), SessionError> {
        if embeddings.is_empty() {
            return Err(SessionError::Empty);
        }
        if !embeddings.len().is_multiple_of(width) {
            return Err(SessionError::InjectedWidth { values: embeddings.len(), width });
        }
        if let Some(at) = embeddings.iter().position(|value| !value.is_finite()) {
            return Err(SessionError::InjectedNonFinite { row: at / width, index: at % width });
        }
        self.check_room(embeddings.len() / width)
    }

    fn check_room(&self, added: usize) -> Result<(), SessionError> {
        let (position, capacity) = (self.position(), self.model.config.max_positions);
        if added > capacity - position {
            return Err(SessionError::ContextOverflow { position, added, capacity });
        }
        Ok(())
    }

    /// The earliest position at which every layer still holds all keys that a query there sees.
    fn earliest(&self) -> usize {
        let layers = self.model.config.layers.iter().zip(&self.tables);
        layers
            .map(|(layer, table)| match (layer.window, table.first_position()) {
                (Some(window), first) if first > 0 => first + window - 1,
                _ => 0,
            })
            .max()
            .unwrap_or(0)
    }

    pub(crate) fn truncate_tables(&mut self) {
        let position = self.position();
        self.tables.iter_mut().for_each(|table| table.truncate(position));
    }

    fn drop_behind_windows(&mut self) {
        let position = self.position();
        for (layer, table) in self.model.config.layers.iter().zip(&mut self.tables) {
            if let Some(window) = layer.window {
                table.drop_before((position + 1).saturating_sub(window + REWIND_HORIZON));
            }
        }
    }
}
