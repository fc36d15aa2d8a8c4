//! The ladder as a state machine: the order of the rungs, their widths, and every way in which one ends.

use escalate::{
    Attempt, Ended, Gap, Ladder, LookedUp, MOST_ATTEMPTS, MOST_RECALLED, Outcome, Recalled, Rung, Step,
    Width, prompt,
};
use kpolicy::{Policy, Settings, Unit};
use proptest::prelude::*;

fn gap() -> Gap {
    Gap {
        entry: "twice".to_owned(),
        arguments: vec!["n".to_owned()],
        description: "Return twice n.".to_owned(),
        samples: vec![(vec![abi::Value::Int(2)], abi::Value::Int(4))],
    }
}

fn policy(cost: f64, budget: Option<f64>) -> Width {
    Width::Policy {
        policy: Policy::new(Settings::REFERENCE).unwrap(),
        importance: Unit::ONE,
        cost: Unit::new(cost).unwrap(),
        budget,
        mode: kpolicy::Mode::Reference,
    }
}

fn refused(code: &str, severity: f64) -> Outcome {
    let severity = Some(Unit::new(severity).unwrap());
    Outcome::Refused { code: code.to_owned(), fault: format!("{code} is wrong"), severity }
}

/// Climbs a ladder whose attempts end as `outcome` says, and returns the attempts and the end.
fn climb(
    mut ladder: Ladder,
    pages: &str,
    mut outcome: impl FnMut(&Attempt) -> Outcome,
) -> (Vec<Attempt>, Ended) {
    let mut attempts = Vec::new();
    loop {
        match ladder.step().clone() {
            Step::LookUp => ladder.looked_up(LookedUp::NOTHING),
            Step::Attempt(attempt) => {
                let outcome = outcome(&attempt);
                attempts.push(attempt);
                ladder.attempted(outcome);
            }
            Step::Research { .. } => ladder.researched(pages.to_owned()),
            Step::Ended(ended) => return (attempts, ended),
        }
    }
}

fn rungs(attempts: &[Attempt]) -> Vec<Rung> {
    attempts.iter().map(|attempt| attempt.rung).collect()
}

#[test]
fn the_rungs_are_climbed_in_order() {
    use Rung::{Diverse, Greedy, Repair, Research};
    let ladder = Ladder::new(gap(), Width::Fixed(3), true);
    let (attempts, ended) = climb(ladder, "a page", |attempt| refused(&format!("v{}", attempt.number), 1.0));
    let expected = [Greedy, Diverse, Diverse, Diverse, Repair, Repair, Repair, Research, Research];
    assert_eq!((rungs(&attempts), ended), (expected.to_vec(), Ended::Abstained));
    let sampled: Vec<_> =
        attempts.iter().map(|attempt| attempt.sampling.map(|s| (s.temperature_ppm, s.seed))).collect();
    let at = |temperature, seed| Some((temperature, seed));
    let expected = [
        None,
        at(800_000, 0),
        at(800_000, 1),
        at(800_000, 2),
        at(800_000, 300),
        at(800_000, 301),
        at(800_000, 302),
        None,
        at(600_000, 1),
    ];
    assert_eq!(sampled, expected);
    // Each repair shows the code and the failure of one attempt of the rung before.
    assert!(attempts[4].prompt.contains("This code is wrong:\nv2\nv2 is wrong\n"), "{}", attempts[4].prompt);
    assert!(attempts[6].prompt.contains("v4 is wrong") && !attempts[6].prompt.contains("v2"));
    assert!(attempts[7].prompt.contains("a page") && !attempts[6].prompt.contains("a page"));
}

#[test]
fn a_look_up_that_finds_one_ends_it() {
    let mut ladder = Ladder::new(gap(), Width::Fixed(3), true);
    ladder.looked_up(LookedUp::Fits);
    assert_eq!(ladder.step(), &Step::Ended(Ended::Found));
}

fn recalled(entry: &str) -> Recalled {
    Recalled::new(entry, &format!("def {entry}(n):\n    return n + n\n"), "someone", "twice")
}

#[test]
fn near_functions_are_examined_before_a_model_is_asked() {
    use Rung::{Diverse, Greedy, LookUp};
    let mut ladder = Ladder::new(gap(), Width::Fixed(1), false);
    ladder.looked_up(LookedUp::Near(["double", "twice", "third"].map(recalled).to_vec()));
    let (attempts, ended) = climb(ladder, "", |_| Outcome::NoCode { why: "prose".to_owned() });
    assert_eq!((rungs(&attempts), ended), (vec![LookUp, LookUp, Greedy, Diverse], Ended::Abstained));
    let names: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt.recalled.as_ref().map(|recalled| recalled.entry.as_str()))
        .collect();
    assert_eq!(names, [Some("double"), Some("twice"), None, None]);
    assert_eq!(MOST_RECALLED, 2);
    // A function of another name is given the wanted one.
    let code = |place: usize| attempts[place].recalled.as_ref().unwrap().code.as_str();
    assert_eq!(code(0), "def double(n):\n    return n + n\n\n\ntwice = double\n");
    assert_eq!(code(1), "def twice(n):\n    return n + n\n");
}

#[test]
fn a_near_function_that_is_admitted_ends_it() {
    let mut ladder = Ladder::new(gap(), Width::Fixed(6), true);
    ladder.looked_up(LookedUp::Near(vec![recalled("double"), recalled("twice")]));
    let (attempts, ended) = climb(ladder, "", |attempt| match &attempt.recalled {
        Some(Recalled { entry, code, .. }) if entry == "twice" => Outcome::Admitted { code: code.clone() },
        _ => refused("v", 0.2),
    });
    let code = recalled("twice").code;
    assert_eq!((attempts.len(), ended), (2, Ended::Admitted { rung: Rung::LookUp, attempt: 2, code }));
}

#[test]
fn near_functions_leave_room_for_every_later_rung() {
    let mut ladder = Ladder::new(gap(), Width::Fixed(40), true);
    ladder.looked_up(LookedUp::Near(vec![recalled("double"), recalled("twice")]));
    let (attempts, _) = climb(ladder, "a page", |attempt| refused(&format!("v{}", attempt.number), 0.2));
    let count = |rung| rungs(&attempts).iter().filter(|of| **of == rung).count();
    assert_eq!(
        [Rung::LookUp, Rung::Greedy, Rung::Diverse, Rung::Repair, Rung::Research].map(count),
        [2, 1, 5, 5, 2]
    );
}

#[test]
fn each_rung_can_end_it() {
    for (place, rung) in [(1, Rung::Greedy), (3, Rung::Diverse), (5, Rung::Repair), (6, Rung::Research)] {
        let ladder = Ladder::new(gap(), Width::Fixed(2), true);
        let (attempts, ended) = climb(ladder, "a page", |attempt| match attempt.number {
            number if number == place => Outcome::Admitted { code: "right".to_owned() },
            number => refused(&format!("v{number}"), 1.0),
        });
        assert_eq!(ended, Ended::Admitted { rung, attempt: place, code: "right".to_owned() });
        assert_eq!(attempts.len() as u32, place);
    }
}

#[test]
fn an_unsound_gap_ends_it_at_any_rung() {
    for place in 1..=6 {
        let ladder = Ladder::new(gap(), Width::Fixed(2), true);
        let (attempts, ended) = climb(ladder, "a page", |attempt| match attempt.number {
            number if number == place => Outcome::Unsound { why: "alike".to_owned() },
            number => refused(&format!("v{number}"), 1.0),
        });
        assert_eq!((attempts.len() as u32, ended), (place, Ended::Unsound { why: "alike".to_owned() }));
    }
}

#[test]
fn the_severity_of_the_first_failure_decides_the_width() {
    let width = |severity: f64, cost: f64, budget: Option<f64>| {
        let ladder = Ladder::new(gap(), policy(cost, budget), false);
        let (attempts, _) = climb(ladder, "", |attempt| refused(&format!("v{}", attempt.number), severity));
        attempts.iter().filter(|attempt| attempt.rung == Rung::Diverse).count()
    };
    assert_eq!([width(0.1, 0.0, None), width(0.7, 0.0, None), width(1.0, 0.0, None)], [1, 3, 4]);
    assert_eq!([width(1.0, 0.8, None), width(1.0, 1.0, None)], [3, 1]);
    // A budget that is spent admits none, where the reference would run one all the same.
    assert_eq!([width(1.0, 0.0, Some(2.0)), width(1.0, 0.0, Some(0.0))], [2, 0]);
}

#[test]
fn code_that_could_not_be_asked_is_as_wrong_as_can_be() {
    let ladder = Ladder::new(gap(), policy(0.0, None), false);
    let (attempts, _) = climb(ladder, "", |_| Outcome::NoCode { why: "prose".to_owned() });
    // Without code nothing can be repaired.
    assert_eq!(rungs(&attempts), [&[Rung::Greedy][..], &[Rung::Diverse; 4]].concat());
}

#[test]
fn the_same_code_is_repaired_once() {
    let ladder = Ladder::new(gap(), Width::Fixed(4), false);
    let (attempts, _) =
        climb(ladder, "", |attempt| refused(if attempt.number % 2 == 0 { "a" } else { "b" }, 1.0));
    assert_eq!(rungs(&attempts).iter().filter(|rung| **rung == Rung::Repair).count(), 2);
}

#[test]
fn without_pages_nothing_is_asked_again() {
    let ladder = Ladder::new(gap(), Width::Fixed(0), true);
    let (attempts, ended) = climb(ladder, " \n", |_| refused("v", 1.0));
    assert_eq!((rungs(&attempts), ended), (vec![Rung::Greedy], Ended::Abstained));
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let code = "[a-c]{1,2}";
    prop_oneof![
        1 => code.prop_map(|code| Outcome::Admitted { code }),
        8 => (code, proptest::option::of(0.0..=1.0)).prop_map(|(code, severity)| Outcome::Refused {
            fault: "wrong".to_owned(),
            code,
            severity: severity.map(|severity| Unit::new(severity).unwrap()),
        }),
        4 => Just(Outcome::NoCode { why: "prose".to_owned() }),
        1 => Just(Outcome::Unsound { why: "alike".to_owned() }),
        1 => Just(Outcome::Unexamined { why: "no sandbox".to_owned() }),
    ]
}

proptest! {
    /// Whatever happens, a ladder ends, its attempts are numbered, its rungs ascend, and its end is the one that an outcome
    /// called for.
    #[test]
    fn every_ladder_ends(
        outcomes in proptest::collection::vec(any_outcome(), 1..40),
        k in 0_u32..40,
        by_policy: bool,
        may_research: bool,
        pages in proptest::option::of("[a-z]{1,9}"),
        near in 0_usize..4,
    ) {
        let width = if by_policy { policy(0.0, None) } else { Width::Fixed(k) };
        let mut ladder = Ladder::new(gap(), width, may_research);
        ladder.looked_up(LookedUp::Near(vec![recalled("double"); near]));
        let mut given = Vec::new();
        let (attempts, ended) = climb(ladder, &pages.unwrap_or_default(), |attempt| {
            let outcome = outcomes[(attempt.number as usize - 1) % outcomes.len()].clone();
            given.push(outcome.clone());
            outcome
        });
        prop_assert!(attempts.len() as u32 <= MOST_ATTEMPTS);
        for (place, attempt) in attempts.iter().enumerate() {
            prop_assert_eq!(attempt.number as usize, place + 1);
        }
        prop_assert!(attempts.windows(2).all(|pair| pair[0].rung <= pair[1].rung));
        prop_assert!(may_research || attempts.iter().all(|attempt| attempt.rung != Rung::Research));
        let fits = match (&ended, given.last()) {
            (Ended::Admitted { code, attempt, .. }, Some(Outcome::Admitted { code: given })) => {
                code == given && *attempt as usize == attempts.len()
            }
            (Ended::Unsound { .. }, Some(Outcome::Unsound { .. }))
            | (Ended::Unexamined { .. }, Some(Outcome::Unexamined { .. })) => true,
            (Ended::Abstained, Some(last)) => matches!(last, Outcome::Refused { .. } | Outcome::NoCode { .. }),
            _ => false,
        };
        prop_assert!(fits, "{:?} after {:?}", ended, given);
    }
}

#[test]
fn a_prompt_shows_three_samples_at_most_the_shortest_first() {
    let sample = |n: i64| (vec![abi::Value::Int(n)], abi::Value::Int(2 * n));
    let gap = Gap { samples: [40_000, 5, 600, 70, 8].map(sample).into(), ..gap() };
    let text = prompt(&gap, &escalate::Asked::Write);
    assert!(text.contains(">>> twice(5)\n10\n>>> twice(8)\n16\n>>> twice(70)\n140\n"), "{text}");
    assert!(!text.contains("600"), "{text}");
}
