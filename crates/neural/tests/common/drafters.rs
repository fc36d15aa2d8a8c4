//! Drafters that mean no good, or too much.

use neural::{Drafter, Fault};
use proptest::prelude::{any, prop_oneof};
use proptest::strategy::{Just, Strategy};
use synthetic::{ODD, Random};

/// A drafter of tokens of [`ODD`] whose drafts must change no answer.
#[derive(Clone, Debug)]
pub(crate) enum Adversary {
    /// Drafts the right continuation, with every `wrong`th token replaced; with none replaced where that is
    /// 0.
    Knows { answer: Vec<u32>, prompt: usize, wrong: usize },
    /// Drafts random tokens, some not in the vocabulary, and not as many as were asked for.
    Babbles(u64),
    /// Drafts far more tokens than were asked for.
    Floods,
    /// Drafts ids that no vocabulary has.
    Garbage,
    /// Drafts nothing.
    Silent,
    /// Drafts the token on which the model overflows.
    Poisons,
}

impl Drafter for Adversary {
    fn draft(&mut self, tokens: &[u32], most: usize) -> Vec<u32> {
        match self {
            Self::Knows { answer, prompt, wrong } => {
                let next = tokens.len() - *prompt;
                let spoil = |(index, id): (usize, &u32)| {
                    let spoilt = *wrong > 0 && (index + 1).is_multiple_of(*wrong);
                    if spoilt { (*id + 1) % ODD.vocab as u32 } else { *id }
                };
                answer.iter().enumerate().map(spoil).skip(next).take(most).collect()
            }
            Self::Babbles(seed) => {
                let mut random = Random::new(*seed ^ tokens.len() as u64);
                let count = random.bits() as usize % (2 * most + 1);
                random.tokens(count, ODD.vocab + 3)
            }
            Self::Floods => vec![tokens[0]; most + 1000],
            Self::Garbage => vec![u32::MAX; most],
            Self::Silent => Vec::new(),
            Self::Poisons => vec![Fault::POISON; most],
        }
    }
}

/// Returns one drafter of each kind, for a prompt of `prompt` tokens with this `answer`.
pub(crate) fn adversaries(answer: &[u32], prompt: usize) -> Vec<Adversary> {
    let knows = |wrong| Adversary::Knows { answer: answer.to_vec(), prompt, wrong };
    vec![
        knows(0),
        knows(1),
        knows(2),
        knows(5),
        Adversary::Babbles(3),
        Adversary::Floods,
        Adversary::Garbage,
        Adversary::Silent,
    ]
}

/// Draws a drafter of any kind. One that knows the answer is yet to be told.
pub(crate) fn any_adversary() -> impl Strategy<Value = Adversary> {
    let knows = (0..6usize).prop_map(|wrong| Adversary::Knows { answer: Vec::new(), prompt: 0, wrong });
    prop_oneof![
        4 => knows,
        3 => any::<u64>().prop_map(Adversary::Babbles),
        1 => Just(Adversary::Floods),
        1 => Just(Adversary::Garbage),
    ]
}
