//! The part of the configuration by which the policy spends.

use std::fmt;
use std::str::FromStr;

use kpolicy::{CostModel, CostSettings, Mode, NotAMode, Policy, Settings, Unit};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::file::Source;

/// The settings by which the policy decides what a further attempt is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spending {
    /// The rule by which every seam decides.
    pub mode: Mode,
    /// The load of the machine. A higher one makes further attempts less likely.
    pub cost: CostSource,
    /// The importance of a right answer, from 0 to 1. A higher one makes further attempts more likely.
    pub importance: Unit,
    /// The harm of a wrong answer, from 0 to 1. Above the policy's threshold, a second attempt is mandatory.
    pub risk: Unit,
    /// The budget for attempts beyond the first one, in the policy's unit of cost. None means no limit.
    pub budget: Option<f64>,
    /// The thresholds of every policy, and the most attempts of a search at a temperature as its `k_max`.
    pub limits: Settings,
    /// The readings at which each resource of the machine counts as full.
    pub cost_model: CostSettings,
}

/// The source of the load of the machine: a number that the user states, or the machine's own sensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostSource {
    /// The load is this one, from 0 (idle) to 1 (busy).
    Stated(Unit),
    /// The load is measured when it is needed.
    Machine,
}

/// A text that is no source of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("state a number from 0 to 1, or `machine` to measure it")]
pub struct NotACost;

/// The word for the load that is measured.
const MACHINE: &str = "machine";

impl FromStr for CostSource {
    type Err = NotACost;

    fn from_str(text: &str) -> Result<Self, NotACost> {
        if text == MACHINE {
            return Ok(Self::Machine);
        }
        let number = text.parse().map_err(|_| NotACost)?;
        Unit::new(number).map(Self::Stated).map_err(|_| NotACost)
    }
}

impl fmt::Display for CostSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stated(cost) => cost.fmt(f),
            Self::Machine => f.write_str(MACHINE),
        }
    }
}

impl Spending {
    /// The importance of a right answer, where nobody states another one.
    const IMPORTANCE: f64 = 0.7;
    /// The most attempts of a search at a temperature.
    const K_MAX: u32 = 5;

    /// Returns the defaults: an idle machine, no risk and no budget.
    pub(crate) fn reference() -> Self {
        Self {
            mode: Mode::Reference,
            cost: CostSource::Stated(Unit::ZERO),
            importance: Unit::clamped(Self::IMPORTANCE).expect("it is a number"),
            risk: Unit::ZERO,
            budget: None,
            limits: Settings { k_max: Self::K_MAX, ..Settings::REFERENCE },
            cost_model: CostSettings::REFERENCE,
        }
    }

    /// Returns the policy of a question: at most one further attempt, and none at a cost of 1. If the minimum
    /// were one attempt, no cost could prevent it.
    pub(crate) fn question_policy(&self) -> Policy {
        Policy::new(Settings { k_min: 0, k_max: 1, ..self.limits }).expect("the limits were checked")
    }

    /// Returns the policy of a task `fact_loop`, the reference's: at most two further drafts, and none at a cost of 1.
    pub(crate) fn loop_policy(&self) -> Policy {
        Policy::new(Settings { k_min: 0, k_max: 2, ..self.limits }).expect("the limits were checked")
    }

    /// Returns the policy of a search: at least one attempt at a temperature.
    pub(crate) fn search_policy(&self) -> Policy {
        Policy::new(self.limits).expect("the limits were checked")
    }

    /// Returns the policy of a look-up: at least one candidate, and at most as many as the reference tries.
    pub(crate) fn look_up_policy(&self) -> Policy {
        let k_max = Settings::REFERENCE.k_max;
        Policy::new(Settings { k_max, ..self.limits }).expect("the limits were checked")
    }

    /// Returns the policy of the checks on a result: at least one check, and at most as many as the reference runs.
    pub(crate) fn depth_policy(&self) -> Policy {
        self.look_up_policy()
    }

    /// Returns the cost model.
    pub(crate) fn model(&self) -> CostModel {
        CostModel::new(self.cost_model).expect("the settings were checked")
    }
}

/// The table `policy` of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyTable {
    mode: Option<String>,
    cost: Option<StatedCost>,
    importance: Option<f64>,
    risk: Option<f64>,
    budget: Option<f64>,
    k_max: Option<u32>,
    widen_threshold: Option<f64>,
    cost_brake: Option<f64>,
    risk_floor_at: Option<f64>,
    unit_cost: Option<f64>,
    #[serde(default)]
    cost_model: CostModelTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CostModelTable {
    queue_soft_cap: Option<f64>,
    load_saturate: Option<f64>,
    mem_floor: Option<f64>,
    gpu_saturate: Option<f64>,
}

/// A load as the file states it: a number, or a word.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum StatedCost {
    Number(f64),
    Word(String),
}

impl PolicyTable {
    pub(super) fn apply(&self, spending: &mut Spending, source: &Source) -> Result<(), ConfigError> {
        if let Some(word) = &self.mode {
            let wrong = |error: NotAMode| source.invalid("policy.mode", &error.to_string());
            spending.mode = word.parse().map_err(wrong)?;
        }
        if let Some(stated) = &self.cost {
            let parsed = match stated {
                StatedCost::Number(number) => {
                    Unit::new(*number).map(CostSource::Stated).map_err(|_| NotACost)
                }
                StatedCost::Word(word) => word.parse(),
            };
            spending.cost = parsed.map_err(|error| source.invalid("policy.cost", &error.to_string()))?;
        }
        let limits = &mut spending.limits;
        let shares = [
            ("policy.importance", self.importance, &mut spending.importance),
            ("policy.risk", self.risk, &mut spending.risk),
            ("policy.widen_threshold", self.widen_threshold, &mut limits.widen_threshold),
            ("policy.cost_brake", self.cost_brake, &mut limits.cost_brake),
            ("policy.risk_floor_at", self.risk_floor_at, &mut limits.risk_floor_at),
        ];
        for (key, stated, share) in shares {
            if let Some(number) = stated {
                *share = Unit::new(number)
                    .map_err(|error| source.invalid(key, &format!("{error}; state one that is")))?;
            }
        }
        limits.k_max = self.k_max.unwrap_or(limits.k_max);
        limits.unit_cost = self.unit_cost.unwrap_or(limits.unit_cost);
        Policy::new(*limits).map_err(|error| source.invalid("policy", &error.to_string()))?;
        if let Some(budget) = self.budget {
            if !(budget >= 0.0 && budget.is_finite()) {
                return Err(
                    source.invalid("policy.budget", "state a number that is not negative, or leave it out")
                );
            }
            spending.budget = Some(budget);
        }
        self.cost_model.apply(&mut spending.cost_model, source)
    }
}

impl CostModelTable {
    fn apply(&self, settings: &mut CostSettings, source: &Source) -> Result<(), ConfigError> {
        let stated = [
            (self.queue_soft_cap, &mut settings.queue_soft_cap),
            (self.load_saturate, &mut settings.load_saturate),
            (self.mem_floor, &mut settings.mem_floor),
            (self.gpu_saturate, &mut settings.gpu_saturate),
        ];
        for (stated, setting) in stated {
            *setting = stated.unwrap_or(*setting);
        }
        let checked = CostModel::new(*settings);
        checked.map(drop).map_err(|error| source.invalid("policy.cost_model", &error.to_string()))
    }
}

/// The table `policy` as `nmk config` prints it.
#[derive(Serialize)]
pub(super) struct PolicyShown {
    mode: &'static str,
    cost: StatedCost,
    importance: f64,
    risk: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<f64>,
    k_max: u32,
    widen_threshold: f64,
    cost_brake: f64,
    risk_floor_at: f64,
    unit_cost: f64,
    cost_model: CostModelShown,
}

#[derive(Serialize)]
struct CostModelShown {
    queue_soft_cap: f64,
    load_saturate: f64,
    mem_floor: f64,
    gpu_saturate: f64,
}

impl PolicyShown {
    pub(super) fn from_spending(spending: &Spending) -> Self {
        let Spending { limits, cost_model, .. } = spending;
        let cost = match spending.cost {
            CostSource::Stated(cost) => StatedCost::Number(cost.get()),
            CostSource::Machine => StatedCost::Word(MACHINE.to_owned()),
        };
        Self {
            mode: spending.mode.word(),
            cost,
            importance: spending.importance.get(),
            risk: spending.risk.get(),
            budget: spending.budget,
            k_max: limits.k_max,
            widen_threshold: limits.widen_threshold.get(),
            cost_brake: limits.cost_brake.get(),
            risk_floor_at: limits.risk_floor_at.get(),
            unit_cost: limits.unit_cost,
            cost_model: CostModelShown {
                queue_soft_cap: cost_model.queue_soft_cap,
                load_saturate: cost_model.load_saturate,
                mem_floor: cost_model.mem_floor,
                gpu_saturate: cost_model.gpu_saturate,
            },
        }
    }
}
