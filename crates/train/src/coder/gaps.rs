//! Held-out gaps, by which the coder is measured.

use super::compose;
use super::item::{self, Item, Sides};
use crate::TrainError;
use crate::held_out::Split;
use crate::rng::Rng;
use crate::shipped::Shipped;
use abi::Digest;
use serde::{Deserialize, Serialize};

/// A set of gaps, named after what is held out in it. Names of functions and words in samples are held out in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// One operation, with a phrasing and constants that no training item has.
    Phrasing,
    /// Two operations that never stood together in training, with phrasings that did occur.
    Composition,
    /// Two operations that never stood together in training, with phrasings and constants that did not occur either.
    Both,
    /// Failing code that is to be repaired, with phrasings that no training item has.
    Repair,
}

impl Set {
    /// Every set, in the order of the report.
    pub const ALL: [Self; 4] = [Self::Phrasing, Self::Composition, Self::Both, Self::Repair];

    /// Returns the word that stands for the set in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Phrasing => "phrasing",
            Self::Composition => "composition",
            Self::Both => "both",
            Self::Repair => "repair",
        }
    }
}

/// The seed of the gaps, which does not depend on the seed of a training run.
const SEED: u64 = 0x6761_7073;

/// Returns the first `count` gaps of a set. No name of a function says what it does.
#[must_use]
pub fn held_out(set: Set, count: usize) -> Vec<Item> {
    (0..count as u64).map(|index| gap(set, index)).collect()
}

/// Returns gap `index` of a set, which is a pure function of both.
fn gap(set: Set, index: u64) -> Item {
    let mut rng = Rng::keyed(SEED ^ (set as u64) << 32, index);
    loop {
        let rng = &mut rng;
        let held = Split::HeldOut;
        let (function, phrasings) = match set {
            Set::Phrasing => (compose::single(compose::draw(rng), rng, held), held),
            Set::Composition => (compose::double(rng, held, Split::Train), Split::Train),
            Set::Both => (compose::double(rng, held, held), held),
            Set::Repair if rng.percent(50) => (compose::single(compose::draw(rng), rng, held), held),
            Set::Repair => (compose::double(rng, Split::Train, Split::Train), held),
        };
        let sides = Sides { phrasings, words: held };
        if let Some(item) = item::make(function, false, set == Set::Repair, rng, sides) {
            return item;
        }
    }
}

/// The places of the frozen answers among the first two gaps of each set. The samples of the fifth are no reading for a file.
const FROZEN: [usize; 5] = [0, 1, 2, 3, 5];

/// A held-out gap with the answer that the shipped coder gives, which is frozen for one version of the numerics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The prompt.
    pub prompt: String,
    /// The greedy answer, right or wrong.
    pub answer: String,
    /// The digest of the answer's bytes.
    pub digest: String,
}

/// Returns the answers of a model to five held-out gaps, as `fixtures/coder` freezes them.
///
/// # Errors
/// [`TrainError`] if the model refuses a prompt.
pub fn frozen(model: &Shipped) -> Result<Vec<Frozen>, TrainError> {
    let gaps: Vec<_> = Set::ALL.into_iter().flat_map(|set| held_out(set, 2)).collect();
    let chosen = FROZEN.into_iter().map(|place| &gaps[place]);
    chosen
        .map(|item| {
            let answer = model.reply_to("", &item.prompt, 256)?;
            let digest = Digest::hash_blob(answer.as_bytes()).to_string();
            Ok(Frozen { prompt: item.prompt.clone(), answer, digest })
        })
        .collect()
}
