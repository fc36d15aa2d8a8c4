//! The play of a range of seeds, and the reduction of a failed game to its shortest form.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Coverage, Violation, driver_game, kernel_game};

/// A game that broke a guarantee, reduced to the moves that lead there.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed of the game; the same seed plays the same game again.
    pub seed: u64,
    /// The name of the game: `kernel` or `driver`.
    pub game: &'static str,
    /// The guarantee that was broken in the reduced game.
    pub violation: Violation,
    /// A line for each move of the reduced game, in order. Moves that the failure does not need are left out.
    pub trace: Vec<String>,
}

/// The result of playing a range of seeds: what the games reached, and the first failure.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Number of seeds that were played, the failed one included.
    pub seeds: u64,
    /// The transitions, refusals and states that the games reached together.
    pub coverage: Coverage,
    /// The failed game; empty if no guarantee was broken. The play stops at the first one.
    pub failures: Vec<Failure>,
}

/// A game as a function of the seed, the moves to keep, the coverage and the trace. It returns a violation if
/// a guarantee was broken.
type Game = fn(u64, &dyn Fn(usize) -> bool, &mut Coverage, &mut Vec<String>) -> Result<(), Violation>;

/// The two games that are played for each seed, by name.
const GAMES: [(&str, Game); 2] = [("kernel", kernel_game), ("driver", driver_game)];

/// The most moves that a game has.
const MOVES: usize = 100;

/// Plays both games of the seeds `from..to`, and stops at the first failure. A failed game is played again
/// many times, to leave out the moves that the failure does not need.
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

/// Plays one game. A panic counts as a violation, because the core panics only if its own invariants are
/// broken.
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

/// Returns the failure without every move that it does not need.
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
