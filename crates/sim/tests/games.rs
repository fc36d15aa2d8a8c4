//! The games: a seed gives the same game twice, and the games meet most of what can happen.

use sim::{Coverage, driver_game, kernel_game, play};

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
