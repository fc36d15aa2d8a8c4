//! Many sequences that take turns over one model.
//!
//! A lane is one answer with a session, a decoding and traps of its own. Lanes take turns of a quantum of passes,
//! and a lane is put aside between any two passes, in the middle of its prompt too. Nothing of a lane depends on
//! another one, so a lane gives the bits that it gives alone, whatever ran in between.

use std::num::NonZeroUsize;
use std::sync::Arc;

use thiserror::Error;

use crate::backend::Backend;
use crate::generate::{
    Decoding, Ended, GenerateSpec, GeneratedToken, Generation, GenerationState, MOST_HELD,
};
use crate::model::Model;
use crate::session::{Session, SessionError};
use crate::speculate::{Effort, MOST_AHEAD};
use crate::traps::Traps;

/// Number of a lane, ascending in the order of admission, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(u64);

/// What lanes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    /// Memory that all running sessions may take together at their largest, in bytes, beside the model's.
    pub memory: usize,
    /// Passes of one turn.
    pub quantum: NonZeroUsize,
}

/// An answer that is asked for.
pub struct LaneSpec<'a, T> {
    /// What it is generated from.
    pub generate: GenerateSpec<'a>,
    /// How its tokens are chosen.
    pub decoding: Decoding<'a>,
    /// Its traps.
    pub traps: T,
    /// Turns that it gets in each round, from the one after its admission on; of lanes that are ready, those with
    /// more come first in a round. Nobody starves.
    pub priority: NonZeroUsize,
}

/// Why a lane is not admitted. Nothing of it is left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LaneRefusal {
    /// It would not fit if it were alone.
    #[error(
        "the lane takes up to {needed} bytes and the lanes may take {memory}; a bound of {needed} would admit it"
    )]
    Memory {
        /// Bytes that the lane takes at most.
        needed: usize,
        /// The bound.
        memory: usize,
    },
    /// Its session refuses.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Where a lane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneState {
    /// Others take the memory that it needs; it starts when they have ended.
    Waiting,
    /// It gets turns.
    Ready,
    /// It was put aside by [`Lanes::hold`].
    Held,
    /// A trap of its own parked it.
    Parked,
    /// It has an outcome.
    Ended,
}

/// What a turn did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneTurn {
    /// The lane made this many passes.
    Ran(LaneId, usize),
    /// Nobody is ready.
    Idle,
}

/// What came of a lane, and the session that it leaves.
pub struct LaneOutcome<B: Backend, T> {
    /// The answer and what it took.
    pub answer: Result<(Generation, Effort), SessionError>,
    /// The session after it.
    pub session: Session<B>,
    /// Its traps.
    pub traps: T,
}

struct Lane<'a, B: Backend, T> {
    id: LaneId,
    generation: GenerationState<'a, B>,
    session: Session<B>,
    decoding: Decoding<'a>,
    traps: T,
    priority: NonZeroUsize,
    /// Memory that is kept for it.
    bytes: usize,
    /// Turns that are left in this round.
    turns: usize,
    state: LaneState,
    /// Why it ended, if not by itself.
    failure: Option<SessionError>,
}

/// Lanes over one model.
pub struct Lanes<'a, B: Backend, T> {
    model: Arc<Model<B>>,
    limits: LaneLimits,
    /// In the order of admission.
    lanes: Vec<Lane<'a, B, T>>,
    next: u64,
    /// The lane that had the last turn.
    last: Option<LaneId>,
}

impl<'a, B: Backend, T: Traps<B>> Lanes<'a, B, T> {
    /// No lanes yet.
    #[must_use]
    pub fn new(model: &Arc<Model<B>>, limits: LaneLimits) -> Self {
        Self { model: Arc::clone(model), limits, lanes: Vec::new(), next: 0, last: None }
    }

    /// Takes a lane on. It starts at once if its memory is free, and otherwise once those before it leave enough.
    ///
    /// # Errors
    /// [`LaneRefusal::Memory`] if it alone exceeds the bound, [`LaneRefusal::Session`] if prompt and new tokens do
    /// not fit the context.
    pub fn admit(&mut self, spec: LaneSpec<'a, T>) -> Result<LaneId, LaneRefusal> {
        let LaneSpec { generate, decoding, traps, priority } = spec;
        let session = Session::open(&self.model);
        let generation = GenerationState::begin(&session, &generate)?;
        let chunk = decoding.chunk.map_or(generate.prompt.len(), NonZeroUsize::get).max(MOST_AHEAD + 1);
        let positions = generate.prompt.len().saturating_add(generate.max_new);
        let mut needed = self.model.session_bytes(positions, chunk);
        if generate.max_new > MOST_HELD {
            needed = needed.saturating_add(self.model.anchor_bytes(positions, chunk));
        }
        let memory = self.limits.memory;
        if needed > memory {
            return Err(LaneRefusal::Memory { needed, memory });
        }
        let id = LaneId(self.next);
        self.next += 1;
        // Those that keep coming in a round do not put off its end.
        let (turns, state) = (0, LaneState::Waiting);
        self.lanes.push(Lane {
            id,
            generation,
            session,
            decoding,
            traps,
            priority,
            bytes: needed,
            turns,
            state,
            failure: None,
        });
        self.start_waiting();
        Ok(id)
    }

    /// Where a lane stands; none of one that was taken or never admitted.
    #[must_use]
    pub fn state(&self, id: LaneId) -> Option<LaneState> {
        self.lanes.iter().find(|lane| lane.id == id).map(|lane| lane.state)
    }

    /// Memory that is kept for the lanes that were started, in bytes; at most the bound.
    #[must_use]
    pub fn reserved(&self) -> usize {
        let started = self.lanes.iter().filter(|lane| lane.has_memory());
        started.map(|lane| lane.bytes).sum()
    }

    /// Memory that their sessions take now, with what is held beside them, in bytes; at most what is kept for them,
    /// unless traps edit.
    #[must_use]
    pub fn used(&self) -> usize {
        let started = self.lanes.iter().filter(|lane| lane.has_memory());
        let bytes = |lane: &Lane<'_, B, T>| {
            let memory = lane.session.memory();
            memory.pages + memory.history + lane.generation.anchor_bytes()
        };
        started.map(bytes).sum()
    }

    /// Puts a ready lane aside until [`resume`](Self::resume); whether it was ready.
    pub fn hold(&mut self, id: LaneId) -> bool {
        self.change(id, &[LaneState::Ready], LaneState::Held)
    }

    /// Lets a lane that was held or parked go on; whether it was.
    pub fn resume(&mut self, id: LaneId) -> bool {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.id == id) {
            lane.generation.resume();
        }
        self.change(id, &[LaneState::Held, LaneState::Parked], LaneState::Ready)
    }

    /// What came of a lane that has ended, which is then forgotten.
    pub fn take(&mut self, id: LaneId) -> Option<LaneOutcome<B, T>> {
        self.remove(id, |state| state == LaneState::Ended)
    }

    /// Ends a lane wherever it stands; what it had committed is its outcome.
    pub fn cancel(&mut self, id: LaneId) -> Option<LaneOutcome<B, T>> {
        self.remove(id, |_| true)
    }

    /// Lets the next ready lane make its passes: a quantum of them, fewer if it ends or parks. `on_token` is called
    /// with what it commits. A lane that fails ends; the others do not notice.
    pub fn turn(&mut self, on_token: &mut dyn FnMut(LaneId, GeneratedToken)) -> LaneTurn {
        let Some(at) = self.choose() else { return LaneTurn::Idle };
        let lane = &mut self.lanes[at];
        let (id, mut passes) = (lane.id, 0);
        lane.turns -= 1;
        while passes < self.limits.quantum.get() && lane.state == LaneState::Ready {
            passes += 1;
            let mut heard = |token| on_token(id, token);
            let done =
                lane.generation.pass(&mut lane.session, &mut lane.decoding, &mut lane.traps, &mut heard);
            lane.failure = done.err();
            lane.state = match lane.generation.ended() {
                _ if lane.failure.is_some() => LaneState::Ended,
                None => LaneState::Ready,
                Some(Ended::Parked) => LaneState::Parked,
                Some(_) => LaneState::Ended,
            };
        }
        self.last = Some(id);
        self.start_waiting();
        LaneTurn::Ran(id, passes)
    }

    /// The ready lane whose turn it is: the one after the last, of those with most turns left in this round.
    fn choose(&mut self) -> Option<usize> {
        let ready = |lane: &Lane<'_, B, T>| lane.state == LaneState::Ready;
        if !self.lanes.iter().any(|lane| ready(lane) && lane.turns > 0) {
            self.lanes.iter_mut().for_each(|lane| lane.turns = lane.priority.get());
        }
        let most = self.lanes.iter().filter(|lane| ready(lane)).map(|lane| lane.turns).max()?;
        let mut eligible =
            (0..self.lanes.len()).filter(|at| ready(&self.lanes[*at]) && self.lanes[*at].turns == most);
        let first = eligible.clone().next()?;
        Some(eligible.find(|at| Some(self.lanes[*at].id) > self.last).unwrap_or(first))
    }

    /// Starts lanes in the order of admission, as long as there is memory for the next one.
    fn start_waiting(&mut self) {
        let mut reserved = self.reserved();
        for lane in self.lanes.iter_mut().filter(|lane| lane.state == LaneState::Waiting) {
            reserved += lane.bytes;
            if reserved > self.limits.memory {
                return;
            }
            lane.state = LaneState::Ready;
        }
    }

    fn change(&mut self, id: LaneId, from: &[LaneState], to: LaneState) -> bool {
        let lane = self.lanes.iter_mut().find(|lane| lane.id == id && from.contains(&lane.state));
        lane.map(|lane| lane.state = to).is_some()
    }

    fn remove(&mut self, id: LaneId, fits: impl Fn(LaneState) -> bool) -> Option<LaneOutcome<B, T>> {
        let at = self.lanes.iter().position(|lane| lane.id == id && fits(lane.state))?;
        let Lane { mut generation, mut session, mut traps, failure, .. } = self.lanes.remove(at);
        self.start_waiting();
        generation.halt(&mut session, &mut traps);
        let answer = failure.map_or_else(|| Ok(generation.finished()), Err);
        Some(LaneOutcome { answer, session, traps })
    }
}

impl<B: Backend, T> Lane<'_, B, T> {
    /// Whether its session may hold pages. A lane keeps them until its outcome is taken.
    fn has_memory(&self) -> bool {
        self.state != LaneState::Waiting
    }
}
