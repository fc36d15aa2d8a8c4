//! The ladder as a state machine: it says which step comes next, and is told what came of it.

use abi::Digest;
use det::subject_digest;
use kpolicy::{Conclusion, Mode, Policy, Recorded, Signals, Unit};

use crate::prompt::{Asked, Gap, prompt};

/// The temperature of the attempts of the rung [`Rung::Diverse`] and of repairs, in parts per million.
const DIVERSE_TEMPERATURE: u32 = 800_000;
/// The temperature of the second attempt with references, in parts per million.
const RESEARCH_TEMPERATURE: u32 = 600_000;
/// The seed of the first repair; the repair of attempt `i` of the rung before has this seed plus `i`.
const REPAIR_SEED: u64 = 300;
/// The name of the width in the record of a decision.
const SEAM: &str = "ladder_width";
/// The most attempts of one ladder. The gate halves its alpha for each, and reads no more than this.
pub const MOST_ATTEMPTS: u32 = 15;
/// The most admitted functions that are examined again under another specification.
pub const MOST_RECALLED: usize = 2;

/// A rung of the ladder, in the order in which they are climbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// The functions that were admitted before are searched.
    LookUp,
    /// A model writes the function once, greedily.
    Greedy,
    /// A model writes the function several times, at a temperature.
    Diverse,
    /// A model corrects each attempt of the rung before, and is shown how that one failed.
    Repair,
    /// A model writes the function with pages from the web beside the question.
    Research,
}

impl Rung {
    /// Every rung, in order.
    pub const ALL: [Self; 5] = [Self::LookUp, Self::Greedy, Self::Diverse, Self::Repair, Self::Research];

    /// Returns the word that stands for the rung in reports, for example `greedy`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LookUp => "look_up",
            Self::Greedy => "greedy",
            Self::Diverse => "diverse",
            Self::Repair => "repair",
            Self::Research => "research",
        }
    }
}

/// The rule by which an attempt's tokens are chosen: the largest logit, or a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// The temperature in parts per million.
    pub temperature_ppm: u32,
    /// The seed of the draws.
    pub seed: u64,
}

/// The number of attempts of the rung [`Rung::Diverse`].
#[derive(Clone, Copy, Debug)]
pub enum Width {
    /// A fixed number, whatever came before.
    Fixed(u32),
    /// As many as a policy admits. The severity of the first failure is its disagreement.
    Policy {
        /// The policy.
        policy: Policy,
        /// The worth of a solution.
        importance: Unit,
        /// The load of the machine.
        cost: Unit,
        /// The budget that the attempts are charged to, in the policy's unit. None if there is no limit.
        budget: Option<f64>,
        /// The rule of the decision.
        mode: Mode,
    },
}

impl Width {
    /// Returns the same width over what is left of its budget.
    #[must_use]
    pub fn within(self, left: Option<f64>) -> Self {
        match self {
            Self::Fixed(k) => Self::Fixed(k),
            Self::Policy { policy, importance, cost, mode, .. } => {
                Self::Policy { policy, importance, cost, budget: left, mode }
            }
        }
    }
}

/// The number of attempts of the rung [`Rung::Diverse`], and the reason for it in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Widened {
    /// The number of attempts.
    pub k: u32,
    /// The share of development instances that the first attempt got wrong; 1 if it could not be asked.
    pub severity: f64,
    /// The reason in words.
    pub why: String,
    /// True if the caller fixed the number.
    pub is_fixed: bool,
    /// The record of the decision, with the signals that made it. None if the width was fixed.
    pub recorded: Option<Recorded>,
}

/// One attempt that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The number of the attempt, from 1. The gate halves its alpha for each.
    pub number: u32,
    /// The rung that the attempt belongs to.
    pub rung: Rung,
    /// The prompt. Empty if an admitted function is examined again.
    pub prompt: String,
    /// The sampling. None for a greedy attempt.
    pub sampling: Option<Sampling>,
    /// The admitted function that is examined again, under this specification. None if a model writes the code.
    pub recalled: Option<Recalled>,
}

/// A function that was admitted for another specification and may fit this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// The name under which it was admitted.
    pub entry: String,
    /// The code, in which the function has the name that this specification wants.
    pub code: String,
    /// The name of the model that wrote it. Empty if none did.
    pub author: String,
}

impl Recalled {
    /// Returns an admitted function for a specification that wants the name `wanted`. Where it had another name, the code
    /// ends with a line that gives it the wanted one.
    #[must_use]
    pub fn new(entry: &str, code: &str, author: &str, wanted: &str) -> Self {
        let code = match entry == wanted {
            true => code.to_owned(),
            false => format!("{}\n\n\n{wanted} = {entry}\n", code.trim_end()),
        };
        Self { entry: entry.to_owned(), code, author: author.to_owned() }
    }
}

/// The result of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedUp {
    /// A function was admitted for this specification.
    Fits,
    /// None was. These, of which the first [`MOST_RECALLED`] count, are examined before a model is asked.
    Near(Vec<Recalled>),
}

impl LookedUp {
    /// No function is there.
    pub const NOTHING: Self = Self::Near(Vec::new());
}

/// The outcome of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The gate admitted the code.
    Admitted {
        /// The code.
        code: String,
    },
    /// The gate refused the code.
    Refused {
        /// The code.
        code: String,
        /// The failure in words, for the prompt of a repair.
        fault: String,
        /// The share of the development instances that the code gets wrong. None if it could not be asked.
        severity: Option<Unit>,
    },
    /// The specification cannot tell right from wrong. No attempt can change that.
    Unsound {
        /// The reason in words.
        why: String,
    },
    /// The attempt has no code: the model failed, was stopped, or replied with something else.
    NoCode {
        /// The reason in words.
        why: String,
    },
    /// The machine cannot examine anything. No attempt can change that.
    Unexamined {
        /// The reason in words.
        why: String,
    },
}

/// The next step of a ladder.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The functions that were admitted before are to be searched; [`Ladder::looked_up`] takes the result.
    LookUp,
    /// An attempt is to be made; [`Ladder::attempted`] takes the outcome.
    Attempt(Attempt),
    /// Pages are to be fetched for this question; [`Ladder::researched`] takes them.
    Research {
        /// The question for a search.
        query: String,
    },
    /// The ladder has ended.
    Ended(Ended),
}

/// The end of a ladder.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// A function that was admitted before fits.
    Found,
    /// The gate admitted an attempt.
    Admitted {
        /// The rung of the attempt.
        rung: Rung,
        /// The number of the attempt.
        attempt: u32,
        /// The code.
        code: String,
    },
    /// The specification cannot tell right from wrong.
    Unsound {
        /// The reason in words.
        why: String,
    },
    /// The machine cannot examine anything.
    Unexamined {
        /// The reason in words.
        why: String,
    },
    /// No attempt was admitted. The ladder says so instead of giving one that was not.
    Abstained,
}

/// An attempt that failed, with what is needed to repair it.
#[derive(Clone, Debug)]
struct Failed {
    code: String,
    fault: String,
}

/// The ladder of one gap.
#[derive(Debug)]
pub struct Ladder {
    gap: Gap,
    width: Width,
    may_research: bool,
    step: Step,
    number: u32,
    /// The severity of the greedy attempt.
    severity: Unit,
    widened: Option<Widened>,
    /// The attempts of the rung [`Rung::Diverse`], of which those with code are repaired.
    diverse: Vec<Option<Failed>>,
    /// The admitted functions that are still to be examined, the last one first.
    recalled: Vec<Recalled>,
    /// The number of attempts of the present rung that were made.
    made: u32,
    references: String,
}

impl Ladder {
    /// Returns a ladder that has not begun. With `may_research` pages are fetched before it gives up.
    #[must_use]
    pub fn new(gap: Gap, width: Width, may_research: bool) -> Self {
        Self {
            gap,
            width,
            may_research,
            step: Step::LookUp,
            number: 0,
            severity: Unit::ONE,
            widened: None,
            diverse: Vec::new(),
            recalled: Vec::new(),
            made: 0,
            references: String::new(),
        }
    }

    /// Returns the step that comes next. It stays the same until its outcome was told.
    #[must_use]
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Returns the width of the rung [`Rung::Diverse`]. None before it was decided.
    #[must_use]
    pub fn widened(&self) -> Option<&Widened> {
        self.widened.as_ref()
    }

    /// Tells what was found among the functions that were admitted before.
    ///
    /// # Panics
    /// If the next step is not [`Step::LookUp`].
    pub fn looked_up(&mut self, found: LookedUp) {
        assert_eq!(self.step, Step::LookUp, "a look-up is told only where it was asked for");
        self.step = match found {
            LookedUp::Fits => Step::Ended(Ended::Found),
            LookedUp::Near(near) => {
                self.recalled = near;
                self.recalled.truncate(MOST_RECALLED);
                self.recalled.reverse();
                self.recall()
            }
        };
    }

    /// Tells what came of the attempt that [`step`](Self::step) asked for.
    ///
    /// # Panics
    /// If the next step is no attempt.
    pub fn attempted(&mut self, outcome: Outcome) {
        let Step::Attempt(attempt) = &self.step else { panic!("an outcome is told only of an attempt") };
        let (rung, number) = (attempt.rung, attempt.number);
        let failed = match outcome {
            Outcome::Admitted { code } => {
                self.step = Step::Ended(Ended::Admitted { rung, attempt: number, code });
                return;
            }
            Outcome::Unsound { why } => {
                self.step = Step::Ended(Ended::Unsound { why });
                return;
            }
            Outcome::Unexamined { why } => {
                self.step = Step::Ended(Ended::Unexamined { why });
                return;
            }
            Outcome::Refused { code, fault, severity } => {
                if rung == Rung::Greedy {
                    // Code that could not be asked anything is as wrong as can be.
                    self.severity = severity.unwrap_or(Unit::ONE);
                }
                Some(Failed { code, fault })
            }
            Outcome::NoCode { .. } => None,
        };
        self.made += 1;
        if rung == Rung::Diverse {
            self.diverse.push(failed);
        }
        self.step = self.after(rung);
    }

    /// Tells the texts of the pages that were fetched; an empty text if there are none.
    ///
    /// # Panics
    /// If the next step is not [`Step::Research`].
    pub fn researched(&mut self, references: String) {
        assert!(matches!(self.step, Step::Research { .. }), "pages are told only where they were asked for");
        self.references = references;
        self.made = 0;
        self.step = match self.references.trim().is_empty() {
            // Without pages the prompt would be the first one again.
            true => Step::Ended(Ended::Abstained),
            false => self.research(),
        };
    }

    /// Returns the step after an attempt of `rung` that was not admitted.
    fn after(&mut self, rung: Rung) -> Step {
        match rung {
            Rung::LookUp => self.recall(),
            Rung::Greedy => {
                self.made = 0;
                let widened = widened(&self.width, self.severity, self.number - 1, &self.gap.entry);
                self.widened = Some(widened);
                self.diverse()
            }
            Rung::Diverse => self.diverse(),
            Rung::Repair => self.repair(),
            Rung::Research => self.research(),
        }
    }

    /// Returns the examination of the next admitted function, or the first attempt of the model.
    fn recall(&mut self) -> Step {
        match self.recalled.pop() {
            None => self.attempt(Rung::Greedy, &Asked::Write, None),
            recalled => {
                self.number += 1;
                let (number, prompt) = (self.number, String::new());
                Step::Attempt(Attempt { number, rung: Rung::LookUp, prompt, sampling: None, recalled })
            }
        }
    }

    fn diverse(&mut self) -> Step {
        let k = self.widened.as_ref().map_or(0, |widened| widened.k);
        if self.made < k {
            let sampling = Sampling { temperature_ppm: DIVERSE_TEMPERATURE, seed: u64::from(self.made) };
            return self.attempt(Rung::Diverse, &Asked::Write, Some(sampling));
        }
        self.made = 0;
        self.repair()
    }

    /// Returns the repair of the next attempt that has code. Of attempts with the same code, one is repaired.
    fn repair(&mut self) -> Step {
        while let Some(failed) = self.diverse.get(self.made as usize) {
            let place = self.made as usize;
            let digest =
                |failed: &Failed| -> Digest { subject_digest(&abi::Value::text(failed.code.as_str())) };
            let again = |failed: &Failed| {
                self.diverse[..place].iter().flatten().any(|earlier| digest(earlier) == digest(failed))
            };
            match failed.clone().filter(|failed| !again(failed)) {
                Some(Failed { code, fault }) => {
                    let seed = REPAIR_SEED + u64::from(self.made);
                    let sampling = Sampling { temperature_ppm: DIVERSE_TEMPERATURE, seed };
                    let asked = Asked::Repair { code: &code, fault: &fault };
                    return self.attempt(Rung::Repair, &asked, Some(sampling));
                }
                None => self.made += 1,
            }
        }
        match self.may_research && self.number < MOST_ATTEMPTS {
            true => Step::Research { query: query(&self.gap) },
            false => Step::Ended(Ended::Abstained),
        }
    }

    fn research(&mut self) -> Step {
        let sampling = match self.made {
            0 => None,
            1 => Some(Sampling { temperature_ppm: RESEARCH_TEMPERATURE, seed: 1 }),
            _ => return Step::Ended(Ended::Abstained),
        };
        let references = self.references.clone();
        self.attempt(Rung::Research, &Asked::Research { references: &references }, sampling)
    }

    fn attempt(&mut self, rung: Rung, asked: &Asked<'_>, sampling: Option<Sampling>) -> Step {
        if self.number == MOST_ATTEMPTS {
            return Step::Ended(Ended::Abstained);
        }
        self.number += 1;
        let prompt = prompt(&self.gap, asked);
        Step::Attempt(Attempt { number: self.number, rung, prompt, sampling, recalled: None })
    }
}

/// Returns the question with which the web is searched.
fn query(gap: &Gap) -> String {
    let words = gap.entry.replace('_', " ");
    let first = gap.description.split(['.', '\n']).next().unwrap_or("").trim();
    format!("python {words} {first}").trim().to_owned()
}

/// Returns the number of diverse attempts: as many as the width says, and few enough that each can have a repair and the
/// two attempts with references remain behind the greedy one and those that were `recalled`. A budget that is spent admits
/// none. The record names `entry`, the function.
fn widened(width: &Width, severity: Unit, recalled: u32, entry: &str) -> Widened {
    let most = (MOST_ATTEMPTS - 3 - recalled) / 2;
    let (k, why, recorded) = match width {
        Width::Fixed(k) => (*k, "a fixed width".to_owned(), None),
        Width::Policy { policy, importance, cost, budget, mode } => {
            let signals = Signals {
                disagreement: Some(severity),
                importance: *importance,
                cost: *cost,
                ..Signals::QUIET
            };
            let recorded = Recorded {
                seam: SEAM.to_owned(),
                about: entry.to_owned(),
                policy: *policy,
                signals,
                remaining: *budget,
                most,
                mode: *mode,
                checks: Vec::new(),
            };
            let Conclusion { used_signal, reason, charge, .. } = recorded.conclusion();
            match charge {
                Ok(charged) => {
                    let (signal, note) = (used_signal.word(), charged.note.word());
                    (charged.admitted, format!("{signal}: {reason}; {note}"), Some(recorded))
                }
                Err(refused) => (0, refused.to_string(), Some(recorded)),
            }
        }
    };
    let is_fixed = matches!(width, Width::Fixed(_));
    Widened { k: k.min(most), severity: severity.get(), why, is_fixed, recorded }
}
