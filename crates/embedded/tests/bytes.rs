//! The shipped bytes: small enough, complete, and entirely in bf16.

/// Returns the JSON header of a safetensors file, and the bytes after it.
fn split(file: &[u8]) -> (&str, &[u8]) {
    let (length, rest) = file.split_first_chunk::<8>().expect("a length");
    let length = usize::try_from(u64::from_le_bytes(*length)).expect("a length in memory");
    let (header, data) = rest.split_at_checked(length).expect("a whole header");
    (std::str::from_utf8(header).expect("a header of text"), data)
}

#[test]
fn all_of_it_is_under_ten_mebibytes() {
    let sizes = [
        embedded::CONFIG.len(),
        embedded::TOKENIZER.len(),
        embedded::WEIGHTS.len(),
        embedded::CALIBRATION.len(),
        embedded::ENTRY_HEAD.len(),
    ];
    assert!(sizes.iter().sum::<usize>() < 10 << 20, "{sizes:?}");
}

#[test]
fn the_weights_are_whole_and_in_bf16() {
    let (header, data) = split(embedded::WEIGHTS);
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
