use neural::{EntryHead, EntryReading, StateDtype};

use crate::targets::snapshot_model;

/// Checks the file of an entry head: an accepted head must be written and read back unchanged, must read only
/// finite rows, and must request nothing below its own thresholds.
pub(super) fn entry(bytes: &[u8]) {
    let model = snapshot_model(StateDtype::F32);
    let head = match EntryHead::from_safetensors(bytes, model) {
        Ok(head) => head,
        Err(error) => {
            let line = error.to_string();
            return assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
        }
    };
    let again = EntryHead::from_safetensors(&head.to_safetensors(), model).expect("what was written");
    assert!(again == head, "a head read again is another");
    for row in [[0.0, -1.0, 2.0, 1e30], [f32::MAX, f32::MIN, f32::MIN_POSITIVE, -0.0]] {
        let reading = head.read(&row).expect("a finite row of the model's width");
        assert!(reading.confidence > 0.0 && reading.confidence <= 1.0, "{reading:?}");
        let request = head.request(reading);
        assert!(request.is_none_or(|request| request.confidence >= request.threshold));
    }
    assert!(head.read(&[f32::NAN; 4]).is_none() && head.read(&[0.0; 3]).is_none());
    let classes = head.parts().classes.len();
    for class in 0..=classes + 1 {
        let certain = head.request(EntryReading { class, confidence: 1.0 });
        assert_eq!(certain.is_some(), (1..=classes).contains(&class));
    }
}
