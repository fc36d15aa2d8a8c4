//! The embedded model as a folder, whole or altered.

use super::home::Home;

/// Writes the embedded model into `folder`, each part as `alter` leaves it.
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

/// The same tensors with seeded random numbers, uniform within 0.05 of zero, in bf16.
pub fn randomised(mut weights: Vec<u8>) -> Vec<u8> {
    let header = u64::from_le_bytes(weights[..8].try_into().expect("8 bytes"));
    let data = 8 + usize::try_from(header).expect("a small header");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for pair in weights[data..].chunks_exact_mut(2) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 40) as f32 / (1 << 24) as f32;
        let bits = ((unit - 0.5) * 0.1).to_bits();
        pair.copy_from_slice(&((bits >> 16) as u16).to_le_bytes());
    }
    weights
}
