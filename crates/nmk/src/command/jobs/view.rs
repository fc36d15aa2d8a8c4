//! The numbers that are shown of the jobs of a ledger.

use std::collections::{BTreeMap, BTreeSet};

use abi::JobId;
use det::Level;
use holdout::Share;

use crate::jobs::{Chronicle, End, KindBy, Learning, Line, Planned, Wanted};
use crate::request;

/// The jobs that a caller wants to see.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    /// The most recent jobs that are listed.
    pub(super) last: usize,
    /// The only kind of jobs. All kinds if it is None.
    pub(super) kind: Option<String>,
    /// The time before which jobs are left out, in milliseconds since 1970.
    pub(super) since: Option<i64>,
}

/// The sums over some jobs.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) jobs: u64,
    pub(super) committed: u64,
    pub(super) abstained: u64,
    /// The committed answers that nothing checked, those at the level `none`.
    pub(super) unchecked: u64,
    pub(super) looked_up: u64,
    pub(super) interrupted: u64,
    pub(super) open: u64,
    /// The jobs that committed a checked answer, or whose proposals were judged.
    judged: usize,
    /// The number of committed answers at each level.
    pub(super) levels: BTreeMap<Level, u64>,
    pub(super) generations: u64,
    pub(super) tokens: u64,
    /// The milliseconds of the jobs whose entries tell their time. None if there is no such job.
    pub(super) wall_ms: Option<u64>,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Committed(Level),
    Abstained,
    /// The job was a look-up, which has no answer.
    LookedUp,
    Interrupted,
    /// A process works on the job.
    Running,
    /// The job is open and no process works on it; the next writer ends it.
    LeftOpen,
}

/// The templates of one kind for one model, with their runs.
pub(super) struct Templates {
    /// The choice that a request of this kind would get now.
    pub(super) choice: Planned,
    /// False if the template is not one of those between which a request chooses, such as that of a question.
    pub(super) is_chosen: bool,
}

/// Everything that is shown.
pub(super) struct View<'a> {
    pub(super) entries: u64,
    pub(super) sums: Sums,
    /// The sums of each kind, by its name.
    pub(super) kinds: BTreeMap<&'a str, Sums>,
    pub(super) templates: Vec<Templates>,
    pub(super) learnings: Vec<(&'a str, &'a Learning)>,
    /// The last jobs, the newest first.
    pub(super) recent: Vec<(&'a Line, State)>,
    /// The jobs that have not ended.
    pub(super) open: Vec<(&'a Line, State)>,
}

impl Sums {
    fn add(&mut self, line: &Line) {
        self.jobs += 1;
        match &line.end {
            Some(End::Committed(level)) => {
                self.committed += 1;
                self.unchecked += u64::from(*level == Level::None);
                *self.levels.entry(*level).or_default() += 1;
            }
            Some(End::Abstained(_)) => self.abstained += 1,
            Some(End::LookedUp) => self.looked_up += 1,
            Some(End::Interrupted) => self.interrupted += 1,
            None => self.open += 1,
        }
        self.judged += usize::from(line.is_evidence());
        // The counts of a ledger are those that its writer stated.
        self.generations = self.generations.saturating_add(line.generations);
        self.tokens = self.tokens.saturating_add(line.tokens);
        let sum = |wall_ms: u64| wall_ms.saturating_add(self.wall_ms.unwrap_or(0));
        self.wall_ms = line.wall_ms().map(sum).or(self.wall_ms);
    }

    /// Returns the share of jobs that committed a checked answer among those whose proposals were judged.
    pub(super) fn success(&self) -> Share {
        let checked = self.committed - self.unchecked;
        Share { hits: usize::try_from(checked).unwrap_or(usize::MAX), trials: self.judged }
    }
}

impl State {
    /// Returns the word for the state in `--json`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Committed(_) => "committed",
            Self::Abstained => "abstained",
            Self::LookedUp => "looked_up",
            Self::Interrupted => "interrupted",
            Self::Running => "running",
            Self::LeftOpen => "left_open",
        }
    }
}

impl<'a> View<'a> {
    /// Returns what is shown of `chronicle`. `is_at_work` tells if a process works on a job.
    ///
    /// # Errors
    /// Fails as `is_at_work` does.
    pub(super) fn new<E>(
        chronicle: &'a Chronicle,
        selection: &Selection,
        is_at_work: impl Fn(JobId) -> Result<bool, E>,
    ) -> Result<Self, E> {
        let Selection { last, kind, since } = selection;
        let is_meant = |name: &str| kind.as_deref().is_none_or(|kind| kind == name);
        let is_late = |line: &Line| since.is_none_or(|since| line.at.is_some_and(|at| at >= since));
        let meant: Vec<&Line> =
            chronicle.jobs.iter().filter(|line| is_meant(line.kind()) && is_late(line)).collect();
        let (mut sums, mut kinds) = (Sums::default(), BTreeMap::<&str, Sums>::new());
        for line in &meant {
            sums.add(line);
            kinds.entry(line.kind()).or_default().add(line);
        }
        let with_state = |line: &'a Line| Ok((line, state(line, &is_at_work)?));
        let recent = meant.iter().rev().take(*last).map(|line| with_state(line)).collect::<Result<_, E>>()?;
        let open = meant.iter().filter(|line| line.end.is_none()).map(|line| with_state(line));
        let learnings = chronicle.learnings.kinds().filter(|kind| is_meant(kind));
        let learnings =
            learnings.flat_map(|kind| chronicle.learnings.of(kind).into_iter().map(move |one| (kind, one)));
        Ok(Self {
            entries: chronicle.entries,
            sums,
            kinds,
            templates: templates(chronicle, is_meant),
            learnings: learnings.collect(),
            recent,
            open: open.collect::<Result<_, E>>()?,
        })
    }
}

fn state<E>(line: &Line, is_at_work: impl Fn(JobId) -> Result<bool, E>) -> Result<State, E> {
    Ok(match &line.end {
        Some(End::Committed(level)) => State::Committed(*level),
        Some(End::Abstained(_)) => State::Abstained,
        Some(End::LookedUp) => State::LookedUp,
        Some(End::Interrupted) => State::Interrupted,
        None if is_at_work(line.id)? => State::Running,
        None => State::LeftOpen,
    })
}

/// Returns the templates of every kind, model and way of planning of which there are runs. A template between which and
/// others nothing is chosen, such as that of a question, stands alone.
fn templates(chronicle: &Chronicle, is_meant: impl Fn(&str) -> bool) -> Vec<Templates> {
    let mut groups = BTreeSet::new();
    for (key, _) in chronicle.outcomes.tallies().filter(|(key, _)| is_meant(&key.kind)) {
        let template = key.template.as_str();
        let alone = !request::templates_of(&key.kind).contains(&template);
        groups.insert((&*key.kind, &*key.model, key.planner, alone.then_some(template)));
    }
    let choice = |(kind, model, planner, alone): (&str, &str, bool, Option<&str>)| {
        let templates = alone.map_or_else(|| request::templates_of(kind).to_vec(), |alone| vec![alone]);
        let (model, kind_by) = (model.to_owned(), KindBy::Declared);
        let wanted = Wanted { kind, kind_by, templates, stated: None, planner, model };
        let choice = Planned::choose(wanted, &chronicle.outcomes, chronicle.entries);
        Templates { choice, is_chosen: alone.is_none() }
    };
    groups.into_iter().map(choice).collect()
}
