//! The look ahead of an answer under a schema in which a text is forbidden.
//!
//! Each trap allows a token by itself, and both together can leave nothing after it: of the documents `"salt"` and
//! `"oil"`, the beginning `"sa` has only one end. Such a token is left out before it is chosen.

use neural::{Commit, TokenMask};

use super::ShapedAnswer;
use crate::interrupt::Interrupt;

/// The most tokens that a schema may allow for a look ahead. Where it allows more, some of them go on.
const FEW: usize = 64;
/// The most tokens that are looked ahead.
const DEEP: usize = 32;
/// The most tokens that are tried for one choice.
const TRIES: u32 = 512;
/// The position of the first token that is tried, which no answer reaches.
const AHEAD: usize = usize::MAX / 2;

/// Returns the tokens that may not be chosen next, or None if the schema does not hold yet. A token after which
/// nothing can follow is among them.
pub(super) fn mask(interrupt: &mut Interrupt, shaped: &mut ShapedAnswer<'_>) -> Option<TokenMask> {
    let mut joined = both(interrupt, shaped)?;
    let open = open(&joined, shaped);
    if open.len() <= FEW {
        let mut tries = TRIES;
        for id in open {
            if leads_nowhere(interrupt, shaped, id, 0, &mut tries) {
                joined.forbid(id);
            }
        }
    }
    Some(joined)
}

/// Returns the tokens that one of the two traps forbids, or None if the schema does not hold yet.
fn both(interrupt: &mut Interrupt, shaped: &mut ShapedAnswer<'_>) -> Option<TokenMask> {
    let mut joined = shaped.mask()?.clone();
    if let Some(forbidden) = interrupt.mask() {
        joined.join(forbidden);
    }
    Some(joined)
}

fn open(mask: &TokenMask, shaped: &ShapedAnswer<'_>) -> Vec<u32> {
    (0..shaped.constraint.vocab_size()).filter(|id| mask.allows(*id)).take(FEW + 1).collect()
}

/// Returns true if no token can follow after `id`, or none that leads anywhere. Both traps are as before afterwards.
/// Returns false where the look ahead ends before that is known.
fn leads_nowhere(
    interrupt: &mut Interrupt,
    shaped: &mut ShapedAnswer<'_>,
    id: u32,
    depth: usize,
    tries: &mut u32,
) -> bool {
    if depth == DEEP || *tries == 0 {
        return false;
    }
    *tries -= 1;
    let position = AHEAD + depth;
    let is_taken =
        interrupt.commit(position, id) != Commit::Halt && shaped.commit(position, id) != Commit::Halt;
    // What neither trap takes ends the answer.
    let nowhere = is_taken
        && both(interrupt, shaped).is_some_and(|mask| {
            let next = open(&mask, shaped);
            next.len() <= FEW && next.iter().all(|id| leads_nowhere(interrupt, shaped, *id, depth + 1, tries))
        });
    interrupt.retract(position);
    shaped.retract(position);
    nowhere
}
