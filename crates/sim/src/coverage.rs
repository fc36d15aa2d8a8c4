//! The coverage of a simulation: the transitions, refusals and states that it has reached.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use sched::TaskState;

/// The kinds of events that concern one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Request,
    Proposed,
    Failed,
    Judged,
    Unjudged,
    Cancel,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Request, Self::Proposed, Self::Failed, Self::Judged, Self::Unjudged, Self::Cancel];

    /// Returns true if a task in this state must accept an event of this kind. The rule is stated here a
    /// second time on purpose, so that a mistake in the kernel is found.
    pub(crate) fn is_legal_in(self, state: TaskState) -> bool {
        use TaskState::{Parked, Ready, Repairing, Running, Validating, Waiting};
        match self {
            Self::Request | Self::Proposed | Self::Failed => state == Running,
            Self::Judged | Self::Unjudged => state == Validating,
            Self::Cancel => matches!(state, Waiting | Ready | Running | Parked | Validating | Repairing),
        }
    }
}

/// The coverage of a simulation: the changes of a task's state that were taken, the illegal events that were
/// refused, and the distinct states of whole games.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    taken: BTreeSet<(TaskState, TaskState)>,
    refused: BTreeSet<(TaskState, Kind)>,
    states: HashSet<u64>,
    /// The number of ledgers that were opened from a checkpoint after a game, those of stopped machines first.
    resumed: (u64, u64),
}

impl Coverage {
    /// Records that a task went from one state to another.
    pub(crate) fn take(&mut self, from: TaskState, to: TaskState) {
        self.taken.insert((from, to));
    }

    /// Records that an illegal event was refused in this state.
    pub(crate) fn refuse(&mut self, state: TaskState, kind: Kind) {
        self.refused.insert((state, kind));
    }

    /// Records the states of all tasks of a game at one moment, as one combined state.
    pub(crate) fn see(&mut self, states: impl Iterator<Item = TaskState>) {
        let mut hasher = DefaultHasher::new();
        states.for_each(|state| state.hash(&mut hasher));
        self.states.insert(hasher.finish());
    }

    /// Records that a ledger was opened from a checkpoint after the game, and whether the machine had stopped.
    pub(crate) fn resume(&mut self, stopped: bool) {
        if stopped { self.resumed.0 += 1 } else { self.resumed.1 += 1 }
    }

    /// Returns the number of ledgers that were opened from a checkpoint after their machine had stopped, and the number of
    /// those whose machine had not.
    #[must_use]
    pub fn resumed(&self) -> (u64, u64) {
        self.resumed
    }

    /// Adds the coverage of another simulation, so that this one covers both.
    pub fn merge(&mut self, other: &Self) {
        self.taken.extend(&other.taken);
        self.refused.extend(&other.refused);
        self.states.extend(&other.states);
        self.resumed.0 += other.resumed.0;
        self.resumed.1 += other.resumed.1;
    }

    /// Returns the number of distinct combined states, each of which is the states of all tasks of a game at
    /// one moment.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// Returns two numbers: how many of the legal transitions were taken and of the illegal events refused,
    /// and how many there are of both together. One more is the opening of a ledger from a checkpoint after its machine has
    /// stopped.
    #[must_use]
    pub fn transitions(&self) -> (usize, usize) {
        let resumed = usize::from(self.resumed.0 > 0);
        (self.taken.len() + self.refused.len() + resumed, legal().count() + illegal().count() + 1)
    }

    /// Returns the transitions that were never taken and the events that were never refused, each as a line
    /// of text.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let untaken = legal().filter(|pair| !self.taken.contains(pair));
        let unrefused = illegal().filter(|pair| !self.refused.contains(pair));
        let untaken = untaken.map(|(from, to)| format!("{from} to {to} was never taken"));
        let resumed = (self.resumed.0 == 0)
            .then(|| "no ledger of a stopped machine was opened from a checkpoint".to_owned());
        untaken
            .chain(unrefused.map(|(state, kind)| format!("{kind:?} was never refused in {state}")))
            .chain(resumed)
            .collect()
    }
}

/// Returns all legal transitions: pairs of the state before and after.
fn legal() -> impl Iterator<Item = (TaskState, TaskState)> {
    let all = TaskState::ALL;
    all.into_iter().flat_map(move |from| all.map(|to| (from, to))).filter(|(from, to)| from.may_become(*to))
}

/// Returns all pairs of a state and a kind of event that is illegal in that state.
fn illegal() -> impl Iterator<Item = (TaskState, Kind)> {
    let pairs = TaskState::ALL.into_iter().flat_map(|state| Kind::ALL.map(|kind| (state, kind)));
    pairs.filter(|(state, kind)| !kind.is_legal_in(*state))
}
