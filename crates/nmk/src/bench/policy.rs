//! The benchmark of the policy: decisions, plans and records a second.

use std::hint::black_box;

use kpolicy::{Account, Check, Mode, Policy, Recorded, Settings, Signals, Unit, charge, decide, plan};
use serde_json::json;

use super::clock::timed;
use super::{Cell, Figure, Group, Report, Row};

/// The runs of each measurement. The median is reported, with the least and the most.
const REPEATS: usize = 7;
/// The decisions of one run.
const DECISIONS: u32 = 200_000;

/// Measures one thread that decides about a grid of signals.
pub(crate) fn measure(watch: &mut dyn FnMut(&str)) -> Report {
    let policy = Policy::new(Settings::REFERENCE).expect("the reference is a policy");
    let check = |cost, power| Check { name: String::new(), cost, power };
    let checks = [check(1.0, Unit::ONE), check(2.0, Unit::HALF), check(4.0, Unit::ONE)];
    let account = Account::new(Some(1e6));
    let kinds: [(&'static str, &dyn Fn(Signals)); 4] = [
        ("decide", &|signals| discard(decide(&policy, &signals))),
        ("decide_and_charge", &|signals| discard(charge(&decide(&policy, &signals), Some(3.0)))),
        ("plan_on_an_account", &|signals| discard(plan(&policy, &signals, &checks, &account))),
        ("record", &|signals| {
            let (seam, about) = (String::new(), String::new());
            let (mode, checks) = (Mode::Reference, Vec::new());
            let recorded = Recorded { seam, about, policy, signals, remaining: None, most: 4, mode, checks };
            discard(recorded.to_value());
        }),
    ];
    let mut rows = Vec::new();
    for (kind, decide) in kinds {
        watch(kind);
        let run = |_| {
            let (took, ()) = timed(|| (0..DECISIONS).for_each(|number| decide(signals(number))));
            f64::from(DECISIONS) / took.busy_seconds()
        };
        let figure = Figure::from_runs((0..REPEATS).map(run).collect());
        rows.push(Row {
            settings: vec![("kind", json!(kind))],
            cells: vec![("decisions_per_second", Cell::Figure(figure))],
        });
    }
    let conditions = vec![("runs", json!(REPEATS)), ("decisions", json!(DECISIONS)), ("threads", json!(1))];
    Report { conditions, groups: vec![Group { name: "policy", rows }] }
}

/// Drops a result that the compiler must not leave out.
fn discard<T>(result: T) {
    let _result = black_box(result);
}

/// Returns the signals with this number of a grid.
fn signals(number: u32) -> Signals {
    let share = |step: u32| Unit::clamped(f64::from(number / step % 11) / 10.0).unwrap_or(Unit::ZERO);
    Signals {
        uncertainty: share(1),
        uncertainty_calibrated: number.is_multiple_of(2),
        disagreement: (!number.is_multiple_of(3)).then(|| share(11)),
        cost: share(121),
        risk: share(7),
        importance: share(5),
    }
}
