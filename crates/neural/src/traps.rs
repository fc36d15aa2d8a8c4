//! Traps: code that watches or changes a forward pass, and the choice of tokens after it.
//!
//! The decoder is generic over its traps: with [`NoTraps`] every site compiles to nothing. A trap sees the
//! values of a chunk by absolute position. Its answer in a pass may depend on the position and on the values
//! at that position. If the trap says that it is [sequential](Traps::sequential), its answer may depend on
//! the committed tokens too. Any other dependence would make the answer change with the split into chunks.

mod entropy;
mod gateway;
mod injection;
mod isolation;
mod plane;
mod token_mask;

pub use entropy::EntropyTap;
pub use gateway::{Gateway, GatewayError, GatewayWeights};
pub use injection::Injection;
pub use isolation::{ExpertMask, Isolation};
pub use plane::{CommitTrap, TrapPlane};
pub use token_mask::TokenMask;

use abi::Digest;

use crate::backend::{Backend, ExpertShare};

/// A trap: code that watches or changes a forward pass at its [sites](PassSite), and that decides about each
/// token after it was chosen. The decoder calls the methods; by default each of them does nothing.
///
/// A method for the forward pass gets the rows of a chunk, and the position `first` of the first row.
pub trait Traps<B: Backend> {
    /// Returns true if this trap does nothing at `site` in the next pass. The decoder skips a site that every
    /// sequence of the pass ignores. Returning false is always correct; it only costs time.
    fn ignores(&self, _site: PassSite) -> bool {
        false
    }

    /// Watches or changes the rows that the embedding gave, before the first block.
    fn entry(&mut self, _backend: &B, _first: usize, _rows: &mut B::Rows) {}

    /// Watches or changes the residual after block number `layer`, row by row.
    fn block(&mut self, _backend: &B, _layer: usize, _first: usize, _rows: &mut B::Rows) {}

    /// Returns the experts that the router of `layer` may choose at `position`; `None` if it may choose any.
    /// The session refuses the pass if the mask allows fewer experts than one token uses.
    fn experts(&self, _layer: usize, _position: usize) -> Option<&ExpertMask> {
        None
    }

    /// Watches the router of `layer`: its outputs, `[rows, experts]`, and the experts that it chose for each
    /// row.
    fn routed(
        &mut self,
        _backend: &B,
        _layer: usize,
        _first: usize,
        _outputs: &B::Rows,
        _chosen: &[Vec<ExpertShare>],
    ) {
    }

    /// Returns a digest of the change that this trap makes in the forward pass at `position`, which the
    /// session's history records. Returns `None` if the bits are the same without the trap.
    fn edit(&self, _position: usize) -> Option<Digest> {
        None
    }

    /// Returns true if the work of this trap in a forward pass depends on committed tokens. Every pass after
    /// the prompt then computes one token, and no tokens are drafted ahead.
    fn sequential(&self) -> bool {
        false
    }

    /// Watches the logits from which the token at `position` is chosen, before [`mask`](Self::mask) is asked.
    fn weigh(&mut self, _position: usize, _logits: &[f32]) {}

    /// Returns the tokens that may not be chosen at `position`; `None` if all may. Earlier tokens are
    /// committed by then.
    fn mask(&mut self, _position: usize) -> Option<&TokenMask> {
        None
    }

    /// Returns an earlier position at which another token is to be chosen, because `wanted`, which would be chosen at
    /// `position` without a mask, may not be. The tokens from there on must be held. Returns None if another token is
    /// to be chosen at `position` itself. The trap must bound how often it returns a position, so that the answer comes to
    /// an end.
    fn reconsider(&mut self, _position: usize, _wanted: u32) -> Option<usize> {
        None
    }

    /// Decides what happens to the token that was chosen at `position`, before anyone sees it. End tokens are
    /// not passed here.
    fn commit(&mut self, _position: usize, _token: u32) -> Commit {
        Commit::Visible
    }

    /// Returns true if the answer may end here. A stop sequence cuts the last `cut` bytes off the answer;
    /// otherwise `cut` is 0. If true, held tokens become part of the answer. If false, they are dropped, and
    /// an end by a stop sequence is the error
    /// [`SessionError::NothingAllowed`](crate::SessionError::NothingAllowed).
    fn finish(&mut self, _cut: usize) -> bool {
        true
    }

    /// Forgets the passes over positions from `to` on: a draft there was rejected, or the session was
    /// rewound.
    fn rewound(&mut self, _to: usize) {}

    /// Forgets the tokens that were committed at positions from `to` on and are now rolled back.
    fn retracted(&mut self, _to: usize) {}
}

/// A site of the forward pass: a place at which the decoder calls [`Traps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassSite {
    /// After the embedding, before the first block.
    Entry,
    /// After the block with this index, from 0.
    Block(usize),
    /// At the router of the layer with this index, from 0.
    Router(usize),
}

/// The decision of a trap about a token that was chosen: shown, held back, or the end of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// A commit point: this token and all held ones before it become part of the answer and are shown.
    Visible,
    /// A commit point before this token: all held ones before it are shown, and this one is held.
    Begins,
    /// The token is held until a later commit point; nobody sees it before.
    Held,
    /// The answer ends at the last commit point; this token and all held ones are rolled back.
    Halt,
    /// A commit point after which the answer is parked: the session can go on from this token later.
    Park,
}

impl Commit {
    /// Returns the stricter of two decisions: `Halt` before `Held`, `Held` before `Begins`, `Begins` before `Park`,
    /// `Park` before `Visible`.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let rank = |commit| match commit {
            Self::Visible => 0,
            Self::Park => 1,
            Self::Begins => 2,
            Self::Held => 3,
            Self::Halt => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// Traps that do nothing: every site compiles to nothing, and the decoder runs as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTraps;

impl<B: Backend> Traps<B> for NoTraps {
    fn ignores(&self, _: PassSite) -> bool {
        true
    }
}

impl<B: Backend, T: Traps<B>> Traps<B> for &mut T {
    fn ignores(&self, site: PassSite) -> bool {
        (**self).ignores(site)
    }

    fn entry(&mut self, backend: &B, first: usize, rows: &mut B::Rows) {
        (**self).entry(backend, first, rows);
    }

    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        (**self).block(backend, layer, first, rows);
    }

    fn experts(&self, layer: usize, position: usize) -> Option<&ExpertMask> {
        (**self).experts(layer, position)
    }

    fn routed(
        &mut self,
        backend: &B,
        layer: usize,
        first: usize,
        outputs: &B::Rows,
        chosen: &[Vec<ExpertShare>],
    ) {
        (**self).routed(backend, layer, first, outputs, chosen);
    }

    fn edit(&self, position: usize) -> Option<Digest> {
        (**self).edit(position)
    }

    fn sequential(&self) -> bool {
        (**self).sequential()
    }

    fn weigh(&mut self, position: usize, logits: &[f32]) {
        (**self).weigh(position, logits);
    }

    fn mask(&mut self, position: usize) -> Option<&TokenMask> {
        (**self).mask(position)
    }

    fn reconsider(&mut self, position: usize, wanted: u32) -> Option<usize> {
        (**self).reconsider(position, wanted)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        (**self).commit(position, token)
    }

    fn finish(&mut self, cut: usize) -> bool {
        (**self).finish(cut)
    }

    fn rewound(&mut self, to: usize) {
        (**self).rewound(to);
    }

    fn retracted(&mut self, to: usize) {
        (**self).retracted(to);
    }
}

/// Returns `x + d`, and `x` itself if `d` is zero, so that a negative zero survives.
pub(crate) fn added(x: f32, d: f32) -> f32 {
    if d == 0.0 { x } else { x + d }
}
