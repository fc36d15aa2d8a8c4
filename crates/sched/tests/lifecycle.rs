//! Random histories: the kernel keeps its guarantees for any behaviour of executors and validators.

mod common;

use abi::Value;
use common::*;
use proptest::prelude::*;
use sched::{Cause, Effect, Event, Kernel, TaskState};

/// The next event of a random history.
#[derive(Clone, Debug)]
enum Move {
    Admit(u8),
    Propose(u8, bool),
    Judge { offered_for: u8, asked_for: u8, right: bool },
    Fail(u8),
    Abstain,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0..4_u8).prop_map(Move::Admit),
        (0..6_u8, any::<bool>()).prop_map(|(task, right)| Move::Propose(task, right)),
        (0..6_u8, 0..6_u8, any::<bool>()).prop_map(|(offered_for, asked_for, right)| Move::Judge {
            offered_for,
            asked_for,
            right
        }),
        (0..6_u8, any::<bool>()).prop_map(|(task, right)| Move::Judge {
            offered_for: task,
            asked_for: task,
            right
        }),
        (0..6_u8).prop_map(Move::Fail),
        Just(Move::Abstain),
    ];
    prop::collection::vec(one, 0..40)
}

fn text(right: bool) -> Value {
    Value::Int(if right { 3 } else { 4 })
}

fn apply(kernel: &mut Kernel, index: usize, next: &Move) -> Result<Vec<Effect>, sched::Refusal> {
    let id = |number: &u8| task(u32::from(*number));
    match next {
        Move::Admit(count) => {
            let names: Vec<String> = (0..*count).map(|number| format!("t{index}-{number}")).collect();
            let tasks = names.iter().enumerate().map(|(at, name)| {
                let after: Vec<&str> =
                    at.checked_sub(1).map(|before| names[before].as_str()).into_iter().collect();
                spec(name, "draft", &after)
            });
            let tasks = tasks.collect();
            admit(kernel, tasks)
        }
        Move::Propose(number, right) => propose(kernel, id(number), text(*right)),
        Move::Judge { offered_for, asked_for, right } => {
            let judged = verdict(id(asked_for), &contract(), text(*right));
            step(kernel, Event::Judged { task: id(offered_for), judged })
        }
        Move::Fail(number) => {
            let cause = Cause::Executor { message: "it fell".into() };
            step(kernel, Event::Failed { task: id(number), cause })
        }
        Move::Abstain => step(kernel, Event::Abstain { job: JOB, reason: "enough".to_owned() }),
    }
}

fn states(kernel: &Kernel) -> Vec<Option<TaskState>> {
    (0..8).map(|number| kernel.state(task(number))).collect()
}

proptest! {
    #[test]
    fn every_history_keeps_the_promises(history in moves()) {
        let mut kernel = open_kernel();
        let mut revealed = 0;
        for (index, next) in history.iter().enumerate() {
            let before = states(&kernel);
            let outcome = apply(&mut kernel, index, next);
            let after = states(&kernel);
            match outcome {
                // A refusal leaves every state unchanged.
                Err(_) => prop_assert_eq!(&before, &after),
                Ok(effects) => for effect in effects {
                    if let Effect::Reveal(committed) = effect {
                        revealed += 1;
                        prop_assert!(committed.verdict().is_satisfied());
                        prop_assert_eq!(committed.verdict().contract(), contract().digest());
                        prop_assert!(det::equal(committed.value(), &text(true)));
                    }
                },
            }
            for (old, new) in before.iter().zip(&after) {
                if let (Some(old), Some(new)) = (old, new) {
                    // A task that has ended stays ended; the kernel asserts every single transition.
                    prop_assert!(!old.is_settled() || old == new, "{:?} became {:?}", old, new);
                }
            }
        }
        prop_assert!(revealed <= 1);
        // A job can always be ended, and then every task has ended.
        let _ = common::step(&mut kernel, Event::Abstain { job: JOB, reason: "the end".to_owned() });
        for state in states(&kernel).into_iter().flatten() {
            prop_assert!(state.is_settled(), "{:?}", state);
        }
    }
}
