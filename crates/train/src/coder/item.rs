//! The items of the coder's corpus: a prompt of the ladder, and the right function.

use super::compose;
use super::datum::{Datum, Kind};
use super::describe::{self, Description};
use super::pipeline::Pipeline;
use super::prompt::{Sample, render};
use super::repair::{self, Failing};
use crate::held_out::Split;
use crate::rng::Rng;
use escalate::Gap;

/// One gap of the corpus, with the right function for it.
#[derive(Debug, Clone)]
pub struct Item {
    /// The gap, as the ladder describes one.
    pub gap: Gap,
    /// The function.
    pub function: Pipeline,
    /// The description, with the phrasings that it is made of.
    pub description: Description,
    /// Failing code that the prompt shows; `None` if the prompt asks for a first attempt.
    pub failing: Option<Failing>,
    /// The prompt.
    pub prompt: String,
    /// The right Python code, which is the answer.
    pub answer: String,
}

/// The sides of the hold-out split from which the parts of an item come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) phrasings: Split,
    pub(super) words: Split,
}

impl Sides {
    pub(super) const TRAIN: Self = Self { phrasings: Split::Train, words: Split::Train };
}

/// The most characters of a prompt and its answer together, so that both fit the context.
const MAX_CHARACTERS: usize = 1000;
/// The most characters of one sample.
const MAX_SAMPLE: usize = 90;

/// Returns item `index` of the training corpus with this seed; it uses no held-out material.
#[must_use]
pub fn training(seed: u64, index: u64) -> Item {
    let mut rng = Rng::keyed(seed ^ 0x636f_6465_7221, index);
    loop {
        let constants = Split::Train;
        let function = if rng.percent(48) {
            compose::single(compose::draw(&mut rng), &mut rng, constants)
        } else {
            compose::double(&mut rng, Split::Train, constants)
        };
        let tells = rng.percent(30);
        let fails = rng.percent(22);
        if let Some(item) = make(function, tells, fails, &mut rng, Sides::TRAIN) {
            return item;
        }
    }
}

/// Makes an item of a function, or `None` if chance finds no samples, no failing code, or too long a prompt.
pub(super) fn make(
    function: Pipeline,
    tells: bool,
    fails: bool,
    rng: &mut Rng,
    sides: Sides,
) -> Option<Item> {
    let entry = compose::name(&function, tells, rng, sides.words);
    let description = describe::describe(&function, rng, sides.phrasings);
    let samples = samples(&function, rng, sides.words)?;
    let failing = if fails { Some(repair::failing(&function, &entry, rng, sides.words)?) } else { None };
    let gap = Gap {
        entry: entry.clone(),
        arguments: function.parameters().into_iter().map(str::to_owned).collect(),
        description: description.text.clone(),
        samples: samples.clone(),
    };
    let prompt = render(&gap, failing.as_ref().map(|failing| (failing.code.as_str(), &failing.failure)));
    let answer = function.source(&entry);
    let fits = prompt.len() + answer.len() <= MAX_CHARACTERS;
    fits.then_some(Item { gap, function, description, failing, prompt, answer })
}

/// Draws one to three samples that differ. A function that returns a truth value is shown with both if chance
/// finds both.
fn samples(function: &Pipeline, rng: &mut Rng, split: Split) -> Option<Vec<Sample>> {
    let wanted = if rng.percent(35) {
        1
    } else if rng.percent(70) {
        2
    } else {
        3
    };
    let mut found: Vec<(Vec<Datum>, Datum)> = Vec::new();
    for _ in 0..40 {
        let arguments = function.draw(rng, split);
        let Some(result) = function.call(&arguments) else { continue };
        let is_known = found.iter().any(|(known, _)| *known == arguments);
        let is_second = result.kind() == Kind::Bool && found.iter().any(|(_, known)| *known == result);
        if is_known || shown(&arguments, &result) > MAX_SAMPLE || (is_second && rng.percent(85)) {
            continue;
        }
        found.push((arguments, result));
        if found.len() == wanted {
            break;
        }
    }
    let value = |(arguments, result): (Vec<Datum>, Datum)| {
        (arguments.iter().map(Datum::value).collect(), result.value())
    };
    (!found.is_empty()).then(|| found.into_iter().map(value).collect())
}

fn shown(arguments: &[Datum], result: &Datum) -> usize {
    let values: Vec<_> = arguments.iter().map(Datum::value).collect();
    det::python_call("", &values).len() + det::python_value(&result.value()).len()
}
