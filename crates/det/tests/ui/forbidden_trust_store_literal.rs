//! A trust store has private fields.

use det::TrustStore;

fn main() {
    let _ = TrustStore { keys: vec![[1; 32]] };
}
