//! Values that the scheduler cannot be made to commit, each failing for the reason in its golden.

#[test]
fn only_judged_values_are_committed() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/permitted.rs");
    cases.compile_fail("tests/ui/forbidden_*.rs");
}
