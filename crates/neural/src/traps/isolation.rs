//! Isolation: routing that is restricted to a subset of the experts.

use std::ops::Range;

use abi::Digest;

use crate::backend::Backend;
use crate::traps::{PassSite, Traps};

/// Domain of the digest of an isolation's changes.
const EDIT_DOMAIN: &str = "nmk.edit.isolation.v1";

/// The set of experts that a router may choose, which is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpertMask {
    /// For each expert, true if the router may choose it.
    allowed: Vec<bool>,
}

impl ExpertMask {
    /// Creates a mask over `experts` experts that allows those in `allowed`, by index. Returns `None` if
    /// `allowed` is empty, or if an index is not below `experts`.
    #[must_use]
    pub fn new(experts: usize, allowed: &[usize]) -> Option<Self> {
        if allowed.is_empty() || allowed.iter().any(|expert| *expert >= experts) {
            return None;
        }
        Some(Self { allowed: (0..experts).map(|expert| allowed.contains(&expert)).collect() })
    }

    /// Returns for each expert, by index, true if the router may choose it.
    #[must_use]
    pub fn allowed(&self) -> &[bool] {
        &self.allowed
    }

    /// Returns the number of experts that the router may choose.
    #[must_use]
    pub fn count(&self) -> usize {
        self.allowed.iter().filter(|allowed| **allowed).count()
    }
}

/// A [trap](Traps) that restricts routing to some of the experts, in every sparse layer, at a range of
/// positions. If the range covers all positions, the result equals, bit for bit, that of a model that has
/// only those experts.
#[derive(Clone, Debug)]
pub struct Isolation {
    mask: ExpertMask,
    positions: Range<usize>,
    /// The digest of the mask; `None` if it allows every expert, and so changes nothing.
    edit: Option<Digest>,
}

impl Isolation {
    /// Creates a trap that restricts routing to the experts of `mask` at `positions`. At other positions the
    /// router may choose any expert.
    #[must_use]
    pub fn new(mask: ExpertMask, positions: Range<usize>) -> Self {
        let allowed: Vec<u8> = mask.allowed().iter().map(|allowed| u8::from(*allowed)).collect();
        let edit = (mask.count() < allowed.len()).then(|| Digest::hash(EDIT_DOMAIN, &allowed));
        Self { mask, positions, edit }
    }

    /// Creates a trap that restricts routing to the experts of `mask` at every position of a sequence.
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
