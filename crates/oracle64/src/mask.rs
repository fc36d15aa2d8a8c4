//! The experts that may be routed to.

use std::collections::BTreeSet;

use crate::error::Error;

/// The experts that every router of a model may choose from.
///
/// The others take no part in a softmax and are never chosen; where fewer are left than a token would
/// choose, it takes all that are left.
#[derive(Clone, Debug)]
pub struct ExpertMask(Option<BTreeSet<usize>>);

impl ExpertMask {
    /// Every expert.
    #[must_use]
    pub fn all() -> Self {
        Self(None)
    }

    /// These experts, counted from 0.
    #[must_use]
    pub fn only(experts: impl IntoIterator<Item = usize>) -> Self {
        Self(Some(experts.into_iter().collect()))
    }

    /// The experts of `count` that are left, ascending; checked, so never none.
    pub(crate) fn left(&self, count: usize) -> Result<Vec<usize>, Error> {
        let Some(set) = &self.0 else { return Ok((0..count).collect()) };
        match set.last() {
            None => Err(Error::NoExpertLeft),
            Some(last) if *last >= count => Err(Error::Expert { expert: *last, experts: count }),
            Some(_) => Ok(set.iter().copied().collect()),
        }
    }
}
