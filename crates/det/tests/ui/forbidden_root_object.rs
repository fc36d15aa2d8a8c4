//! A root behind a trait object is none: the type that vouches is named where it is used.

use det::{TrustRoot, TrustStore};

fn smuggle(root: &dyn TrustRoot) -> TrustStore {
    TrustStore::new(vec![[1; 32]], root)
}

fn main() {
    let _ = smuggle;
}
