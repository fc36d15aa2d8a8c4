//! The display of an answer while it is generated: progress, and the text where nothing is to be checked.

use abi::Step;
use factloop::{Progress, line};

use crate::console::Console;
use crate::meter::Meter;

/// The parts of an answer that are shown while they are generated.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Streams {
    /// True if the text of the answer is shown as it comes. It must be an answer that nobody checks.
    pub(crate) answer: bool,
    /// True if the thoughts are shown as they come.
    pub(crate) thoughts: bool,
}

/// The text that a person has seen before the report.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) answer: String,
    pub(crate) thoughts: String,
}

/// The display of one answer on a console.
#[derive(Debug)]
pub(crate) struct Display<'c, 'a> {
    console: &'c mut Console<'a>,
    streams: Streams,
    meter: Meter,
    seen: Seen,
}

impl<'c, 'a> Display<'c, 'a> {
    /// Returns a display of what `streams` allows. Only a terminal is shown text as it comes: a pipe gets an answer
    /// once it is whole, so that no program takes a part of one for an answer.
    pub(crate) fn new(console: &'c mut Console<'a>, streams: Streams, is_estimate: bool) -> Self {
        let answer = streams.answer && console.is_terminal();
        let thoughts = streams.answer && streams.thoughts && console.is_watched();
        let streams = Streams { answer, thoughts };
        Self { console, streams, meter: Meter::new(is_estimate), seen: Seen::default() }
    }

    /// Shows something that happened.
    pub(crate) fn see(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Generating { generation } => {
                let line = self.meter.begin(format!("attempt {generation}"));
                self.console.progress(&line);
            }
            Progress::Step(step) => self.step(step),
            Progress::Computed(fact) => {
                self.console.progress(&format!("computed {}", line(fact).trim_end()));
            }
        }
    }

    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Answer(part) if self.streams.answer => {
                self.console.stream(part);
                self.seen.answer.push_str(part);
            }
            Step::Thought(part) if self.streams.thoughts => {
                self.console.stream_note("thoughts: ", part);
                self.seen.thoughts.push_str(part);
            }
            Step::Restart if !self.seen.answer.is_empty() || !self.seen.thoughts.is_empty() => {
                self.console.note("note: the model is asked again, and what stands above does not count");
                self.seen = Seen::default();
            }
            _ => {}
        }
        if let Some(line) = self.meter.step(step) {
            self.console.progress(&line);
        }
    }

    /// Removes the progress, and returns what was shown of the text. Its line has no end yet.
    pub(crate) fn end(self) -> Seen {
        self.console.clear_progress();
        self.seen
    }
}
