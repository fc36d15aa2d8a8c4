//! The main function of a test program that starts itself again, which the usual one cannot do.

/// A test by its name. It panics if it fails.
pub type Test = (&'static str, fn());

/// Runs the tests whose names contain the first of the program's `arguments` that is no flag, and prints their sum as `cargo test` does.
/// With `--list`, their names are printed. `unproven` is the reason for which this machine can show nothing; none of
/// them is run then, and the reason is printed.
///
/// # Panics
/// If a test fails, with its own message.
pub fn run_tests(tests: &[Test], arguments: impl Iterator<Item = String>, unproven: Option<String>) {
    let arguments: Vec<String> = arguments.skip(1).collect();
    if arguments.iter().any(|word| word == "--list") {
        tests.iter().for_each(|(name, _)| println!("{name}: test"));
        return;
    }
    if let Some(reason) = unproven {
        println!("UNPROVEN {reason}");
        println!("test result: ok. 0 passed; 0 failed");
        return;
    }
    let filter = arguments.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str);
    let mut passed = 0;
    for (name, test) in tests.iter().filter(|(name, _)| name.contains(filter)) {
        println!("test {name} ...");
        test();
        passed += 1;
    }
    println!("test result: ok. {passed} passed; 0 failed");
}
