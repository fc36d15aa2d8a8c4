//! Names that the untrusted plane does not have. These programs see exactly the dependencies of this crate.
//!
//! There is no program here that must compile: one would make the harness build this crate's
//! dependencies where checking them is enough. The crate itself is that program.

#[test]
fn the_trusted_plane_cannot_be_named() {
    trybuild::TestCases::new().compile_fail("tests/ui/forbidden_*.rs");
}
