//! The evaluation of an entry head on prompts to which it was not fitted.

use neural::{EntryClass, EntryHead, EntryReading};

use super::asks::{Ask, Kind, class_of};
use holdout::Share;

/// The result of an entry head on one group of prompts, as shares of those prompts.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the group in reports, in words.
    pub name: String,
    /// The prompts that got a request for the capability they ask for. In a group that asks for nothing, the
    /// prompts that got any request.
    pub requested: Share,
    /// The same share if the likeliest class were always requested, whatever its confidence.
    pub forced: Share,
    /// The prompts that got a request for another capability than the one they ask for. In a group that asks
    /// for nothing, every request is wrong.
    pub wrong: Share,
    /// The same share as `requested`, if the closed grammar of `factloop::route` decides instead of the head.
    pub routed: Share,
}

/// The results of an entry head on one set of prompts, group by group.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The results for prompts that are questions: a row for each pair of a capability and a kind of text.
    pub questions: Vec<Row>,
    /// The results for prompts that ask for no capability: a row for each kind of text.
    pub others: Vec<Row>,
}

/// A prompt, and what the head read in its residual.
pub(super) struct Read<'a> {
    pub(super) ask: &'a Ask,
    pub(super) reading: Option<EntryReading>,
}

impl Read<'_> {
    /// Returns the class that the head requests; 0 if it requests none.
    fn requested(&self, head: &EntryHead) -> usize {
        let reading = self.reading.filter(|reading| head.request(*reading).is_some());
        reading.map_or(0, |reading| reading.class)
    }

    /// Returns the likeliest class, whatever its confidence.
    fn forced(&self) -> usize {
        self.reading.map_or(0, |reading| reading.class)
    }
}

/// Returns the class that the closed grammar reads; 0 if it reads none.
fn routed(prompt: &str) -> usize {
    factloop::route(prompt).map_or(0, |routed| class_of(routed.specification.word()))
}

/// Returns the result for one group of prompts.
pub(super) fn row(name: String, head: &EntryHead, reads: &[&Read<'_>]) -> Row {
    let share = |hit: &dyn Fn(&Read<'_>) -> bool| {
        Share::from_outcomes(&reads.iter().map(|read| hit(read)).collect::<Vec<bool>>())
    };
    let right = |class: usize, asked: usize| if asked > 0 { class == asked } else { class > 0 };
    Row {
        name,
        requested: share(&|read| right(read.requested(head), read.ask.class)),
        forced: share(&|read| right(read.forced(), read.ask.class)),
        wrong: share(&|read| {
            let class = read.requested(head);
            class > 0 && class != read.ask.class
        }),
        routed: share(&|read| right(routed(&read.ask.prompt), read.ask.class)),
    }
}

/// Returns the results for all groups of a set.
pub(super) fn judge(head: &EntryHead, reads: &[Read<'_>]) -> Judged {
    let mut questions = Vec::new();
    for kind in [Kind::Question, Kind::Paraphrase] {
        for (place, EntryClass { capability, .. }) in head.parts().classes.iter().enumerate() {
            let of = |read: &&Read<'_>| read.ask.class == place + 1 && read.ask.kind == kind;
            let reads: Vec<&Read<'_>> = reads.iter().filter(of).collect();
            let kind = if kind == Kind::Question { "of the corpus" } else { "not of the corpus" };
            questions.push(row(format!("`{capability}`, wordings {kind}"), head, &reads));
        }
    }
    let others = Kind::NEGATIVE.map(|kind| {
        let reads: Vec<&Read<'_>> = reads.iter().filter(|read| read.ask.kind == kind).collect();
        row(name(kind).to_owned(), head, &reads)
    });
    Judged { questions, others: others.into() }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Question | Kind::Paraphrase => "questions",
        Kind::Chat => "conversation",
        Kind::OtherTask => "other tasks of the corpus (sums, differences, copies, transforms)",
        Kind::Mention => "the words of a question and nothing to compute",
        Kind::Neighbour => "a question for something else that is computed",
        Kind::Salad => "words in no order",
    }
}

/// Returns the result for all prompts that ask for something, or for all that ask for nothing.
pub(super) fn whole(head: &EntryHead, reads: &[Read<'_>], asking: bool) -> Row {
    let reads: Vec<&Read<'_>> = reads.iter().filter(|read| (read.ask.class > 0) == asking).collect();
    row(if asking { "questions" } else { "others" }.to_owned(), head, &reads)
}

/// The number of steps of a threshold between 0 and 1: coarse enough for a short number, and fine enough for
/// a head with high confidence.
const STEPS: f64 = 1e6;

/// Returns the lowest threshold of a class, at least one half, at which at most the share `most` of the
/// prompts that ask for nothing get a request for it.
pub(super) fn threshold(reads: &[Read<'_>], class: usize, most: f64) -> f64 {
    let others: Vec<&Read<'_>> = reads.iter().filter(|read| read.ask.class == 0).collect();
    let allowed = (others.len() as f64 * most) as usize;
    let readings = others.iter().filter_map(|read| read.reading).filter(|reading| reading.class == class);
    let mut confidences: Vec<f64> = readings.map(|reading| reading.confidence).collect();
    confidences.sort_by(|left, right| right.total_cmp(left));
    let least =
        confidences.get(allowed).map_or(0.5, |confidence| ((confidence * STEPS).floor() + 1.0) / STEPS);
    least.clamp(0.5, 1.0)
}
