//! The embedded model as a folder, whole or altered.

use synthetic::Random;

use super::home::Home;

/// Writes the files of the embedded model into `folder`, each as `alter` returns it for its name and content.
/// Returns the folder's path.
pub fn write(home: &Home, folder: &str, alter: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> String {
    let parts = [
        ("config.json", embedded::CONFIG.as_bytes()),
        ("tokenizer.json", embedded::TOKENIZER),
        ("model.safetensors", embedded::WEIGHTS),
    ];
    for (name, bytes) in parts {
        home.write(&format!("{folder}/{name}"), alter(name, bytes.to_vec()));
    }
    home.path(folder).to_str().expect("UTF-8").to_owned()
}

/// Returns the same tensors filled with seeded random numbers, uniform within 0.05 of zero, in bf16.
pub fn randomised(mut weights: Vec<u8>) -> Vec<u8> {
    let header = u64::from_le_bytes(weights[..8].try_into().expect("8 bytes"));
    let data = 8 + usize::try_from(header).expect("a small header");
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    for pair in weights[data..].chunks_exact_mut(2) {
        let bits = (0.05 * random.symmetric()).to_bits();
        pair.copy_from_slice(&((bits >> 16) as u16).to_le_bytes());
    }
    weights
}
