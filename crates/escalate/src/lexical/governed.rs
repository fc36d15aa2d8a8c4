//! The governed look-up: how many of the nearest entries are tried is decided by the policy, from how close the race is.

use std::fmt;

use kpolicy::{Charge, Conclusion, Decision, Mode, Policy, Recorded, Refused, Signals, Unit, decide};

use super::{Candidate, Catalogue, ROUTE_THRESHOLD};

/// The number of entries that a governed look-up compares.
const TOP_N: usize = 8;
/// The name of this seam in the record of a decision.
const SEAM: &str = "look_up";

/// The means of a governed look-up: its budget, and the readings on which its decision depends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LookUpSpending {
    /// The least score of an entry that is tried.
    pub floor: Unit,
    /// The most entries that are compared.
    pub top_n: usize,
    /// The worth of the right function.
    pub importance: Unit,
    /// The load of the machine.
    pub cost: Unit,
    /// The budget that the candidates are charged to, in the policy's unit. None if there is no limit.
    pub budget: Option<f64>,
    /// The rule of the decision.
    pub mode: Mode,
}

impl LookUpSpending {
    /// Returns the settings of the reference: the floor [`ROUTE_THRESHOLD`], eight entries, middle importance, an idle machine
    /// and no budget.
    #[must_use]
    pub fn reference() -> Self {
        let floor = Unit::clamped(ROUTE_THRESHOLD).unwrap_or(Unit::ONE);
        Self {
            floor,
            top_n: TOP_N,
            importance: Unit::HALF,
            cost: Unit::ZERO,
            budget: None,
            mode: Mode::Reference,
        }
    }
}

/// The action that follows from a governed look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The candidates are tried.
    Route,
    /// No entry is near enough, so the function is to be written.
    Synthesize,
}

impl Action {
    /// Returns the word that stands for the action in reports, for example `route`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Synthesize => "synthesize",
        }
    }
}

/// The result of a governed look-up: the candidates to be tried, the best first, and how their number came about.
#[derive(Clone, Debug)]
pub struct GovernedProposal<'a> {
    /// The candidates, each with the floor as its score at least. None if the function is to be written.
    pub candidates: Vec<Candidate<'a>>,
    /// The quantities that led to them.
    pub audit: Audit,
}

impl GovernedProposal<'_> {
    /// Returns what follows: candidates are tried if there are any.
    #[must_use]
    pub fn action(&self) -> Action {
        if self.candidates.is_empty() { Action::Synthesize } else { Action::Route }
    }

    /// Returns the number of candidates: 0 if the function is to be written.
    #[must_use]
    pub fn k(&self) -> usize {
        self.candidates.len()
    }
}

/// The quantities that led to a [`GovernedProposal`]. Their `Display` is one line that explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// The score of the best entry; 0 if none has a score.
    pub best: Unit,
    /// The least score for which anything is tried.
    pub floor: Unit,
    /// The decision and its charge. None if the best score is below the floor, because nothing was decided then.
    pub spent: Option<Spent>,
}

/// The decision of the policy about a race of entries, and the part of it that the budget admitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Spent {
    /// The number of entries in the race, at most [`LookUpSpending::top_n`].
    pub entries: usize,
    /// The lead of the best score over the second one, as a share of the best; 1 if there is no second one.
    pub margin: Unit,
    /// The doubt that the best entry is the right one: 1 less the margin. It is the disagreement of the decision.
    pub uncertainty: Unit,
    /// The decision of the formula about the number of candidates.
    pub decision: Decision,
    /// The record of the decision, from which it follows in its mode.
    pub recorded: Recorded,
    /// The charge of the decision. Under the formula, a charge that admits nothing still lets one candidate be tried.
    pub charge: Result<Charge, Refused>,
}

impl Spent {
    /// Returns the number of candidates that the budget admits.
    fn admitted(&self) -> u32 {
        self.charge.as_ref().map_or(0, |charge| charge.admitted)
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { best, floor, spent } = self;
        let Some(spent) = spent else {
            return write!(f, "the best score is {best:.3}, below the floor of {floor:.3}");
        };
        let Spent { margin, charge, recorded, .. } = spent;
        let Conclusion { k, used_signal, reason, .. } = recorded.conclusion();
        let signal = used_signal.word();
        let note = charge.as_ref().map_or_else(|refused| refused.word(), |charge| charge.note.word());
        write!(
            f,
            "the best score is {best:.3} and leads by {margin:.3} of that; {signal}: {reason}; {note}: {} of {}",
            spent.admitted(),
            k
        )
    }
}

/// The most characters of the words that a record names.
const MOST_WORDS: usize = 80;

/// Returns the wanted function in the words of a record: its name, or else the beginning of its description.
fn wanted(entry: &str, text: &str) -> String {
    let words = if entry.is_empty() { text } else { entry };
    words.chars().take(MOST_WORDS).collect()
}

impl Catalogue {
    /// Returns the entries to be tried for a function named `entry` that `text` describes: as many of those at the
    /// floor or above as `policy` admits, one at least, or none if the best one scores below the floor.
    ///
    /// The closer the second entry is to the best, the greater is the doubt, and the more candidates the policy admits. One
    /// candidate is tried whatever the load and the budget say, because that is cheaper than to write a function.
    #[must_use]
    pub fn governed_propose(
        &self,
        policy: &Policy,
        entry: &str,
        text: &str,
        spending: &LookUpSpending,
    ) -> GovernedProposal<'_> {
        let LookUpSpending { floor, top_n, importance, cost, budget, mode } = *spending;
        let mut candidates = self.propose(entry, text, top_n);
        let score = |place: usize| candidates.get(place).map_or(Unit::ZERO, |candidate| candidate.score);
        let (best, second) = (score(0), score(1));
        if candidates.is_empty() || best < floor {
            return GovernedProposal { candidates: Vec::new(), audit: Audit { best, floor, spent: None } };
        }
        // A candidate has a score above 0, so the margin is a number.
        let margin = Unit::clamped((best.get() - second.get()) / best.get()).unwrap_or(Unit::ZERO);
        let uncertainty = Unit::clamped(1.0 - margin.get()).unwrap_or(Unit::ONE);
        let signals = Signals { disagreement: Some(uncertainty), cost, importance, ..Signals::QUIET };
        let decision = decide(policy, &signals);
        let recorded = Recorded {
            seam: SEAM.to_owned(),
            about: wanted(entry, text),
            policy: *policy,
            signals,
            remaining: budget,
            most: u32::try_from(candidates.len()).unwrap_or(u32::MAX),
            mode,
            checks: Vec::new(),
        };
        let Conclusion { charge, .. } = recorded.conclusion();
        let spent = Spent { entries: candidates.len(), margin, uncertainty, decision, recorded, charge };
        let admitted = usize::try_from(spent.admitted()).unwrap_or(usize::MAX);
        // A plan whose minimum cannot be paid tries nothing; the formula tries one whatever the budget says.
        candidates.truncate(if mode == Mode::Reference { admitted.max(1) } else { admitted });
        // The policy counts the entries of the race. One below the floor was in it, and is not worth an exam.
        candidates.retain(|candidate| candidate.score >= floor);
        GovernedProposal { candidates, audit: Audit { best, floor, spent: Some(spent) } }
    }
}
