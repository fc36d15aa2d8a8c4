//! Plans, and the account that several of them share.

mod common;

use common::{policy, signals, unit};
use kpolicy::{
    Account, Attempt, Check, Plan, Policy, Refused, Scarcity, Settings, Signals, StopRule, Unit, UsedSignal,
    plan,
};
use proptest::prelude::*;

const EAGER: Signals = Signals { disagreement: Some(Unit::ONE), importance: Unit::ONE, ..Signals::QUIET };

fn unit_of(number: f64) -> Unit {
    Unit::new(number).expect("a share")
}

fn reference() -> Policy {
    Policy::new(Settings::REFERENCE).expect("the reference is a policy")
}

fn check(name: &str, cost: f64, power: f64) -> Check {
    Check { name: name.to_owned(), cost, power: unit_of(power) }
}

fn several() -> Vec<Check> {
    vec![check("slow", 4.0, 1.0), check("weak", 1.0, 0.1), check("quick", 0.5, 0.5), check("even", 1.0, 1.0)]
}

fn planned(signals: Signals, budget: Option<f64>) -> Result<Plan, Refused> {
    plan(&reference(), &signals, &several(), &Account::new(budget))
}

#[test]
fn a_plan_says_what_is_done_in_which_order_and_what_was_cut() {
    let two = Signals { risk: unit_of(0.6), ..EAGER };
    let plan = planned(two, None).expect("nothing is scarce");
    // One check is mandated, so two of the three attempts beside the minimum have room.
    assert_eq!(plan.attempts, [Attempt::Minimum, Attempt::Doubt, Attempt::Doubt]);
    assert_eq!(plan.checks, [2], "the one that finds most for its cost");
    assert_eq!((plan.cut.by_cost, plan.cut.by_limit, plan.cut.by_budget), (0, 1, 0));
    assert_eq!(plan.used_signal, UsedSignal::IndependentDisagreement, "a limit is not told as the cost");
    assert_eq!(
        (plan.stop_attempts, plan.stop_checks),
        (StopRule::FirstThatPasses, StopRule::FirstThatRefutes)
    );
    assert_eq!(plan.reserved.amount(), 3.0 * 1.5);
    let all = planned(Signals { risk: Unit::ONE, ..Signals::QUIET }, None).expect("nothing is scarce");
    assert_eq!((all.checks.as_slice(), all.used_signal), (&[2, 3, 0][..], UsedSignal::RiskFloor));
}

#[test]
fn rounding_down_makes_thin_and_veto_hold_beyond_the_end_points() {
    for (cost, explored) in [(0.0, 3), (0.7, 2), (0.9, 0), (0.999, 0), (1.0, 0)] {
        let plan = planned(Signals { cost: unit_of(cost), ..EAGER }, None).expect("nothing is scarce");
        assert_eq!(plan.explored(), explored, "cost {cost}");
    }
    for (doubt, explored) in [(0.51, 0), (0.67, 1), (0.84, 2), (1.0, 3)] {
        let plan =
            planned(Signals { disagreement: Some(unit_of(doubt)), ..EAGER }, None).expect("no scarcity");
        assert_eq!(plan.explored(), explored, "doubt {doubt}");
    }
}

#[test]
fn mandated_work_that_cannot_all_be_done_is_refused() {
    let risky = Signals { risk: Unit::ONE, ..Signals::QUIET };
    // One attempt and three checks: 1 + 0.5 + 1 + 4.
    assert!(planned(risky, Some(6.5)).is_ok());
    let account = Account::new(Some(6.4));
    let refused = plan(&reference(), &risky, &several(), &account).expect_err("the budget is short");
    assert_eq!((refused.mandated, refused.scarcity), (4, Scarcity::Budget));
    assert_eq!(account.left(), Some(6.4), "nothing is reserved");
    let refused = plan(&reference(), &risky, &several()[..2], &account).expect_err("two checks of three");
    assert_eq!((refused.available, refused.word()), (3, "refused-checks"));
    let one = Policy::new(Settings { k_max: 1, ..Settings::REFERENCE }).expect("a policy");
    let refused = plan(&one, &risky, &several(), &account).expect_err("no room");
    assert_eq!(refused.word(), "refused-headroom");
}

#[test]
fn decisions_share_one_account() {
    let account = Account::new(Some(6.0));
    let mut first = plan(&reference(), &EAGER, &[], &account).expect("four attempts of one each");
    assert_eq!((first.attempts.len(), account.left()), (4, Some(2.0)));
    let second = plan(&reference(), &EAGER, &[], &account).expect("two attempts");
    assert_eq!((second.attempts.len(), second.cut.by_budget, account.left()), (2, 2, Some(0.0)));
    let refused = plan(&reference(), &EAGER, &[], &account).expect_err("not even the minimum");
    assert_eq!((refused.mandated, refused.available), (1, 0));
    // The first attempt passed, so that three were not made.
    first.reserved.spend(1.0).expect("four are reserved");
    drop(first);
    assert_eq!(account.left(), Some(3.0));
    drop(second);
    assert_eq!(account.left(), Some(5.0));
    let mut held = account.reserve(5.0).expect("five are left");
    assert!(held.spend(5.1).is_err());
    assert_eq!(held.amount(), 5.0);
}

#[test]
fn an_account_is_shared_by_threads() {
    let account = Account::new(Some(100.0));
    let spent: u32 = std::thread::scope(|scope| {
        let work = || {
            let mine = account.clone();
            scope.spawn(move || {
                (0..100).filter(|_| mine.reserve(1.0).is_ok_and(|mut held| held.spend(1.0).is_ok())).count()
            })
        };
        let threads: Vec<_> = (0..8).map(|_| work()).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic") as u32).sum()
    });
    assert_eq!((spent, account.left()), (100, Some(0.0)));
}

fn checks() -> impl Strategy<Value = Vec<Check>> {
    let one = (0.0..9.0, unit()).prop_map(|(cost, power)| Check { name: String::new(), cost, power });
    proptest::collection::vec(one, 0..20)
}

proptest! {
    #[test]
    fn an_account_is_never_negative_and_loses_nothing(
        policy in policy(), steps in proptest::collection::vec((signals(), 0.0..1.0), 1..12),
        checks in checks(), budget in 0.0..300.0,
    ) {
        let account = Account::new(Some(budget));
        let (mut open, mut spent) = (Vec::new(), 0.0);
        for (signals, used) in steps {
            let before = account.left().expect("a budget");
            match plan(&policy, &signals, &checks, &account) {
                Ok(mut plan) => {
                    let cost = plan.reserved.amount() * used;
                    plan.reserved.spend(cost).expect("less than is reserved");
                    spent += cost;
                    open.push(plan);
                }
                Err(_) => prop_assert_eq!(account.left(), Some(before)),
            }
            let left = account.left().expect("a budget");
            prop_assert!((0.0..=before).contains(&left));
        }
        open.clear();
        let left = account.left().expect("a budget");
        // Every amount is rounded to millionths.
        prop_assert!((budget - spent - left).abs() < 1e-4, "{budget} {spent} {left}");
    }

    #[test]
    fn mandated_work_does_not_depend_on_the_cost(
        policy in policy(), signals in signals(), cost in unit(), checks in checks(), budget in 0.0..300.0,
    ) {
        let other = Signals { cost, ..signals };
        let (one, two) = (
            plan(&policy, &signals, &checks, &Account::new(Some(budget))),
            plan(&policy, &other, &checks, &Account::new(Some(budget))),
        );
        prop_assert_eq!(one.is_ok(), two.is_ok());
        if let (Ok(one), Ok(two)) = (one, two) {
            prop_assert_eq!(one.checks, two.checks);
        }
    }

    #[test]
    fn plans_grow_with_doubt_and_budget_and_shrink_with_cost(
        policy in policy(), signals in signals(), checks in checks(), one in unit(), other in unit(),
        budget in 0.0..300.0, more in 0.0..300.0,
    ) {
        let (low, high) = (one.min(other), one.max(other));
        let explored = |signals: &Signals, budget| {
            plan(&policy, signals, &checks, &Account::new(Some(budget))).map_or(0, |plan| plan.explored())
        };
        let doubting = |doubt| Signals { disagreement: Some(doubt), ..signals };
        prop_assert!(explored(&doubting(low), budget) <= explored(&doubting(high), budget));
        let loaded = |cost| Signals { cost, ..signals };
        prop_assert!(explored(&loaded(low), budget) >= explored(&loaded(high), budget));
        prop_assert!(explored(&signals, budget) <= explored(&signals, budget + more));
    }

    #[test]
    fn a_plan_is_within_its_policy_and_accounts_for_every_cut(
        policy in policy(), signals in signals(), checks in checks(), budget in proptest::option::of(0.0..300.0),
    ) {
        if let Ok(plan) = plan(&policy, &signals, &checks, &Account::new(budget)) {
            let k = plan.attempts.len() + plan.checks.len();
            let settings = policy.settings();
            prop_assert!((settings.k_min as usize..=settings.k_max as usize).contains(&k));
            let cut = plan.cut.by_cost + plan.cut.by_limit + plan.cut.by_budget;
            prop_assert!(plan.explored() + cut <= settings.k_max - settings.k_min);
        }
    }
}
