//! Routing restricted to a subset of the experts.

use std::ops::Range;

use abi::Digest;

use crate::backend::Backend;
use crate::traps::{PassSite, Traps};

/// Domain of the digest of what an isolation changes.
const EDIT_DOMAIN: &str = "nmk.edit.isolation.v1";

/// Experts that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpertMask {
    /// By expert, whether it may be chosen.
    allowed: Vec<bool>,
}

impl ExpertMask {
    /// A mask over `experts` experts that allows those in `allowed`. None if one of them is not below `experts`
    /// or none is allowed.
    #[must_use]
    pub fn new(experts: usize, allowed: &[usize]) -> Option<Self> {
        if allowed.is_empty() || allowed.iter().any(|expert| *expert >= experts) {
            return None;
        }
        Some(Self { allowed: (0..experts).map(|expert| allowed.contains(&expert)).collect() })
    }

    /// By expert, whether it may be chosen.
    #[must_use]
    pub fn allowed(&self) -> &[bool] {
        &self.allowed
    }

    /// How many may be chosen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.allowed.iter().filter(|allowed| **allowed).count()
    }
}

/// Routing restricted to a subset of the experts in every sparse layer, at a range of positions: bit for bit the
/// decoder that has only those, where the range is all of them.
#[derive(Clone, Debug)]
pub struct Isolation {
    mask: ExpertMask,
    positions: Range<usize>,
    /// None where the mask allows every expert.
    edit: Option<Digest>,
}

impl Isolation {
    /// The experts of `mask` alone at `positions`, all experts elsewhere.
    #[must_use]
    pub fn new(mask: ExpertMask, positions: Range<usize>) -> Self {
        let allowed: Vec<u8> = mask.allowed().iter().map(|allowed| u8::from(*allowed)).collect();
        let edit = (mask.count() < allowed.len()).then(|| Digest::of(EDIT_DOMAIN, &allowed));
        Self { mask, positions, edit }
    }

    /// The experts of `mask` alone at every position.
    #[must_use]
    pub fn everywhere(mask: ExpertMask) -> Self {
        Self::new(mask, 0..usize::MAX)
    }
}

impl<B: Backend> Traps<B> for Isolation {
    fn ignores(&self, site: PassSite) -> bool {
        !matches!(site, PassSite::Router(_))
    }

    fn experts(&self, _: usize, position: usize) -> Option<&ExpertMask> {
        self.positions.contains(&position).then_some(&self.mask)
    }

    fn edit(&self, position: usize) -> Option<Digest> {
        self.edit.filter(|_| self.positions.contains(&position))
    }
}
