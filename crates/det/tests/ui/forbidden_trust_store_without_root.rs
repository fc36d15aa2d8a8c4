//! The keys that are believed enter together with the root.

use det::TrustStore;

fn main() {
    let _ = TrustStore::new(vec![[1; 32]]);
}
