//! The shipped bytes: small enough, complete, and entirely in bf16.

/// Returns the JSON header of a safetensors file, and the bytes after it.
fn split(file: &[u8]) -> (&str, &[u8]) {
    let (length, rest) = file.split_first_chunk::<8>().expect("a length");
    let length = usize::try_from(u64::from_le_bytes(*length)).expect("a length in memory");
    let (header, data) = rest.split_at_checked(length).expect("a whole header");
    (std::str::from_utf8(header).expect("a header of text"), data)
}

#[test]
fn each_model_is_under_ten_mebibytes_and_both_under_25() {
    let sizes = [
        embedded::CONFIG.len(),
        embedded::TOKENIZER.len(),
        embedded::WEIGHTS.len(),
        embedded::CALIBRATION.len(),
        embedded::ENTRY_HEAD.len(),
        embedded::INJECTOR.len(),
        embedded::INJECTOR_SUMS.len(),
        embedded::INJECTOR_PLACEBO.len(),
    ];
    assert!(sizes.iter().sum::<usize>() < 10 << 20, "{sizes:?}");
    let coder =
        [embedded::coder::CONFIG.len(), embedded::coder::TOKENIZER.len(), embedded::coder::WEIGHTS.len()];
    assert!(coder.iter().sum::<usize>() < 10 << 20, "{coder:?}");
    assert!(sizes.iter().chain(&coder).sum::<usize>() < 25 << 20, "{sizes:?} {coder:?}");
}

#[test]
fn both_models_have_one_architecture() {
    assert_eq!(embedded::coder::CONFIG, embedded::CONFIG);
    assert_ne!(embedded::coder::WEIGHTS, embedded::WEIGHTS);
}

#[test]
fn the_weights_are_whole_and_in_bf16() {
    for weights in [embedded::WEIGHTS, embedded::coder::WEIGHTS] {
        is_whole(weights);
    }
}

fn is_whole(weights: &[u8]) {
    let (header, data) = split(weights);
    let tensors = header.matches("\"dtype\":").count();
    assert!(tensors > 0);
    assert_eq!(header.matches("\"dtype\":\"BF16\"").count(), tensors);
    // The last offset in the header is the end of the data.
    let ends = header.split("\"data_offsets\":[").skip(1).map(|offsets| {
        let pair = offsets.split(']').next().expect("a pair");
        pair.split(',').nth(1).and_then(|end| end.parse::<usize>().ok()).expect("an end")
    });
    assert_eq!(ends.max(), Some(data.len()));
}
