//! The count of comparisons and of the bits that differed.

use neural::{Backend, Session, Snapshot};

use crate::subject::Subject;

/// The comparisons that a battery has made so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Number of comparisons that were made.
    pub(crate) cases: u64,
    /// Number of comparisons that could be made.
    pub(crate) possible: u64,
    /// Number of bits that differed, over all comparisons.
    pub(crate) residual_bits: u64,
}

impl Tally {
    /// Compares the logits and the session of a schedule with those of the subject. The logits `found` may
    /// begin at a later position than the subject's.
    pub(crate) fn compare<B: Backend>(&mut self, found: &[u32], session: &Session<B>, subject: &Subject) {
        let from = subject.logits.len().saturating_sub(found.len());
        self.compare_with(found, &session.snapshot(), &subject.logits[from..], &subject.snapshot);
    }

    /// Compares logits and a session with others.
    pub(crate) fn compare_with(
        &mut self,
        found: &[u32],
        held: &Snapshot,
        expected: &[u32],
        expected_held: &Snapshot,
    ) {
        self.cases += 1;
        self.possible += 1;
        self.residual_bits += differing(found, expected) + differing_sessions(held, expected_held);
    }

    /// Counts a condition without bits of its own: if it is not met, one bit counts as differing.
    pub(crate) fn require(&mut self, met: bool) {
        self.cases += 1;
        self.possible += 1;
        self.residual_bits += u64::from(!met);
    }

    /// Adds the comparisons of another tally.
    pub(crate) fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.possible += other.possible;
        self.residual_bits += other.residual_bits;
    }
}

/// Returns the number of bits in which two sequences of words differ. A missing word differs in all of its
/// bits.
pub(crate) fn differing(found: &[u32], expected: &[u32]) -> u64 {
    let missing = found.len().abs_diff(expected.len()) as u64 * 32;
    found.iter().zip(expected).map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>() + missing
}

/// Returns the number of bits in which two texts differ. A missing byte differs in all of its bits.
pub(crate) fn differing_bytes(found: &[u8], expected: &[u8]) -> u64 {
    let missing = found.len().abs_diff(expected.len()) as u64 * 8;
    found.iter().zip(expected).map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>() + missing
}

/// Returns the number of bits in which two sessions differ: over all keys and values that both hold, and one
/// bit if their histories differ. The sessions may hold different pages behind a window.
fn differing_sessions(found: &Snapshot, expected: &Snapshot) -> u64 {
    let same = found.history() == expected.history() && found.edits() == expected.edits();
    let page_bytes = found.page_bytes();
    let mut bits = u64::from(!same || page_bytes != expected.page_bytes());
    for ((first, pages), (other_first, other_pages)) in found.layers().zip(expected.layers()) {
        let start = first.max(other_first);
        let held = |first: usize, pages| held_from(start - first, pages, page_bytes);
        bits += differing_bytes(held(first, pages), held(other_first, other_pages));
    }
    bits
}

/// Returns the pages from the one `positions` after the first on.
fn held_from(positions: usize, pages: &[u8], page_bytes: usize) -> &[u8] {
    pages.get(positions / neural::PAGE * page_bytes..).unwrap_or_default()
}

/// Returns the number of bits in which keys and values differ, whatever the histories are.
pub(crate) fn differing_pages(found: &Snapshot, expected: &Snapshot) -> u64 {
    found.layers().zip(expected.layers()).map(|((_, a), (_, b))| differing_bytes(a, b)).sum()
}
