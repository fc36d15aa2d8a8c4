//! The depth of verification: which checks run, in which order, and when a result must not pass.

mod common;

use common::{policy, signals};
use kpolicy::{Account, Check, LeftOut, Mode, Policy, Scarcity, Settings, Signals, Unit, depth};
use proptest::prelude::*;

fn share(number: f64) -> Unit {
    Unit::new(number).expect("a share")
}

fn check(name: &str, cost: f64, power: f64) -> Check {
    Check { name: name.to_owned(), cost, power: share(power) }
}

fn checks(number: usize) -> Vec<Check> {
    (0..number).map(|place| check(&format!("check-{place}"), 1.0, 0.5)).collect()
}

fn reference() -> Policy {
    Policy::new(Settings::REFERENCE).expect("a policy")
}

const MODES: [Mode; 2] = [Mode::Reference, Mode::Improved];

#[test]
fn risk_mandates_as_many_checks_in_both_modes() {
    for (risk, wanted) in [(0.5, 1), (0.51, 2), (0.67, 3), (0.84, 4), (1.0, 4)] {
        for mode in MODES {
            let signals = Signals { risk: share(risk), cost: Unit::ONE, ..Signals::QUIET };
            let depth =
                depth(mode, &reference(), &signals, &checks(6), &Account::new(None)).expect("enough checks");
            assert_eq!(depth.run.len(), wanted, "{mode} at risk {risk}");
            assert!(
                depth.left_out.iter().all(|(_, why)| *why == LeftOut::Unjustified),
                "{mode} at risk {risk}"
            );
        }
    }
}

#[test]
fn doubt_adds_checks_that_cost_and_budget_take_away() {
    let doubtful =
        |cost| Signals { disagreement: Some(Unit::ONE), importance: Unit::ONE, cost, ..Signals::QUIET };
    let run = |mode, cost, budget| {
        let depth = depth(mode, &reference(), &doubtful(share(cost)), &checks(6), &Account::new(budget));
        let depth = depth.expect("one check is paid");
        (depth.run.len(), depth.left_out.iter().map(|(_, why)| why.word()).collect::<Vec<_>>())
    };
    assert_eq!(run(Mode::Reference, 0.0, None), (4, vec!["unjustified"; 2]));
    assert_eq!(run(Mode::Improved, 0.0, None), (4, vec!["unjustified"; 2]));
    // The reference rounds up, so it still buys a check at a load of 0.9.
    let two_by_cost = vec!["cost", "cost", "unjustified", "unjustified"];
    assert_eq!(run(Mode::Reference, 0.9, None), (2, two_by_cost));
    assert_eq!(run(Mode::Improved, 0.9, None).0, 1);
    for mode in MODES {
        let (run, why) = run(mode, 0.0, Some(2.0));
        assert_eq!((run, &why[..2]), (2, ["budget", "budget"].as_slice()), "{mode}");
    }
}

#[test]
fn checks_that_must_run_and_cannot_are_refused_and_reserve_nothing() {
    let risky = Signals { risk: Unit::ONE, ..Signals::QUIET };
    let narrow = Policy::new(Settings { k_max: 1, ..Settings::REFERENCE }).expect("a policy");
    for mode in MODES {
        let account = Account::new(Some(3.0));
        for (policy, signals, number, scarcity) in [
            (&reference(), risky, 3, Scarcity::Checks),
            (&reference(), risky, 9, Scarcity::Budget),
            (&narrow, risky, 9, Scarcity::Policy),
            (&reference(), Signals::QUIET, 0, Scarcity::Checks),
        ] {
            let refused = depth(mode, policy, &signals, &checks(number), &account).expect_err("too little");
            assert_eq!(refused.scarcity, scarcity, "{mode} with {number} checks");
            assert_eq!(account.left(), Some(3.0), "{mode} with {number} checks");
        }
        // Nothing is verified by no check, so an empty account refuses the least depth too.
        let empty = Account::new(Some(0.0));
        assert!(depth(mode, &reference(), &Signals::QUIET, &checks(3), &empty).is_err(), "{mode}");
    }
}

#[test]
fn the_improved_mode_runs_what_finds_most_for_its_cost() {
    let list = [check("dear", 5.0, 0.9), check("usual", 1.0, 0.7), check("cheap", 0.5, 0.6)];
    let signals = Signals { risk: share(0.6), ..Signals::QUIET };
    let account = Account::new(Some(4.0));
    let improved = depth(Mode::Improved, &reference(), &signals, &list, &account).expect("paid");
    assert_eq!(improved.run, [2, 1]);
    assert!((improved.reserved.amount() - 1.5).abs() < 1e-9 && account.left() == Some(2.5));
    drop(improved);
    assert_eq!(account.left(), Some(4.0));
    let first = depth(Mode::Reference, &reference(), &signals, &list, &account).expect("paid");
    assert_eq!(first.run, [0, 1]);
}

proptest! {
    #[test]
    fn every_mandated_check_runs_or_the_result_is_refused(
        policy in policy(), signals in signals(), number in 0_usize..8, budget in proptest::option::of(0.0..9.0),
        improved in any::<bool>(),
    ) {
        let mode = if improved { Mode::Improved } else { Mode::Reference };
        let (list, account) = (checks(number), Account::new(budget));
        if let Ok(depth) = depth(mode, &policy, &signals, &list, &account) {
            let decision = kpolicy::decide(&policy, &signals);
            let mandated = (decision.k_min + decision.mandated_k).max(1);
            prop_assert!(depth.run.len() >= mandated as usize);
            prop_assert_eq!(depth.run.len(), (mandated + depth.explored) as usize);
            prop_assert!(depth.run.len() <= (policy.settings().k_max.max(1)) as usize);
            prop_assert_eq!(depth.run.len() + depth.left_out.len(), number);
        } else {
            prop_assert_eq!(account.left(), Account::new(budget).left());
        }
    }
}
