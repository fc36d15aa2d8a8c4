//! Programs that safe code outside the crate cannot write. Each fails for the reason in its golden file, and
//! the nearest program that is allowed compiles.

#[test]
fn forbidden_programs_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/permitted.rs");
    cases.compile_fail("tests/ui/forbidden_*.rs");
}
