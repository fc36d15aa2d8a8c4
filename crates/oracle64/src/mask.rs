//! The restriction of routing to some of the experts of a model.

use std::collections::BTreeSet;

use crate::error::Error;

/// The experts that every router of a model may choose from.
///
/// All other experts take no part in a softmax and are never chosen. A token that would use more experts than
/// are left uses all that are left.
#[derive(Clone, Debug)]
pub struct ExpertMask(Option<BTreeSet<usize>>);

impl ExpertMask {
    /// Returns a mask that allows every expert, so that routing is not restricted.
    #[must_use]
    pub fn all() -> Self {
        Self(None)
    }

    /// Returns a mask that allows only these experts, counted from 0. The numbers are checked when the mask
    /// is used: an empty mask and an unknown expert are errors then.
    #[must_use]
    pub fn only(experts: impl IntoIterator<Item = usize>) -> Self {
        Self(Some(experts.into_iter().collect()))
    }

    /// Returns the allowed experts of `count`, in ascending order; at least one, because an empty mask is an
    /// error.
    pub(crate) fn left(&self, count: usize) -> Result<Vec<usize>, Error> {
        let Some(set) = &self.0 else { return Ok((0..count).collect()) };
        match set.last() {
            None => Err(Error::NoExpertLeft),
            Some(last) if *last >= count => Err(Error::Expert { expert: *last, experts: count }),
            Some(_) => Ok(set.iter().copied().collect()),
        }
    }
}
