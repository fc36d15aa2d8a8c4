//! `nmk eval novel`: what a model solves of novel tasks, and what each rung of the ladder takes for it.

mod check;
mod report;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use abi::{Decoding, Draft, Proposer, Request};
use clap::Args;
use det::TrustRoot;
use escalate::Width;
use sched::Consulted;

use crate::cli::Outcome;
use crate::command::ledger_flags::LedgerFlags;
use crate::command::python_flag::PythonFlag;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags};
use crate::console::Console;
use crate::eval::novel::{
    Graders, Item, Learned, Mark, Marks, Policies, Scripted, Sums, Task, chosen, read, right, wrong,
};
use crate::gate::{Drivers, ExecutorName, Executors};
use crate::model::ModelFailure;
use crate::policy::SpendingFlags;
use crate::primitives::Near;
use crate::recall::EVALUATION;
use crate::solve::{self, Search};
use crate::{AnyModel, Error, placebo, sensing};

use report::Evaluated;

/// The largest number of tokens of a scripted reply, which only its length in the ledger depends on.
const SCRIPTED_MAX_NEW: u32 = 4096;

#[derive(Debug, Args)]
#[command(after_help = "\
Each gap in code is a search as `nmk solve` makes it, and is solved if the gate admits a function. Each
question in prose is asked once, and its grader runs on the reply (docs/novel.md). Nothing is kept unless
--ledger names a place. The set is in the repository; elsewhere, pass --set DIR.

--model takes what `nmk ask` takes, and three more: scripted:right replies right answers, scripted:wrong
replies wrong ones of several kinds, and placebo is the embedded architecture with random weights.

Exit codes: 0 done, 1 where --check finds a fault, 2 bad input, 3 where this machine cannot isolate a candidate.

Examples:
  nmk eval novel --model scripted:right --items 5 --draws 200
  nmk eval novel --check --items 5 --draws 200")]
pub(crate) struct Arguments {
    /// The folder of the set.
    #[arg(long, value_name = "DIR", default_value = "fixtures/novel500")]
    set: PathBuf,
    /// The model: coder (the default), embedded, a folder, the address of an endpoint, scripted:right, scripted:wrong, or placebo.
    #[arg(long, value_name = "DIR|URL|NAME")]
    model: Option<OsString>,
    /// The model's name at the endpoint.
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// The most items that are evaluated, drawn under the seed.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    items: Option<usize>,
    /// The seed of the choice of items, and of the weights of the placebo.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Evaluate the gaps in code alone, or the questions in prose alone.
    #[arg(long, value_name = "KIND", value_parser = ["code", "prose"])]
    only: Option<String>,
    /// The rule for the number of attempts at a temperature: gate, by the severity of the first failure, or fixed:N. Several
    /// are compared on the same items. Without it the rule is gate.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = width)]
    policy: Vec<Policy>,
    /// The draws of each exam, in place of those that the specifications state.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    draws: Option<u32>,
    /// The most tokens of one attempt or reply.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_new: Option<u32>,
    /// The file for the functions that are admitted, which `nmk prims import` reads.
    #[arg(long, value_name = "FILE")]
    learned: Option<PathBuf>,
    /// Check the set itself instead of a model: the gate judges every right solution, and every grader its replies.
    #[arg(long, conflicts_with_all = ["model", "model_name", "policy", "max_new", "learned", "cost", "importance", "budget", "policy_mode", "log"])]
    check: bool,
    #[command(flatten)]
    spending: SpendingFlags,
    /// The file for the result with its conditions, in JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    interpreter: PythonFlag,
    #[command(flatten)]
    compute: ComputeFlags,
    #[command(flatten)]
    place: LedgerFlags,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// A rule for the number of attempts at a temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Gate,
    Fixed(u32),
}

/// The refusal of a word that is no rule.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("it is gate, or fixed:N with an N from 0 to 6")]
struct NoPolicy;

/// Reads a rule: `gate`, or `fixed:N` with an N from 0 to 6.
fn width(word: &str) -> Result<Policy, NoPolicy> {
    let fixed = || word.strip_prefix("fixed:")?.parse().ok().filter(|k| *k <= 6).map(Policy::Fixed);
    match word {
        "gate" => Ok(Policy::Gate),
        _ => fixed().ok_or(NoPolicy),
    }
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gate => f.write_str("gate"),
            Self::Fixed(k) => write!(f, "fixed:{k}"),
        }
    }
}

impl Policy {
    fn width(self, config: &Config) -> Width {
        match self {
            Self::Fixed(k) => Width::Fixed(k),
            Self::Gate => solve::by_severity(config, sensing::load(&config.spending).cost),
        }
    }
}

/// The model that is evaluated.
enum Subject {
    ScriptedRight,
    ScriptedWrong,
    Model(Box<AnyModel>),
}

impl Subject {
    /// Returns the prepared replies to an item. None for a model that generates its replies.
    fn scripted(&self, item: &Item, number: usize) -> Option<Scripted> {
        match self {
            Self::ScriptedRight => Some(right(item)),
            Self::ScriptedWrong => Some(wrong(item, number)),
            Self::Model(_) => None,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::ScriptedRight => "scripted:right".to_owned(),
            Self::ScriptedWrong => "scripted:wrong".to_owned(),
            Self::Model(model) => model.identity().name,
        }
    }

    fn max_new(&self, config: &Config) -> u32 {
        match self {
            Self::Model(model) => model.limit(config.max_new),
            _ => SCRIPTED_MAX_NEW,
        }
    }
}

/// The proposer of one item: the model, or the prepared replies.
type Asked<'a> = &'a mut dyn Proposer<Error = ModelFailure>;

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: impl TrustRoot + Copy + 'static,
) -> Result<Outcome, Error> {
    arguments.refuse_idle()?;
    if let Some(path) = &arguments.learned {
        Learned::check(path)?;
    }
    let items = arguments.items()?;
    let python = arguments.interpreter.python.as_path();
    if arguments.check {
        return check::run(&items, python, arguments.json, console, &root);
    }
    let (config, mut subject) = arguments.subject()?;
    let mut learned = Learned::default();
    let mut policies = Policies::default();
    for policy in arguments.policies() {
        let mut sums = Sums::default();
        for (number, item) in items.iter().enumerate() {
            let Task::Code { spec, .. } = &item.task else { continue };
            console.progress(&format!("{policy}: {} ({} of {})…", item.id, number + 1, items.len()));
            let max_new = subject.max_new(&config);
            let executors = Executors { executor: None, compares: false, python };
            let width = policy.width(&config);
            let search = Search {
                spec,
                config: &config,
                executors,
                width,
                store: None,
                consulted: Consulted::no_memory(EVALUATION),
            };
            let solved = with_proposer(&mut subject, item, number, |asked| {
                solve::climb(asked, max_new, search, Near::default(), None, root, &mut |_| {})
            })?;
            if let Some(primitive) = &solved.primitive {
                learned.add(primitive, spec);
            }
            sums.add(&item.difficulty, &solved);
        }
        policies.0.push((policy.to_string(), sums));
    }
    let drivers = Drivers::new(ExecutorName::Cpython, python)?;
    let marks = asked(
        &items,
        &mut subject,
        &config,
        &Graders { drivers: &drivers, root: &root },
        arguments,
        console,
    )?;
    console.clear();
    if let Some(path) = &arguments.learned {
        learned.write(path)?;
    }
    let result = Evaluated { subject: &subject, policies: &policies, marks: &marks, learned: learned.len() };
    arguments.report(&result, &config, items.len(), console)?;
    let is_unproven = policies.0.iter().any(|(_, sums)| sums.is_unproven());
    Ok(if is_unproven { Outcome::Unproven } else { Outcome::Done })
}

/// Calls `then` with the proposer of an item.
fn with_proposer<T>(
    subject: &mut Subject,
    item: &Item,
    number: usize,
    then: impl FnOnce(Asked<'_>) -> T,
) -> T {
    if let Some(mut scripted) = subject.scripted(item, number) {
        return then(&mut scripted);
    }
    match subject {
        Subject::Model(model) => then(&mut **model),
        Subject::ScriptedRight | Subject::ScriptedWrong => unreachable!("scripted models have replies"),
    }
}

/// Asks the questions in prose, each once, and has the replies graded.
fn asked<R: TrustRoot>(
    items: &[Item],
    subject: &mut Subject,
    config: &Config,
    graders: &Graders<'_, R>,
    arguments: &Arguments,
    console: &mut Console<'_>,
) -> Result<Marks, Error> {
    let mut marks = Marks::default();
    for (number, item) in items.iter().enumerate() {
        let Task::Prose { prompt, grader, .. } = &item.task else { continue };
        console.progress(&format!("{} ({} of {})…", item.id, number + 1, items.len()));
        let max_new = subject.max_new(config);
        let request = Request { prompt, facts: "", schema: None, max_new, decoding: Decoding::Greedy };
        let started = Instant::now();
        let drafted = with_proposer(subject, item, number, |asked| asked.propose(&request, &mut |_| {}));
        marks.seconds += started.elapsed().as_secs_f64();
        let mark = match drafted {
            Ok(draft) => {
                marks.tokens += Draft::used(&draft.value);
                let failed = |error| arguments.refused(&item.id, error);
                graders.mark(grader, &draft.value.text).map_err(failed)?
            }
            // An endpoint that fails says nothing about its model.
            Err(ModelFailure::Remote(error)) => return Err(Error::Remote(error)),
            Err(_) => Mark::Unanswered,
        };
        marks.add(mark);
    }
    Ok(marks)
}

impl Arguments {
    /// Returns the rules that are compared.
    fn policies(&self) -> &[Policy] {
        if self.policy.is_empty() { &[Policy::Gate] } else { &self.policy }
    }

    /// Fails if a flag would change nothing.
    fn refuse_idle(&self) -> Result<(), Error> {
        const NO_GAP: &str = "there is no gap in code where --only prose is passed; leave one of both out";
        const NO_LEDGER: &str = "nothing is kept unless --ledger names a place; leave it out";
        const NO_PLACE: &str =
            "it signs a ledger, and there is one only with --ledger; pass both, or neither";
        let is_prose = self.only.as_deref() == Some("prose");
        const FIXED: &str = "every rule of --policy fixes the number of attempts; leave one of both out";
        let is_fixed = !self.policy.is_empty() && !self.policy.contains(&Policy::Gate);
        let spending = self.spending.stated().unwrap_or_default();
        let idle = [
            (spending, is_prose && !spending.is_empty(), NO_GAP),
            (spending, is_fixed && !spending.is_empty(), FIXED),
            ("policy", is_prose && !self.policy.is_empty(), NO_GAP),
            ("draws", is_prose && self.draws.is_some(), NO_GAP),
            ("learned", is_prose && self.learned.is_some(), NO_GAP),
            ("no-ledger", self.place.no_ledger, NO_LEDGER),
            ("key", self.place.key.is_some() && self.place.ledger.is_none(), NO_PLACE),
        ];
        match idle.into_iter().find(|(_, is_idle, _)| *is_idle) {
            Some((flag, _, why)) => Err(Error::Idle { flag: flag.to_owned(), why }),
            None => Ok(()),
        }
    }

    fn items(&self) -> Result<Vec<Item>, Error> {
        let refused = |(path, cause): (PathBuf, _)| Error::Candidate { path, what: format!("{cause}") };
        let mut items = read(&self.set, self.draws).map_err(|fault: (PathBuf, _)| refused(fault))?;
        if let Some(kind) = &self.only {
            items.retain(|item| matches!(item.task, Task::Code { .. }) == (kind == "code"));
        }
        Ok(match self.items {
            None => items,
            Some(count) => chosen(items, count, self.seed),
        })
    }

    fn refused(&self, id: &str, error: impl std::fmt::Display) -> Error {
        Error::Candidate { path: self.set.clone(), what: format!("{id}: {error}") }
    }

    /// Returns the configuration, and the model that the flags name.
    fn subject(&self) -> Result<(Config, Subject), Error> {
        let word = self.model.as_ref().and_then(|model| model.to_str());
        let own = word.filter(|word| ["scripted:right", "scripted:wrong", placebo::NAME].contains(word));
        let flags = Flags {
            config: self.config.clone(),
            model: self.model.clone().filter(|_| own.is_none()),
            model_name: self.model_name.clone(),
            max_new: self.max_new,
            compute: self.compute,
            spending: self.spending,
            ledger: self.place.ledger.clone(),
            key: self.place.key.clone(),
            // An evaluation leaves nothing in a ledger that was not named for it.
            no_ledger: self.place.ledger.is_none(),
            ..Flags::default()
        };
        let config = solve::config(&flags)?;
        let subject = match own {
            Some("scripted:right") => Subject::ScriptedRight,
            Some("scripted:wrong") => Subject::ScriptedWrong,
            Some(_) => Subject::Model(Box::new(placebo::placebo(self.seed, config.compute)?)),
            None => Subject::Model(Box::new(AnyModel::open(&config)?)),
        };
        Ok((config, subject))
    }
}
