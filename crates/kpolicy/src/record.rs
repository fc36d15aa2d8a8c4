//! The record of a decision: the signals that made it, so that anyone can make it again.

use abi::{Float, Value};

use crate::{
    Account, Charge, Check, Depth, Mode, NotUnit, Note, Plan, Policy, PolicyError, Reason, Refused, Settings,
    Signals, Unit, UsedSignal, charge, decide, depth, plan,
};

/// The name of the seam that decides to how many checks a result is put: its checks are what [`depth`] chooses from.
pub const VERIFY_DEPTH: &str = "verify_depth";

/// Everything from which a decision at a seam follows. A seam is a place where the policy decides, for example the
/// width of a ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The name of the seam, for example `ladder_width`.
    pub seam: String,
    /// The thing about which the seam decides, for example the kind of a question.
    pub about: String,
    /// The policy.
    pub policy: Policy,
    /// The signals.
    pub signals: Signals,
    /// The budget that was left. None if there is no limit.
    pub remaining: Option<f64>,
    /// The most branches that the seam can run, whatever the policy admits.
    pub most: u32,
    /// The rule by which the seam decides.
    pub mode: Mode,
    /// The checks at hand: of the seam [`VERIFY_DEPTH`] those that it chooses from, of a plan those of each attempt.
    pub checks: Vec<Check>,
}

/// The conclusion that follows from a [`Recorded`] decision about attempts, in its mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conclusion {
    /// The number of attempts that the signals justify, before the seam's own limit.
    pub k: u32,
    /// The signal that had the most effect.
    pub used_signal: UsedSignal,
    /// The quantities that led to the number.
    pub reason: Reason,
    /// The part that the budget admits, or the refusal of mandated work that it cannot pay.
    pub charge: Result<Charge, Refused>,
}

/// The reason why the record of a decision cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecordError {
    /// The record has no signals. Records of older versions have none.
    #[error("it has no signals, as those of older versions")]
    NoSignals,
    /// A field is missing, or has another type.
    #[error("its `{0}` is missing or of another type")]
    Field(&'static str),
    /// A share is out of range.
    #[error("a signal or threshold of it is wrong: {0}")]
    Share(#[from] NotUnit),
    /// The settings are no policy.
    #[error("its policy is refused: {0}")]
    Policy(#[from] PolicyError),
}

impl Recorded {
    /// Returns the body of the entry in the ledger: what went in, and the decision and charge that follow from it.
    ///
    /// The mode and the checks are left out where they are those of the reference, so that entries of older versions follow
    /// from their signals too.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let followed = self.followed();
        let mut body = vec![
            ("seam", Value::text(self.seam.as_str())),
            ("for", Value::text(self.about.as_str())),
            ("most", count(self.most)),
            ("remaining", self.remaining.map_or(Value::Null, number)),
            ("signals", signals(&self.signals)),
            ("policy", settings(self.policy.settings())),
        ];
        body.extend(followed);
        if self.mode == Mode::Improved {
            body.push(("mode", Value::text(self.mode.word())));
        }
        if !self.checks.is_empty() {
            body.push(("checks", Value::List(self.checks.iter().map(check).collect())));
        }
        Value::map(body)
    }

    /// Returns what follows at a seam of attempts: the number that the budget admits, of which the seam runs [`most`](Self::most)
    /// at most, and the reason.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let decision = decide(&self.policy, &self.signals);
        let by_formula = Conclusion {
            k: decision.k,
            used_signal: decision.used_signal,
            reason: decision.reason,
            charge: charge(&decision, self.remaining),
        };
        match self.mode {
            Mode::Reference => by_formula,
            Mode::Improved => match self.plan(&Account::new(self.remaining)) {
                Ok(plan) => self.planned(&plan),
                Err(refused) => Conclusion { charge: Err(refused), ..by_formula },
            },
        }
    }

    /// Returns what follows from a plan. Attempts that the seam cannot run are not charged.
    fn planned(&self, plan: &Plan) -> Conclusion {
        let k = u32::try_from(plan.attempts.len()).unwrap_or(u32::MAX);
        let admitted = k.min(self.most);
        // A plan without checks of a price costs the policy's unit for each attempt.
        let share = if k == 0 { 0.0 } else { f64::from(admitted) / f64::from(k) };
        let spent = plan.reserved.amount() * share;
        let left = self.remaining.map(|remaining| (remaining - spent).max(0.0));
        let note = match (self.remaining, plan.cut.by_budget) {
            (None, _) => Note::NoBudget,
            (Some(_), 0) => Note::Ok,
            (Some(_), _) if admitted == 0 => Note::BudgetExhausted,
            (Some(_), _) => Note::BudgetClamped,
        };
        let charge = Ok(Charge { admitted, spent, left, note });
        Conclusion { k, used_signal: plan.used_signal, reason: plan.reason, charge }
    }

    /// Returns the checks that run at the seam [`VERIFY_DEPTH`], paid from an account that has what remained.
    ///
    /// # Errors
    /// Returns [`Refused`] as [`depth`] does.
    pub fn depth(&self, account: &Account) -> Result<Depth, Refused> {
        depth(self.mode, &self.policy, &self.signals, &self.checks, account)
    }

    /// Returns the plan of the mode [`Mode::Improved`], paid from an account that has what remained.
    ///
    /// # Errors
    /// Returns [`Refused`] as [`plan`] does.
    pub fn plan(&self, account: &Account) -> Result<Plan, Refused> {
        plan(&self.policy, &self.signals, &self.checks, account)
    }

    /// Returns the fields that follow from what went in.
    fn followed(&self) -> Vec<(&'static str, Value)> {
        let account = Account::new(self.remaining);
        match self.mode {
            _ if self.seam == VERIFY_DEPTH => self.followed_depth(self.depth(&account)),
            Mode::Improved => self.followed_plan(self.plan(&account)),
            Mode::Reference => self.followed_formula(),
        }
    }

    fn followed_formula(&self) -> Vec<(&'static str, Value)> {
        let decision = decide(&self.policy, &self.signals);
        let charged = charge(&decision, self.remaining);
        let budget = charged.as_ref().map_or_else(|refused| refused.word(), |charge| charge.note.word());
        let admitted = charged.as_ref().map_or(0, |charge| charge.admitted.min(self.most));
        vec![
            ("signal", Value::text(decision.used_signal.word())),
            ("reason", Value::text(decision.reason.to_string())),
            ("budget", Value::text(budget)),
            ("k", count(decision.k)),
            ("explore_k", count(decision.explore_k)),
            ("verify_k", count(decision.verify_k)),
            ("admitted", count(admitted)),
        ]
    }

    fn followed_plan(&self, planned: Result<Plan, Refused>) -> Vec<(&'static str, Value)> {
        let plan = match planned {
            Ok(plan) => plan,
            Err(refused) => return self.followed_refusal(refused),
        };
        let Conclusion { k, charge, .. } = self.planned(&plan);
        let (note, admitted) = charge.map_or(("", 0), |charge| (charge.note.word(), charge.admitted));
        vec![
            ("signal", Value::text(plan.used_signal.word())),
            ("reason", Value::text(plan.reason.to_string())),
            ("budget", Value::text(note)),
            ("k", count(k)),
            ("explore_k", count(plan.explored())),
            ("verify_k", count(u32::try_from(plan.checks.len()).unwrap_or(u32::MAX))),
            ("admitted", count(admitted)),
            ("reserved", number(plan.reserved.amount())),
            (
                "cut",
                Value::map([
                    ("cost", count(plan.cut.by_cost)),
                    ("limit", count(plan.cut.by_limit)),
                    ("budget", count(plan.cut.by_budget)),
                ]),
            ),
        ]
    }

    fn followed_depth(&self, decided: Result<Depth, Refused>) -> Vec<(&'static str, Value)> {
        let depth = match decided {
            Ok(depth) => depth,
            Err(refused) => return self.followed_refusal(refused),
        };
        let run = u32::try_from(depth.run.len()).unwrap_or(u32::MAX);
        let name = |place: &usize| Value::text(self.checks[*place].name.as_str());
        let left_out = depth
            .left_out
            .iter()
            .map(|(place, why)| Value::map([("name", name(place)), ("why", Value::text(why.word()))]));
        let clamped = depth.left_out.iter().any(|(_, why)| *why == crate::LeftOut::Budget);
        let note = match self.remaining {
            None => "no-budget",
            Some(_) if clamped => "budget-clamped",
            Some(_) => "ok",
        };
        vec![
            ("signal", Value::text(depth.used_signal.word())),
            ("reason", Value::text(depth.reason.to_string())),
            ("budget", Value::text(note)),
            ("k", count(run)),
            ("explore_k", count(depth.explored)),
            ("verify_k", count(run - depth.explored)),
            ("admitted", count(run)),
            ("reserved", number(depth.reserved.amount())),
            ("ran", Value::List(depth.run.iter().map(name).collect())),
            ("left_out", Value::List(left_out.collect())),
        ]
    }

    fn followed_refusal(&self, refused: Refused) -> Vec<(&'static str, Value)> {
        let decision = decide(&self.policy, &self.signals);
        vec![
            ("signal", Value::text(decision.used_signal.word())),
            ("reason", Value::text(refused.to_string())),
            ("budget", Value::text(refused.word())),
            ("k", count(0)),
            ("explore_k", count(0)),
            ("verify_k", count(decision.mandated_k)),
            ("admitted", count(0)),
        ]
    }

    /// Returns what went into the decision whose entry has this body. What came out of it is not looked at: compare
    /// the body with [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// Returns a [`RecordError`] if a part is missing, or is one that no decision can have.
    pub fn from_value(body: &Value) -> Result<Self, RecordError> {
        let stated = body.get("signals").ok_or(RecordError::NoSignals)?;
        let limits = body.get("policy").ok_or(RecordError::Field("policy"))?;
        let disagreement = match stated.get("disagreement") {
            Some(Value::Null) => None,
            _ => Some(share(stated, "disagreement")?),
        };
        let remaining = match body.get("remaining") {
            Some(Value::Null) => None,
            _ => Some(float(body, "remaining")?),
        };
        let signals = Signals {
            uncertainty: share(stated, "uncertainty")?,
            uncertainty_calibrated: truth(stated, "uncertainty_calibrated")?,
            disagreement,
            cost: share(stated, "cost")?,
            risk: share(stated, "risk")?,
            importance: share(stated, "importance")?,
        };
        let policy = Policy::new(Settings {
            k_min: whole(limits, "k_min")?,
            k_max: whole(limits, "k_max")?,
            widen_threshold: share(limits, "widen_threshold")?,
            require_calibrated: truth(limits, "require_calibrated")?,
            cost_brake: share(limits, "cost_brake")?,
            risk_floor_at: share(limits, "risk_floor_at")?,
            unit_cost: float(limits, "unit_cost")?,
        })?;
        let (seam, about, most) = (text(body, "seam")?, text(body, "for")?, whole(body, "most")?);
        let mode = match body.get("mode") {
            None => Mode::Reference,
            Some(stated) => {
                stated.as_text().and_then(|word| word.parse().ok()).ok_or(RecordError::Field("mode"))?
            }
        };
        let checks = match body.get("checks") {
            None => Vec::new(),
            Some(Value::List(stated)) => stated.iter().map(read_check).collect::<Result<_, _>>()?,
            Some(_) => return Err(RecordError::Field("checks")),
        };
        Ok(Self { seam, about, policy, signals, remaining, most, mode, checks })
    }
}

fn signals(signals: &Signals) -> Value {
    Value::map([
        ("uncertainty", number(signals.uncertainty.get())),
        ("uncertainty_calibrated", Value::Bool(signals.uncertainty_calibrated)),
        ("disagreement", signals.disagreement.map_or(Value::Null, |share| number(share.get()))),
        ("cost", number(signals.cost.get())),
        ("risk", number(signals.risk.get())),
        ("importance", number(signals.importance.get())),
    ])
}

fn settings(settings: &Settings) -> Value {
    Value::map([
        ("k_min", count(settings.k_min)),
        ("k_max", count(settings.k_max)),
        ("widen_threshold", number(settings.widen_threshold.get())),
        ("require_calibrated", Value::Bool(settings.require_calibrated)),
        ("cost_brake", number(settings.cost_brake.get())),
        ("risk_floor_at", number(settings.risk_floor_at.get())),
        ("unit_cost", number(settings.unit_cost)),
    ])
}

fn check(check: &Check) -> Value {
    Value::map([
        ("name", Value::text(check.name.as_str())),
        ("cost", number(check.cost)),
        ("power", number(check.power.get())),
    ])
}

fn read_check(stated: &Value) -> Result<Check, RecordError> {
    Ok(Check { name: text(stated, "name")?, cost: float(stated, "cost")?, power: share(stated, "power")? })
}

fn count(number: u32) -> Value {
    Value::Int(i64::from(number))
}

/// Returns a number as a value. A budget that is NaN pays for nothing, so it is written as 0.
fn number(number: f64) -> Value {
    Value::Float(Float::new(number).or_else(|| Float::new(0.0)).expect("zero is a number"))
}

fn float(map: &Value, key: &'static str) -> Result<f64, RecordError> {
    match map.get(key) {
        Some(Value::Float(number)) => Ok(number.get()),
        _ => Err(RecordError::Field(key)),
    }
}

fn share(map: &Value, key: &'static str) -> Result<Unit, RecordError> {
    Ok(Unit::new(float(map, key)?)?)
}

fn whole(map: &Value, key: &'static str) -> Result<u32, RecordError> {
    let stated = map.get(key).and_then(Value::as_int).and_then(|number| u32::try_from(number).ok());
    stated.ok_or(RecordError::Field(key))
}

fn truth(map: &Value, key: &'static str) -> Result<bool, RecordError> {
    match map.get(key) {
        Some(Value::Bool(truth)) => Ok(*truth),
        _ => Err(RecordError::Field(key)),
    }
}

fn text(map: &Value, key: &'static str) -> Result<String, RecordError> {
    map.get(key).and_then(Value::as_text).map(str::to_owned).ok_or(RecordError::Field(key))
}
