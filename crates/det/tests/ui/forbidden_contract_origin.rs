//! A proposer's contract does not become the kernel's.

use det::{Contract, ContractOrigin};

fn promote(mut contract: Contract) -> Contract {
    contract.origin = ContractOrigin::Kernel;
    contract
}

fn main() {
    let _ = promote;
}
