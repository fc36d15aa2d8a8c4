//! What the untrusted plane cannot name. These programs see exactly the dependencies of this crate.

#[test]
fn the_trusted_plane_cannot_be_named() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/permitted.rs");
    cases.compile_fail("tests/ui/forbidden_*.rs");
}
