//! All targets on their seeds and a few thousand mutations, and the engine on a target with a known bug.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{Mutator, PLANTED, TARGETS, binary_seeds, find, hunt, planted, run_one};

const MUTATIONS: u64 = 3_000;

fn seeds_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = seeds_folder().join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut all: Vec<Vec<u8>> =
        entries.map(|entry| fs::read(entry.expect("an entry").path()).expect("a seed")).collect();
    all.sort();
    all
}

#[test]
fn seeds_and_their_mutations_break_nothing() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || {
                let seeds = seeds(target.name);
                assert!(!seeds.is_empty(), "{} has no seeds", target.name);
                let all = seeds.len() as u64 + MUTATIONS;
                let found = hunt(target.run, &seeds, 1, |count, _| count < all);
                assert_eq!(found.as_ref().ok(), Some(&all), "{}: {found:?}", target.name);
            });
        }
    });
}

#[test]
fn each_target_has_a_folder_of_small_seeds_and_each_folder_a_target() {
    let named: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(named.len(), TARGETS.len(), "a name twice");
    let folders = fs::read_dir(seeds_folder()).expect("the folder of seeds");
    let folders: BTreeSet<String> =
        folders.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(named, folders);
    for target in TARGETS {
        let largest = seeds(target.name).iter().map(Vec::len).max();
        assert!(largest.is_some_and(|bytes| bytes <= 1 << 13), "{}: {largest:?} bytes", target.name);
    }
}

#[test]
fn binary_seeds_are_those_on_disk() {
    for (name, bytes) in binary_seeds() {
        let path = seeds_folder().join(&name);
        let stored = fs::read(&path).unwrap_or_default();
        let remedy = "cargo run -p nmk-fuzz --bin mutate -- seeds crates/fuzz/seeds";
        assert!(
            stored == bytes,
            "{name} differs from the seed that the code builds; write it again with {remedy}"
        );
    }
}

#[test]
fn the_planted_bug_is_found_from_a_near_seed_and_the_input_given_back() {
    let near = [b"nmk?".to_vec()];
    let found = hunt(planted, &near, 1, |count, _| count < 100_000).expect_err("a bug that is there");
    assert!(found.input.starts_with(PLANTED) && found.before > 0, "{found:?}");
    assert_eq!(run_one(planted, &found.input).expect_err("the same bug"), found.message.into());
    // An engine that does not see the reached code cannot find four bytes at once.
    assert_eq!(hunt(planted, &[b"----".to_vec()], 1, |count, _| count < 1_000).ok(), Some(1_000));
}

#[test]
fn a_number_gives_the_same_inputs_again_and_another_number_others() {
    let seeds = seeds("ledger");
    let stream = |number| {
        let mut mutator = Mutator::new(&seeds, number).expect("seeds");
        (0..200).map(|_| mutator.draw()).collect::<Vec<_>>()
    };
    assert_eq!(stream(7), stream(7));
    assert_ne!(stream(7), stream(8));
    assert!(Mutator::new(&[], 7).is_none() && find("no such target").is_none());
}
