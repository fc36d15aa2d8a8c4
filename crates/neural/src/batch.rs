//! Several sequences in one pass.
//!
//! A joint pass reads the weights once for all sequences. Every operation works row by row, and attention
//! reads the pages of the row's own sequence, so the bits of a sequence do not depend on the others in the
//! pass.

use std::sync::Arc;

use crate::backend::Backend;
use crate::decoder::{NonFinite, Sequence, Want};
use crate::history::Step;
use crate::model::Model;
use crate::session::{Logits, Session, SessionError};
use crate::traps::{NoTraps, Traps};

/// The part of one sequence in a joint pass: its session, its next tokens, and the logits that are wanted.
pub struct Turn<'a, B: Backend> {
    /// The session that the tokens are appended to.
    pub session: &'a mut Session<B>,
    /// The tokens that this pass appends, one at least.
    pub tokens: &'a [u32],
    /// The rows of logits that the pass returns for this turn.
    pub want: Want,
}

/// Prefills several sessions in one pass, and returns for each turn what [`Session::prefill`] returns.
/// Positions and numbers of tokens may differ. A session of another model than the first one's is computed by
/// itself.
///
/// A turn that fails, because it is refused or its values are not finite, leaves its own session unchanged
/// and does not affect the others.
pub fn prefill_together<B: Backend>(turns: &mut [Turn<'_, B>]) -> Vec<Result<Logits, SessionError>> {
    let mut traps = vec![NoTraps; turns.len()];
    prefill_together_trapped(turns, &mut traps)
}

/// Prefills several sessions in one pass as [`prefill_together`] does. The traps at each index belong to the
/// turn at the same index.
///
/// # Panics
/// If the numbers of traps and turns differ.
pub fn prefill_together_trapped<B: Backend, T: Traps<B>>(
    turns: &mut [Turn<'_, B>],
    traps: &mut [T],
) -> Vec<Result<Logits, SessionError>> {
    assert_eq!(turns.len(), traps.len(), "each turn has its traps");
    let Some(model) = turns.first().map(|turn| Arc::clone(turn.session.model())) else { return Vec::new() };
    let fits = |(turn, traps): (&Turn<'_, B>, &T)| {
        let session = &turn.session;
        Arc::ptr_eq(session.model(), &model)
            && session.check(turn.tokens).is_ok()
            && session.check_experts(turn.tokens.len(), traps).is_ok()
    };
    let fitting: Vec<bool> = turns.iter().zip(traps.iter()).map(fits).collect();
    let chosen = turns.iter_mut().zip(traps.iter_mut()).zip(&fitting).filter(|(_, fits)| **fits);
    let (mut joint, mut theirs): (Vec<_>, Vec<_>) = chosen.map(|(turn, _)| turn).unzip();
    // If the joint pass failed, each turn is computed by itself, which shows whose values are not finite.
    let mut done = pass(&model, &mut joint, &mut theirs).unwrap_or_default().into_iter();
    let outcome = |((turn, traps), fits): ((&mut Turn<'_, B>, &mut T), bool)| match if fits {
        done.next()
    } else {
        None
    } {
        Some(logits) => Ok(logits),
        None => turn.session.prefill_trapped(turn.tokens, turn.want, traps),
    };
    turns.iter_mut().zip(traps).zip(fitting).map(outcome).collect()
}

/// Computes the joint pass. If it fails, every session is unchanged.
fn pass<B: Backend, T: Traps<B>>(
    model: &Model<B>,
    turns: &mut [&mut Turn<'_, B>],
    traps: &mut [&mut T],
) -> Result<Vec<Logits>, NonFinite> {
    let tokens: Vec<u32> = turns.iter().flat_map(|turn| turn.tokens).copied().collect();
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let sequences = turns.iter_mut().map(|turn| turn.session.sequence(turn.tokens.len(), turn.want));
    let mut sequences: Vec<Sequence<'_, B>> = sequences.collect();
    let logits = model.forward(&mut sequences, model.embedded(&tokens), traps);
    if logits.is_err() {
        for (turn, traps) in turns.iter_mut().zip(traps.iter_mut()) {
            turn.session.truncate_tables();
            traps.rewound(turn.session.position());
        }
    }
    let values = model.backend.read(&logits?);
    let mut rest = values.as_slice();
    let settle = |(turn, traps): (&mut &mut Turn<'_, B>, &&mut T)| {
        let count = turn.want.rows(turn.tokens.len()) * model.config.vocab_size;
        let (own, others) = rest.split_at(count);
        rest = others;
        turn.session.settle(turn.tokens.iter().copied().map(Step::Token), *traps);
        Logits::new(model.config.vocab_size, own.to_vec())
    };
    Ok(turns.iter_mut().zip(traps.iter()).map(settle).collect())
}
