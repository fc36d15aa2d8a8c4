//! `nmk policy decide`: the decision that the policy makes for stated signals.

mod certified;
mod improved;

use clap::Args;
use kpolicy::{
    Charge, CostModel, CostSettings, Decision, Policy, Pressure, Resource, Signals, Unit, charge_clamped,
    decide, lane_width,
};
use serde_json::{Value as Json, json};

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;
use crate::policy::{self, PolicyInputError};
use crate::surroundings;
use certified::{Certified, CertifiedFlags};
use improved::{Planned, planned};

#[derive(Debug, Args)]
#[command(after_help = "\
Each object is JSON; a key that is left out, or null, has its default. Keys of --signals, all from 0 to 1:
uncertainty 0, uncertainty_calibrated false, disagreement null, cost 0, risk 0, importance 0.5. Keys of
--policy: k_min 1, k_max 4, widen_threshold 0.5, require_calibrated true, cost_brake 0.6, risk_floor_at 0.5,
unit_cost 1. Keys of --sysinfo: load1, cores, cpu_percent, cpu_stall_percent, memory_percent,
memory_stall_percent, ready, held, gpu_percent. Keys of --cost-model:
queue_soft_cap 8, load_saturate 1, mem_floor 0.5, gpu_saturate 0.85. Keys of --lanes: n_lanes, importance.

With --mode improved the exit code is 1 where mandated checks cannot all run.

Examples:
  nmk policy decide --mode improved --signals '{\"risk\": 1}' --budget 9
  nmk policy decide --signals '{\"disagreement\": 1, \"importance\": 1}' --json
  nmk policy decide --sysinfo '{\"load1\": 3, \"cores\": 4}'
  nmk policy decide --signals '{\"cost\": 0.25}' --lanes '{\"n_lanes\": 8}'")]
pub(crate) struct Arguments {
    /// The signals on which the decision depends.
    #[arg(long, value_name = "JSON", default_value = "{}", hide_default_value = true)]
    signals: String,
    /// The limits and thresholds of the policy.
    #[arg(long, value_name = "JSON", default_value = "{}", hide_default_value = true)]
    policy: String,
    /// Readings of a machine, from which the cost follows: that of the fullest resource.
    #[arg(long, value_name = "JSON")]
    sysinfo: Option<String>,
    /// The readings at which each resource counts as full.
    #[arg(long, value_name = "JSON")]
    cost_model: Option<String>,
    /// Lanes, of which the load of the machine says how many advance at the same time.
    #[arg(long, value_name = "JSON")]
    lanes: Option<String>,
    /// The rule: reference, or improved, which plans attempts and checks and refuses where mandated checks cannot run.
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::Reference, hide_possible_values = true)]
    mode: Mode,
    /// The checks of which the improved mode chooses: a list of objects with name, cost and power.
    #[arg(long, value_name = "JSON")]
    checks: Option<String>,
    /// The budget that is left, to which the decision is charged.
    #[arg(long, value_name = "N", value_parser = policy::budget, allow_negative_numbers = true)]
    budget: Option<f64>,
    #[command(flatten)]
    certified: CertifiedFlags,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The rule of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    /// The formula of the reference.
    Reference,
    /// A plan on an account.
    Improved,
}

/// The load of the machine, as readings have it.
struct Load {
    pressure: Pressure,
    cost: Unit,
    binding: Resource,
}

/// The decision under either rule.
enum Decided {
    Number(Decision),
    Plan(Planned),
}

/// The width of lanes, as the load leaves it.
struct Width(Decision);

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let load = arguments.load()?;
    let signals = policy::signals(&arguments.signals, load.is_some())?;
    let signals = Signals { cost: load.as_ref().map_or(signals.cost, |load| load.cost), ..signals };
    let now = surroundings::time_of_day().unwrap_or(i64::MAX);
    let policy = policy::policy(&arguments.policy)?;
    let (signals, certified) = arguments.certified.apply(signals, &policy, now)?;
    let width = arguments.width(&policy, &signals)?;
    let checks = arguments.checks.as_deref().map(policy::checks).transpose()?;
    let decided = match (arguments.mode, checks) {
        (Mode::Improved, checks) => Decided::Plan(planned(&policy, &signals, checks, arguments.budget)),
        (Mode::Reference, None) => Decided::Number(decide(&policy, &signals)),
        (Mode::Reference, Some(_)) => return Err(PolicyInputError::NoChecks.into()),
    };
    let charged = match &decided {
        Decided::Number(decision) => arguments.budget.map(|budget| charge_clamped(decision, Some(budget))),
        Decided::Plan(_) => None,
    };
    if arguments.json {
        let mut object = match &decided {
            Decided::Number(decision) => object(decision, &signals),
            Decided::Plan(planned) => planned.object(),
        };
        load.iter().for_each(|load| load.add_to(&mut object));
        width.iter().for_each(|width| width.add_to(&mut object));
        charged.iter().for_each(|charge| add_charge(charge, &mut object));
        if let Some(certified) = &certified {
            object["certificate"] = json!(words(certified));
        }
        console.result(&object.to_string())?;
    } else {
        let lines = match &decided {
            Decided::Number(decision) => vec![line(decision)],
            Decided::Plan(planned) => planned.lines(),
        };
        lines.iter().try_for_each(|line| console.prose(line))?;
        if let Some(Load { cost, binding, .. }) = &load {
            console.prose(&format!("the cost is {cost}, by {}", binding.word()))?;
        }
        if let Some(Width(decision)) = &width {
            console.prose(&format!("{} at a time", abi::counted(decision.k, "lane")))?;
        }
        if let Some(Charge { admitted, note, .. }) = &charged {
            console.prose(&format!("the budget admits {admitted}: {}", note.word()))?;
        }
    }
    if let Some(certified) = certified.filter(|_| !arguments.json) {
        console.prose(&format!("the certificate {}", words(&certified)))?;
    }
    let is_refused = matches!(&decided, Decided::Plan(planned) if planned.is_refused());
    Ok(if is_refused { Outcome::Negative } else { Outcome::Done })
}

impl Arguments {
    fn load(&self) -> Result<Option<Load>, PolicyInputError> {
        let Some(readings) = &self.sysinfo else {
            return match self.cost_model {
                Some(_) => Err(PolicyInputError::NoReadings),
                None => Ok(None),
            };
        };
        let readings = policy::readings(readings)?;
        let model = match &self.cost_model {
            Some(text) => policy::cost_model(text)?,
            None => CostModel::new(CostSettings::REFERENCE)?,
        };
        let pressure = model.pressure(&readings);
        let (cost, binding) = pressure.cost();
        Ok(Some(Load { pressure, cost, binding }))
    }

    fn width(&self, policy: &Policy, signals: &Signals) -> Result<Option<Width>, PolicyInputError> {
        let Some(text) = &self.lanes else { return Ok(None) };
        let lanes = policy::lanes(text)?;
        let importance = lanes.importance.unwrap_or(signals.importance);
        Ok(Some(Width(lane_width(policy, lanes.number, signals.cost, importance)?)))
    }
}

fn line(decision: &Decision) -> String {
    let Decision { k, explore_k, verify_k, used_signal, reason, est_cost, .. } = decision;
    format!(
        "k = {k} ({explore_k} by doubt, {verify_k} by risk) for {est_cost}, by {}: {reason}",
        used_signal.word()
    )
}

/// Returns the decision as an object with the names of the reference.
fn object(decision: &Decision, signals: &Signals) -> Json {
    let Decision { k, explore_k, verify_k, used_signal, reason, est_cost, .. } = decision;
    json!({
        "mode": "reference",
        "k": k, "explore_k": explore_k, "verify_k": verify_k,
        "used_signal": used_signal.word(), "reason": reason.to_string(), "est_cost": est_cost,
        "cost": signals.cost.get(),
    })
}

impl Load {
    fn add_to(&self, object: &mut Json) {
        let Pressure { load, memory, queue, gpu } = self.pressure;
        object["binding"] = json!(self.binding.word());
        object["pressure"] =
            json!({"load": load.get(), "memory": memory.get(), "queue": queue.get(), "gpu": gpu.get()});
    }
}

impl Width {
    fn add_to(&self, object: &mut Json) {
        object["W"] = json!(self.0.k);
    }
}

/// Returns in words if a certificate holds.
fn words(certified: &Certified) -> String {
    match certified {
        Certified::Holds => "holds".to_owned(),
        Certified::Held(fault) => format!("does not hold: {fault}"),
    }
}

fn add_charge(charge: &Charge, object: &mut Json) {
    let Charge { admitted, spent, left, note } = charge;
    object["admitted"] = json!(admitted);
    object["spent"] = json!(spent);
    object["left"] = json!(left);
    object["note"] = json!(note.word());
}
