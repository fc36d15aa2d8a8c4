//! The channel from the operations of a question to the caller that watches it.

use std::cell::RefCell;
use std::fmt;

use abi::{Fact, Step};
use sched::{Capability, Rights};

use crate::Generated;
use crate::operations::Notice;

/// Something that happens while a question is being answered, for a progress display.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The model begins to generate a text.
    Generating {
        /// The number of the generation within the job, from 1.
        generation: u32,
    },
    /// The model goes on with its text, which nobody has judged.
    Step(Step<'a>),
    /// A fact was computed and its judgement was passed.
    Computed(&'a Fact),
}

/// The channel from the operations of one question to the caller's observer of its progress.
///
/// An executor gives its notices to [`take`](Self::take). Facts come from the loop itself after their
/// judgement, so the observer never hears of a fact that an executor only claims.
pub struct Notices<'a> {
    observer: RefCell<Observer<'a>>,
}

struct Observer<'a> {
    observe: &'a mut dyn FnMut(Progress<'_>),
    generations: u32,
    /// The capability that the model read from the last prompt, if the rights have it.
    requested: Option<Capability>,
    /// The generations that have ended, in order.
    generated: Vec<Generated>,
    rights: Rights,
}

impl<'a> Notices<'a> {
    /// Returns a channel to `observe`. A capability that a model reads from the prompt is remembered only if
    /// it is one of `rights`.
    pub fn new(observe: &'a mut dyn FnMut(Progress<'_>), rights: Rights) -> Self {
        let observer = Observer { observe, generations: 0, requested: None, generated: Vec::new(), rights };
        Self { observer: RefCell::new(observer) }
    }

    /// Takes a notice of a running operation and passes it on to the observer.
    pub fn take(&self, notice: Notice<'_>) {
        let mut observer = self.observer.borrow_mut();
        let Observer { observe, generations, requested: held, generated, rights } = &mut *observer;
        match notice {
            Notice::Generating { .. } => {
                *generations += 1;
                observe(Progress::Generating { generation: *generations });
            }
            Notice::Step(step) => observe(Progress::Step(step)),
            Notice::Generated { task, max_new, draft } => {
                generated.push(Generated::from_draft(task, max_new, draft));
                let requested = draft.traps.entry.as_ref().map(|entry| entry.capability.clone());
                // A request replaces the one before it, so that none outlives its prompt.
                let requested = requested.map(Capability);
                *held = requested.filter(|capability| rights.contains(capability));
            }
        }
    }

    /// Reports a fact, whose judgement was passed, to the observer.
    pub(crate) fn computed(&self, fact: &Fact) {
        (self.observer.borrow_mut().observe)(Progress::Computed(fact));
    }

    /// Returns the generations that have ended so far, in order.
    pub(crate) fn generated(&self) -> Vec<Generated> {
        self.observer.borrow().generated.clone()
    }

    /// Returns the last generation that has ended. None if none has.
    pub(crate) fn last(&self) -> Option<Generated> {
        self.observer.borrow().generated.last().cloned()
    }

    /// The capability that the model read from the last prompt, if the rights hold it.
    pub(crate) fn requested(&self) -> Option<Capability> {
        self.observer.borrow().requested.clone()
    }
}

impl fmt::Debug for Notices<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices")
            .field("requested", &self.observer.borrow().requested)
            .finish_non_exhaustive()
    }
}
