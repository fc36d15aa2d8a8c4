//! The games and the disk: a seed gives the same game twice, and the disk keeps synced data.

use std::path::Path;

use fastrand::Rng;
use ledger::Disk;
use sim::{Coverage, SimDisk, driver_game, kernel_game, play};

#[test]
fn a_seed_is_one_game() {
    for seed in 0..40 {
        for game in [kernel_game, driver_game] {
            let traces = [0, 1].map(|_| {
                let mut trace = Vec::new();
                game(seed, &|_| true, &mut Coverage::default(), &mut trace).unwrap();
                trace
            });
            assert_eq!(traces[0], traces[1], "seed {seed}");
        }
    }
}

#[test]
fn the_core_keeps_its_promises_and_the_games_get_around() {
    let summary = play(0, 400);
    assert!(summary.failures.is_empty(), "{:?}", summary.failures);
    let (covered, total) = summary.coverage.transitions();
    assert!(covered * 10 > total * 7, "{covered} of {total}: {:?}", summary.coverage.missing());
    assert!(summary.coverage.states() > 1_000);
}

#[test]
fn a_crash_takes_what_was_not_synced_and_nothing_else() {
    let (folder, name) = (Path::new("/f"), Path::new("/f/name"));
    let mut lost = 0;
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let disk = SimDisk::default();
        disk.create_folder(folder).unwrap();
        disk.write(name, 0, b"kept").unwrap();
        disk.sync(name).unwrap();
        disk.sync_folder(folder).unwrap();
        disk.write(name, 4, b" and more").unwrap();
        let after = disk.after_crash(&mut rng);
        let content = after.read(name, 0, 100).unwrap().expect("its name was synced");
        assert!(content.starts_with(b"kept") && b"kept and more".starts_with(&content[..4]));
        lost += u32::from(content != b"kept and more");
    }
    assert!((20..200).contains(&lost), "{lost} of 200 crashes took something");
}
