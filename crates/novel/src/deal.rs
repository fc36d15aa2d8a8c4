//! Dealing: how the families of a domain share its items.

use abi::Digest;

/// Returns the seed of a family, which its names decide.
pub(crate) fn seed(domain: &str, family: &str) -> u64 {
    let digest = Digest::hash_blob(format!("novel500/{domain}/{family}").as_bytes());
    digest.as_bytes().iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// Takes items from the families in turn, the first of each, then the second of each, until there are `needed`. Returns
/// them family by family.
pub(crate) fn deal<T>(families: Vec<Vec<T>>, needed: usize) -> Vec<T> {
    let mut counts = vec![0; families.len()];
    let mut left = needed;
    let longest = families.iter().map(Vec::len).max().unwrap_or(0);
    for round in 0..longest {
        for (count, family) in counts.iter_mut().zip(&families) {
            if left > 0 && family.len() > round {
                *count += 1;
                left -= 1;
            }
        }
    }
    families.into_iter().zip(counts).flat_map(|(family, count)| family.into_iter().take(count)).collect()
}
