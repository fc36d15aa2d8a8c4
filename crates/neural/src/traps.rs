//! Where a forward pass and the choice after it can be watched and changed.
//!
//! The decoder is generic over its traps: with [`NoTraps`] every site compiles to nothing. A trap sees the
//! values of a chunk by absolute position; what it answers may depend on the position, on the values at that
//! position, and on what was committed before the chunk if it says that it is [sequential](Traps::sequential),
//! and on nothing else, or the answer would change with the split into chunks.

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

/// Hooks of the forward pass, each with the position of the chunk's first row, and of the choice of tokens. All do
/// nothing by default.
pub trait Traps<B: Backend> {
    /// Whether it neither looks at nor changes anything at `site` of the next pass: where no sequence of a pass does,
    /// the site is passed over, and no rows are set apart. To say no costs time and changes nothing.
    fn ignores(&self, _site: PassSite) -> bool {
        false
    }

    /// The rows after the embedding.
    fn entry(&mut self, _backend: &B, _first: usize, _rows: &mut B::Rows) {}

    /// The residual after the block `layer`.
    fn block(&mut self, _backend: &B, _layer: usize, _first: usize, _rows: &mut B::Rows) {}

    /// The experts that the router of `layer` may choose at `position`; none for all of them. There are as many of
    /// them at least as one token uses.
    fn experts(&self, _layer: usize, _position: usize) -> Option<&ExpertMask> {
        None
    }

    /// The router's outputs `[rows, experts]` at `layer`, and what was chosen.
    fn routed(
        &mut self,
        _backend: &B,
        _layer: usize,
        _first: usize,
        _outputs: &B::Rows,
        _chosen: &[Vec<ExpertShare>],
    ) {
    }

    /// What it changes in the forward pass at `position`, for the history of the session; none where the bits are
    /// those without it.
    fn edit(&self, _position: usize) -> Option<Digest> {
        None
    }

    /// Whether what it does in a forward pass depends on the tokens that were committed. Then each pass after the
    /// prompt is over one token, and nothing is drafted ahead.
    fn sequential(&self) -> bool {
        false
    }

    /// The tokens that may not be chosen at `position`; none where all may. What was committed before is known.
    fn mask(&mut self, _position: usize) -> Option<&TokenMask> {
        None
    }

    /// The token that was chosen at `position`, before anyone sees it. An end token is not shown here.
    fn commit(&mut self, _position: usize, _token: u32) -> Commit {
        Commit::Visible
    }

    /// Whether the answer may end here: the tokens that are held are then part of it, and dropped otherwise. Where a
    /// stop sequence cuts bytes off its end, an answer that may not end there is an error.
    fn finish(&mut self, _cut: usize) -> bool {
        true
    }

    /// What was computed at positions from `to` on is forgotten: it belonged to a draft, or was rewound.
    fn rewound(&mut self, _to: usize) {}

    /// What was committed at positions from `to` on is forgotten: it was rolled back.
    fn retracted(&mut self, _to: usize) {}
}

/// Where traps are met in a forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassSite {
    /// After the embedding.
    Entry,
    /// After the block of this index.
    Block(usize),
    /// At the router of the layer of this index.
    Router(usize),
}

/// What becomes of a token that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// A commit point: it and all that were held before it are part of the answer, and shown.
    Visible,
    /// It is held until a later commit point; nobody sees it before.
    Held,
    /// The answer ends at the last commit point; this token and those that are held are rolled back.
    Halt,
    /// A commit point, after which the answer is parked: the session can be asked to go on from this token.
    Park,
}

impl Commit {
    /// What holds where two traps decide: to halt before to hold, and that before a commit point.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let rank = |commit| match commit {
            Self::Visible => 0,
            Self::Park => 1,
            Self::Held => 2,
            Self::Halt => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// The decoder as it is.
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

    fn mask(&mut self, position: usize) -> Option<&TokenMask> {
        (**self).mask(position)
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

/// `x + d`, and `x` itself, negative zero too, where `d` is zero.
pub(crate) fn added(x: f32, d: f32) -> f32 {
    if d == 0.0 { x } else { x + d }
}
