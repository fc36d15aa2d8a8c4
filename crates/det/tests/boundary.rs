//! What safe code outside the crate cannot write, each failing for the reason in its golden, and the
//! nearest program that may be written.

#[test]
fn forbidden_programs_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/permitted.rs");
    cases.compile_fail("tests/ui/forbidden_*.rs");
}
