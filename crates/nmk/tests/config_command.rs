//! `nmk config` prints what is in force, and a file to start from.

mod common;

use common::home::Home;

#[test]
fn what_is_in_force_is_printed() {
    let home = Home::new("config-command");
    let defaults = home.run(["config"]);
    assert_eq!((defaults.code, defaults.err.as_str()), (0, ""), "{defaults:?}");
    let ledger = home.ledger();
    assert!(defaults.out.contains(ledger.to_str().expect("UTF-8")), "{defaults:?}");

    let documented = home.run(["config", "--documented"]);
    home.write("home/.config/nmk/nmk.toml", documented.out.replace("direct = false", "direct = true"));
    let object = home.run(["config", "--json"]).json();
    assert_eq!((&object["direct"], &object["model"]), (&true.into(), &"embedded".into()));

    let moved = [("XDG_STATE_HOME", "/elsewhere/state"), ("XDG_CONFIG_HOME", "relative/is/ignored")];
    let moved = home.run_with(["config", "--json"], &moved).json();
    assert_eq!(moved["ledger"], "/elsewhere/state/nmk");
    assert_eq!(moved["key"], home.path("home/.config/nmk/key").to_str().expect("UTF-8"));
}

#[test]
fn without_a_home_it_says_so() {
    let home = Home::new("config-homeless");
    home.run_with(["config"], &[("HOME", "")]).is_refused(&["set HOME"]);
}
