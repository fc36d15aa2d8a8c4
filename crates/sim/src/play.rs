//! Seeds, one after the other, and the shortest way to what went wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Coverage, Violation, driver_game, kernel_game};

/// A seed at which a promise was not kept.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// Which game.
    pub game: &'static str,
    /// What was not kept.
    pub violation: Violation,
    /// The moves that lead to it, the others left out.
    pub trace: Vec<String>,
}

/// What came of playing seeds.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Seeds played.
    pub seeds: u64,
    /// What they have been through.
    pub coverage: Coverage,
    /// The first failures.
    pub failures: Vec<Failure>,
}

type Game = fn(u64, &dyn Fn(usize) -> bool, &mut Coverage, &mut Vec<String>) -> Result<(), Violation>;

const GAMES: [(&str, Game); 2] = [("kernel", kernel_game), ("driver", driver_game)];

/// The most moves of a game.
const MOVES: usize = 100;

/// Plays both games of the seeds `from..to`, and stops at the first failure.
#[must_use]
pub fn play(from: u64, to: u64) -> Summary {
    let mut summary = Summary::default();
    for seed in from..to {
        summary.seeds += 1;
        for (name, game) in GAMES {
            if let Err(violation) = run(game, seed, &|_| true, &mut summary.coverage, &mut Vec::new()) {
                summary.failures.push(shrunk(name, game, seed, violation));
                return summary;
            }
        }
    }
    summary
}

/// A game, with a panic as a violation: the core panics only where its own promises are broken.
fn run(
    game: Game,
    seed: u64,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<(), Violation> {
    let played = catch_unwind(AssertUnwindSafe(|| game(seed, keep, coverage, trace)));
    played.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation(format!("a panic: {}", text.unwrap_or_default())))
    })
}

/// Leaves out every move without which the promise is broken all the same.
fn shrunk(name: &'static str, game: Game, seed: u64, violation: Violation) -> Failure {
    let mut kept = vec![true; MOVES];
    let breaks = |kept: &[bool], trace: &mut Vec<String>| {
        let keep = |index: usize| kept.get(index).copied().unwrap_or(true);
        run(game, seed, &keep, &mut Coverage::default(), trace).err()
    };
    let mut last = violation;
    let mut size = MOVES / 2;
    while size > 0 {
        for start in (0..MOVES).step_by(size) {
            let mut fewer = kept.clone();
            fewer[start..(start + size).min(MOVES)].fill(false);
            if fewer != kept
                && let Some(violation) = breaks(&fewer, &mut Vec::new())
            {
                (kept, last) = (fewer, violation);
            }
        }
        size /= 2;
    }
    let mut trace = Vec::new();
    if let Some(violation) = breaks(&kept, &mut trace) {
        last = violation;
    }
    Failure { seed, game: name, violation: last, trace }
}
