//! The hold-out split: no training item uses evaluation material.

use std::collections::BTreeSet;
use train::corpus::{self, Item, Task};
use train::held_out;

const SEEDS: [u64; 2] = [1, 77];
const SAMPLE: u64 = 40_000;

fn touches_held_out(item: &Item) -> bool {
    item.words.iter().any(|word| held_out::word(word))
        || item.pair.is_some_and(|(left, right)| held_out::pair(left, right))
        || item.phrasings.iter().any(|at| held_out::phrasing(*at))
}

#[test]
fn training_items_touch_nothing_held_out() {
    for seed in SEEDS {
        for index in 0..SAMPLE {
            let item = corpus::training(seed, index);
            assert!(!touches_held_out(&item), "{item:?}");
        }
    }
}

#[test]
fn the_words_of_a_training_prompt_are_not_held_out_ones() {
    for index in 0..5_000 {
        let item = corpus::training(1, index);
        for word in item.words {
            assert!(item.prompt.contains(&word) || item.facts.iter().any(|fact| fact.label.contains(&word)));
        }
    }
}

#[test]
fn evaluation_items_are_held_out_in_every_part() {
    for (task, _) in Task::MIX {
        for item in corpus::held_out(task, 400, task.has_fact()) {
            assert!(item.words.iter().all(|word| held_out::word(word)), "{item:?}");
            assert!(item.pair.is_none_or(|(left, right)| held_out::pair(left, right)), "{item:?}");
            assert!(item.phrasings.iter().all(|at| held_out::phrasing(*at)), "{item:?}");
            assert!(!item.phrasings.is_empty(), "{item:?}");
            assert_eq!(item.facts.is_empty(), !task.has_fact());
        }
    }
}

#[test]
fn everyday_items_hold_out_words_and_phrasings() {
    for item in corpus::everyday(400, true) {
        assert!(item.words.iter().all(|word| held_out::word(word)), "{item:?}");
        assert!(item.phrasings.iter().all(|at| held_out::phrasing(*at)), "{item:?}");
        assert!(item.pair.is_some_and(|(_, number)| (1..=20).contains(&number)), "{item:?}");
    }
}

#[test]
fn no_evaluation_prompt_occurs_in_training() {
    let trained: BTreeSet<String> = (0..SAMPLE).map(|index| corpus::training(1, index).prompt).collect();
    for (task, _) in Task::MIX.into_iter().filter(|(task, _)| *task != Task::Chat) {
        for item in corpus::held_out(task, 400, false) {
            assert!(!trained.contains(&item.prompt), "{}", item.prompt);
        }
    }
}

#[test]
fn the_phrasing_of_the_front_door_is_trained() {
    let found = (0..SAMPLE).map(|index| corpus::training(1, index)).any(|item| {
        let (Some(letter), Some((_, number))) = (item.letter, item.pair) else { return false };
        let word = &item.words[0];
        item.prompt
            == format!("How many times does the letter {letter} appear in {word}? Add {number} to it.")
    });
    assert!(found);
}

#[test]
fn items_are_functions_of_seed_and_index() {
    for index in [0, 1, 999_999] {
        assert_eq!(corpus::training(5, index), corpus::training(5, index));
    }
    let differing =
        (0..100).filter(|index| corpus::training(5, *index) != corpus::training(6, *index)).count();
    assert!(differing > 90);
}

#[test]
fn answers_are_right() {
    for index in 0..SAMPLE {
        let item = corpus::training(9, index);
        let Some((left, right)) = item.pair else { continue };
        let expected = match item.task {
            Task::CountThenAdd | Task::Sum => (left + right).to_string(),
            Task::CountThenSubtract | Task::Difference => (left - right).to_string(),
            _ => continue,
        };
        assert_eq!(item.answer, format!("Answer: {expected}"), "{item:?}");
        if let Some(letter) = item.letter {
            assert_eq!(item.words[0].matches(letter).count() as i64, left, "{item:?}");
        }
    }
}

/// The material of `nmk eval factloop` and `nmk eval entropy`, which the program carries as a file.
#[test]
fn the_questions_of_the_evaluations_are_held_out() {
    let material = include_str!("../../nmk/src/eval/held_out.txt");
    let line = |key: &str| -> Vec<&str> {
        let found = material.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        found.expect(key).split(' ').collect()
    };
    let number = |text: &str| -> i64 { text.parse().expect("a number") };
    let words = [line("short"), line("long")].concat();
    assert!(words.iter().all(|word| train::held_out::word(word)) && words.len() > 200);
    for pair in line("pairs") {
        let (left, right) = pair.split_once(',').expect("a pair");
        assert!(train::held_out::pair(number(left), number(right)), "{pair}");
    }
    for text in line("numbers") {
        assert!(train::held_out::pair(number(text), number(text)), "{text}");
    }
}
