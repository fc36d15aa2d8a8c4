//! The channel from the operations of a question to the caller that watches it.

use std::cell::RefCell;
use std::fmt;

use abi::Fact;
use sched::{Capability, Rights};

use crate::operations::Notice;

/// Something that happens while a question is being answered, for a progress display.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The model begins to generate a text.
    Generating {
        /// The number of the generation within the job, from 1.
        generation: u32,
    },
    /// The model generated a piece of text, which nobody has judged.
    Piece(&'a str),
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
    /// The whole text of the last generation; empty before one.
    last_reply: String,
    rights: Rights,
}

impl<'a> Notices<'a> {
    /// Returns a channel to `observe`. A capability that a model reads from the prompt is remembered only if
    /// it is one of `rights`.
    pub fn new(observe: &'a mut dyn FnMut(Progress<'_>), rights: Rights) -> Self {
        let observer =
            Observer { observe, generations: 0, requested: None, last_reply: String::new(), rights };
        Self { observer: RefCell::new(observer) }
    }

    /// Takes a notice of a running operation and passes it on to the observer.
    pub fn take(&self, notice: Notice<'_>) {
        let mut observer = self.observer.borrow_mut();
        let Observer { observe, generations, requested: held, last_reply, rights } = &mut *observer;
        match notice {
            Notice::Generating => {
                *generations += 1;
                observe(Progress::Generating { generation: *generations });
            }
            Notice::Piece(piece) => observe(Progress::Piece(piece)),
            Notice::Generated { requested, reply } => {
                last_reply.clear();
                last_reply.push_str(reply);
                // A request replaces the one before it, so that none outlives its prompt.
                let requested = requested.map(|capability| Capability(capability.to_owned()));
                *held = requested.filter(|capability| rights.contains(capability));
            }
        }
    }

    /// Reports a fact, whose judgement was passed, to the observer.
    pub(crate) fn computed(&self, fact: &Fact) {
        (self.observer.borrow_mut().observe)(Progress::Computed(fact));
    }

    /// The whole text of the last generation. None if there was none.
    pub(crate) fn last_reply(&self) -> Option<String> {
        let observer = self.observer.borrow();
        (observer.generations > 0).then(|| observer.last_reply.clone())
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
