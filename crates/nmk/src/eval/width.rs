//! The width of a search by the load of the machine and by the budget, on the real ladder with a scripted model.

mod busy;

use std::path::Path;

use abi::Value;
use det::TrustRoot;
use escalate::{Rung, Width};
use holdout::Spec;
use kpolicy::{Mode, Policy, Sample, Settings, Smoothed, Smoothing, Unit};
use sched::Consulted;

use super::novel::Scripted;
use crate::Error;
use crate::config::Config;
use crate::gate::Executors;
use crate::primitives::Near;
use crate::recall::EVALUATION;
use crate::sensing::{Broken, Sensors};
use crate::solve::{self, Search};
use busy::Busy;

/// The specification of the search. The gate has its oracle, so its exam is the same on every machine.
const SPEC: &str = r#"{"entry": "gcd", "description": "The greatest common divisor of a and b.",
    "args": [{"name": "a", "type": "int", "min": 1, "max": 1000}, {"name": "b", "type": "int", "min": 1, "max": 1000}],
    "returns": {"type": "int"}, "samples": [{"args": [12, 18], "returns": 6}], "oracle": {"builtin": "gcd"}}"#;
/// A function that is wrong on every instance, so that its severity is 1.
const WRONG: &str = "def gcd(a, b):\n    return -1\n";
/// A function that the gate admits.
const RIGHT: &str = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n";
/// The largest number of tokens of a scripted reply, which only its length in the ledger depends on.
const MAX_NEW: u32 = 256;
/// The most attempts of the policy.
const K_MAX: u32 = 5;
/// The samples of the load until a machine that is made busy must be seen as full: half a minute of them.
const MOST_SAMPLES: u32 = 150;

/// One condition under which the ladder is climbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arm {
    /// No policy decides, so the width is fixed.
    NoPolicy,
    /// The load is stated to be none.
    Idle,
    /// The load is stated to be full.
    BusyStated,
    /// Threads of this command fill the machine, and the load is measured.
    BusyMeasured,
    /// The machine is idle, and the budget pays for two attempts.
    Budget,
    /// The first attempt passes.
    FirstPasses,
}

impl Arm {
    /// All conditions, in the order in which they are measured.
    pub(crate) const ALL: [Self; 6] =
        [Self::NoPolicy, Self::Idle, Self::BusyStated, Self::BusyMeasured, Self::Budget, Self::FirstPasses];

    /// Returns the word that stands for the condition in reports, for example `busy_measured`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NoPolicy => "no_policy",
            Self::Idle => "idle",
            Self::BusyStated => "busy_stated",
            Self::BusyMeasured => "busy_measured",
            Self::Budget => "budget",
            Self::FirstPasses => "first_passes",
        }
    }

    /// Returns the number of attempts at a temperature that is wanted.
    pub(crate) fn wanted(self) -> u32 {
        match self {
            Self::NoPolicy => FIXED,
            Self::Idle => K_MAX,
            Self::BusyStated | Self::BusyMeasured => 1,
            Self::Budget => 2,
            Self::FirstPasses => 0,
        }
    }
}

/// The width without a policy.
const FIXED: u32 = 3;

/// The ladder under one condition.
#[derive(Clone, Debug)]
pub(crate) struct Climbed {
    /// The load that the policy was given. None if there was no policy.
    pub(crate) cost: Option<Unit>,
    /// The number of attempts that were made at a temperature.
    pub(crate) k: u32,
    /// The number of all attempts, with the first one and the repairs.
    pub(crate) attempts: usize,
    /// The reason for the width, in words. None if it was not decided.
    pub(crate) why: Option<String>,
}

/// The reason why a condition cannot be shown on this machine.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum NotShown {
    /// The threads of the command did not fill the machine, because it has more processors than this process may use.
    #[error("threads of this command raised the load to {0} and not to 1, so a busy machine was not shown")]
    NotFull(Unit),
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Climbs the ladder under `arm`, whose attempts the interpreter `python` runs.
///
/// # Errors
/// [`Error`] if the machine cannot hold an exam.
pub(crate) fn climb(
    arm: Arm,
    python: &Path,
    root: impl TrustRoot + Copy + 'static,
) -> Result<Result<Climbed, NotShown>, Error> {
    let cost = match arm {
        Arm::BusyStated => Unit::ONE,
        Arm::BusyMeasured => match load_under_work() {
            Ok(cost) => cost,
            Err(why) => return Ok(Err(why)),
        },
        _ => Unit::ZERO,
    };
    let policy = Policy::new(Settings { k_max: K_MAX, ..Settings::REFERENCE }).expect("at least one attempt");
    let budget = (arm == Arm::Budget).then_some(2.0);
    let width = match arm {
        Arm::NoPolicy => Width::Fixed(FIXED),
        _ => Width::Policy { policy, importance: Unit::ONE, cost, budget, mode: Mode::Reference },
    };
    let spec = spec();
    let config = Config { no_ledger: true, ..Config::at("", "") };
    let executors = Executors { executor: None, compares: false, python };
    let search = Search {
        spec: &spec,
        config: &config,
        executors,
        width,
        store: None,
        consulted: Consulted::no_memory(EVALUATION),
    };
    let reply = if arm == Arm::FirstPasses { RIGHT } else { WRONG };
    let model = Scripted::new("scripted", vec![reply.to_owned()]);
    let solved = solve::climb(model, MAX_NEW, search, Near::default(), None, root, &mut |_| {})?;
    let k = solved.tried.iter().filter(|tried| tried.rung == Rung::Diverse).count();
    Ok(Ok(Climbed {
        cost: (arm != Arm::NoPolicy).then_some(cost),
        k: u32::try_from(k).unwrap_or(u32::MAX),
        attempts: solved.tried.len(),
        why: solved.widened.map(|widened| widened.why),
    }))
}

fn spec() -> Spec {
    let value: Value = det::parse_json(SPEC).expect("the specification is JSON");
    Spec::from_value(value).expect("the specification is sound")
}

/// Returns the load of the machine while threads of this process fill it, as soon as it is 1.
fn load_under_work() -> Result<Unit, NotShown> {
    let model = kpolicy::CostModel::new(kpolicy::CostSettings::REFERENCE).expect("the reference is a model");
    let mut smoothed = Smoothed::new(Smoothing::DEFAULT).expect("the default is valid");
    let mut sensors = Sensors::new()?;
    let busy = Busy::begin();
    for _ in 0..MOST_SAMPLES {
        let (cost, _) = model.pressure(&sensors.read()?).cost();
        if smoothed.take(Sample::Cost(cost)) == Unit::ONE {
            break;
        }
    }
    drop(busy);
    match smoothed.cost() {
        Unit::ONE => Ok(Unit::ONE),
        cost => Err(NotShown::NotFull(cost)),
    }
}
