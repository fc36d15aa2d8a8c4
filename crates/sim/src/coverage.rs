//! What a simulation has been through.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use sched::TaskState;

/// The events that concern one task.
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

    /// Whether a task in this state takes the event. Stated here a second time, on purpose.
    pub(crate) fn is_legal_in(self, state: TaskState) -> bool {
        use TaskState::{Parked, Ready, Repairing, Running, Validating, Waiting};
        match self {
            Self::Request | Self::Proposed | Self::Failed => state == Running,
            Self::Judged | Self::Unjudged => state == Validating,
            Self::Cancel => matches!(state, Waiting | Ready | Running | Parked | Validating | Repairing),
        }
    }
}

/// Transitions taken, illegal events refused, and states of the whole kernel seen.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    taken: BTreeSet<(TaskState, TaskState)>,
    refused: BTreeSet<(TaskState, Kind)>,
    states: HashSet<u64>,
}

impl Coverage {
    pub(crate) fn take(&mut self, from: TaskState, to: TaskState) {
        self.taken.insert((from, to));
    }

    pub(crate) fn refuse(&mut self, state: TaskState, kind: Kind) {
        self.refused.insert((state, kind));
    }

    pub(crate) fn see(&mut self, states: impl Iterator<Item = TaskState>) {
        let mut hasher = DefaultHasher::new();
        states.for_each(|state| state.hash(&mut hasher));
        self.states.insert(hasher.finish());
    }

    /// Adds what another simulation has been through.
    pub fn merge(&mut self, other: &Self) {
        self.taken.extend(&other.taken);
        self.refused.extend(&other.refused);
        self.states.extend(&other.states);
    }

    /// Distinct states of all tasks of a game together.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// Legal transitions taken and illegal events refused, and how many there are of both.
    #[must_use]
    pub fn transitions(&self) -> (usize, usize) {
        (self.taken.len() + self.refused.len(), legal().count() + illegal().count())
    }

    /// What has not been met, in words.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let untaken = legal().filter(|pair| !self.taken.contains(pair));
        let unrefused = illegal().filter(|pair| !self.refused.contains(pair));
        let untaken = untaken.map(|(from, to)| format!("{from} to {to} was never taken"));
        untaken
            .chain(unrefused.map(|(state, kind)| format!("{kind:?} was never refused in {state}")))
            .collect()
    }
}

fn legal() -> impl Iterator<Item = (TaskState, TaskState)> {
    let all = TaskState::ALL;
    all.into_iter().flat_map(move |from| all.map(|to| (from, to))).filter(|(from, to)| from.may_become(*to))
}

fn illegal() -> impl Iterator<Item = (TaskState, Kind)> {
    let pairs = TaskState::ALL.into_iter().flat_map(|state| Kind::ALL.map(|kind| (state, kind)));
    pairs.filter(|(state, kind)| !kind.is_legal_in(*state))
}
