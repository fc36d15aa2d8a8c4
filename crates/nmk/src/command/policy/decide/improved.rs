//! The improved mode: a plan on an account, or the refusal of one.

use abi::counted;
use kpolicy::{Account, Attempt, Check, Plan, Policy, Refused, Signals, Unit, decide, plan};
use serde_json::{Value as Json, json};

/// A plan, or its refusal, with what a report needs beside it.
pub(super) struct Planned {
    plan: Result<Plan, Refused>,
    checks: Vec<Check>,
    account: Account,
    cost: Unit,
}

/// Makes the plan for `signals`. Without `checks`, there are as many as the risk makes mandatory, of one attempt's cost each.
pub(super) fn planned(
    policy: &Policy,
    signals: &Signals,
    checks: Option<Vec<Check>>,
    budget: Option<f64>,
) -> Planned {
    let account = Account::new(budget);
    let checks = checks.unwrap_or_else(|| {
        let check = |number| {
            let cost = policy.settings().unit_cost;
            Check { name: format!("check-{number}"), cost, power: Unit::ONE }
        };
        (1..=decide(policy, signals).mandated_k).map(check).collect()
    });
    let plan = plan(policy, signals, &checks, &account);
    Planned { plan, checks, account, cost: signals.cost }
}

impl Planned {
    /// Returns true if the mandated work cannot all be done, so that nothing may be done.
    pub(super) fn is_refused(&self) -> bool {
        self.plan.is_err()
    }

    /// Returns the plan as an object with the names of the reference, and the steps beside them.
    pub(super) fn object(&self) -> Json {
        let plan = match &self.plan {
            Ok(plan) => plan,
            Err(refused) => return self.refusal(refused),
        };
        let (attempts, checks) = (self.attempts(plan), self.order(plan));
        json!({
            "mode": "improved",
            "k": attempts.len() + checks.len(),
            "explore_k": plan.explored(),
            "verify_k": checks.len(),
            "used_signal": plan.used_signal.word(),
            "reason": plan.reason.to_string(),
            "est_cost": plan.reserved.amount(),
            "cost": self.cost.get(),
            "plan": {
                "attempts": attempts,
                "stop_attempts": plan.stop_attempts.word(),
                "checks": checks,
                "stop_checks": plan.stop_checks.word(),
            },
            "cut": {
                "by_cost": plan.cut.by_cost, "by_limit": plan.cut.by_limit, "by_budget": plan.cut.by_budget,
            },
            "left": self.account.left(),
            "refused": null,
        })
    }

    fn refusal(&self, refused: &Refused) -> Json {
        json!({
            "mode": "improved", "k": 0, "explore_k": 0, "verify_k": 0, "used_signal": "risk_floor",
            "reason": refused.to_string(), "est_cost": 0.0, "cost": self.cost.get(), "plan": null, "cut": null,
            "left": self.account.left(), "refused": refused.word(),
        })
    }

    /// Returns the plan as lines for a person.
    pub(super) fn lines(&self) -> Vec<String> {
        let plan = match &self.plan {
            Ok(plan) => plan,
            Err(refused) => return vec![format!("refused: {refused}")],
        };
        let (attempts, checks, cut) = (self.attempts(plan), self.order(plan), plan.cut);
        let listed = |words: &[&str]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        vec![
            format!("attempts: {}; stop at the {}", listed(&attempts), plan.stop_attempts.word()),
            format!("checks of each result: {}; stop at the {}", listed(&checks), plan.stop_checks.word()),
            format!("reserved: {}, by {}", plan.reserved.amount(), plan.used_signal.word()),
            format!(
                "left out: {} by the cost, {} by k_max, {} by the budget",
                counted(cut.by_cost, "attempt"),
                cut.by_limit,
                cut.by_budget
            ),
        ]
    }

    fn attempts(&self, plan: &Plan) -> Vec<&'static str> {
        let word = |attempt: &Attempt| match attempt {
            Attempt::Minimum => "minimum",
            Attempt::Doubt => "doubt",
        };
        plan.attempts.iter().map(word).collect()
    }

    fn order(&self, plan: &Plan) -> Vec<&str> {
        plan.checks.iter().map(|place| self.checks[*place].name.as_str()).collect()
    }
}
