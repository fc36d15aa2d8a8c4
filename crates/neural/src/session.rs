//! A session: one sequence of tokens, with its keys and values.

mod error;
mod logits;

pub use error::SessionError;
pub use logits::Logits;

use std::sync::Arc;

use abi::Digest;

use crate::backend::Backend;
use crate::decoder::{Chunk, Sequence, Want};
use crate::history::{History, Step};
use crate::model::Model;
use crate::pages::PageTable;
use crate::traps::{NoTraps, Traps};

/// The number of positions that a session can always be rewound by, even if its layers have windows shorter
/// than that.
pub const REWIND_HORIZON: usize = 256;

/// One sequence of tokens, with its keys and values by absolute position.
///
/// The logits at a position are a pure function of the model and of the history up to that position. No split
/// into chunks, fork or rewind changes a bit of them.
pub struct Session<B: Backend> {
    pub(crate) model: Arc<Model<B>>,
    pub(crate) tables: Vec<PageTable<B>>,
    pub(crate) history: History,
}

impl<B: Backend> Session<B> {
    /// Opens an empty session of a model: at position 0, and without any pages yet.
    #[must_use]
    pub fn open(model: &Arc<Model<B>>) -> Self {
        let table = PageTable::new(model.layout());
        let tables = vec![table; model.config().layers.len()];
        Self { model: Arc::clone(model), tables, history: History::default() }
    }

    /// Returns the model that the session runs on, which other sessions may share.
    #[must_use]
    pub fn model(&self) -> &Arc<Model<B>> {
        &self.model
    }

    /// Returns the number of positions that the session holds, which is the position of the next token.
    #[must_use]
    pub fn position(&self) -> usize {
        self.history.len()
    }

    /// Returns the input of each position, which is a token or an injected row, in ascending order.
    pub fn history(&self) -> impl Iterator<Item = Step> {
        self.history.steps()
    }

    /// Returns the positions at which [traps](Traps) changed a pass, in ascending order, with the digest of
    /// each change. The logits at a position are a function of the model, and of the history and these edits
    /// up to that position.
    pub fn edits(&self) -> impl Iterator<Item = (usize, Digest)> {
        self.history.edits()
    }

    /// Appends `tokens` and returns the wanted logits. Row `i` predicts the token after `tokens[i]`; the only
    /// row of [`Want::Last`] predicts the token after the last one.
    ///
    /// # Errors
    /// [`SessionError`] if there are no tokens, a token is not in the vocabulary, the context has no room for
    /// all of them, or values of the pass are not finite. The session is then unchanged.
    pub fn prefill(&mut self, tokens: &[u32], want: Want) -> Result<Logits, SessionError> {
        self.prefill_trapped(tokens, want, &mut NoTraps)
    }

    /// Appends `tokens` as [`prefill`](Self::prefill) does, and calls `traps` at the sites of the pass.
    ///
    /// # Errors
    /// [`SessionError`] as for [`prefill`](Self::prefill), and [`SessionError::FewExperts`] if a trap leaves
    /// fewer experts than a token uses.
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

    /// Appends rows that stand in place of the embeddings of tokens, `[rows, hidden_size]`, and returns the
    /// wanted logits. A row that equals the embedding of a token gives the same bits as that token.
    ///
    /// # Errors
    /// [`SessionError`] if there are no rows, the last row is incomplete, a value is not finite, the context
    /// has no room for all of them, or values of the pass become infinite or NaN. The session is then
    /// unchanged.
    pub fn inject(&mut self, embeddings: &[f32], want: Want) -> Result<Logits, SessionError> {
        self.inject_trapped(embeddings, want, &mut NoTraps)
    }

    /// Appends rows as [`inject`](Self::inject) does, and calls `traps` at the sites of the pass.
    ///
    /// # Errors
    /// [`SessionError`] as for [`inject`](Self::inject), and [`SessionError::FewExperts`] if a trap leaves
    /// fewer experts than a row uses.
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
    /// [`SessionError`] as for [`prefill`](Self::prefill). The session is then unchanged.
    pub fn decode(&mut self, token: u32) -> Result<Logits, SessionError> {
        self.prefill(&[token], Want::Last)
    }

    /// Forgets the tokens from position `to` on, so that the next token gets that position.
    ///
    /// # Errors
    /// [`SessionError::RewindAhead`] if `to` is beyond the session's position. [`SessionError::RewindTooFar`]
    /// if a sliding-window layer has dropped keys that a query at `to` sees, which never happens within
    /// [`REWIND_HORIZON`] positions. The session is then unchanged.
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

    /// Returns a second session with the same history. The two share their pages until one of them writes, so
    /// a fork is cheap.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { model: Arc::clone(&self.model), tables: self.tables.clone(), history: self.history.clone() }
    }

    /// Runs the rows `x` at the next positions of the session, and records their steps.
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

    /// Returns the part of this session in a pass that adds `rows` rows.
    pub(crate) fn sequence(&mut self, rows: usize, want: Want) -> Sequence<'_, B> {
        let chunk = Chunk { first: self.position(), rows, want };
        Sequence { tables: &mut self.tables, chunk }
    }

    /// Records the steps that a pass has written, and the edits that traps made in it.
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

    /// Returns the earliest position at which every layer still holds all keys that a query there sees.
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
