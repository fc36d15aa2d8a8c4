use det::parse_json;
use holdout::Spec;

use super::text;

/// Reads a specification of the gate, as the value of its file or of a record: an accepted one must be read again with the
/// same digest and contract, and its samples must fit its arguments.
pub(super) fn specification(bytes: &[u8]) {
    let value = abi::decode(bytes).ok().or_else(|| parse_json(&text(bytes)).ok());
    let Some(value) = value else { return };
    let spec = match Spec::from_value(value) {
        Ok(spec) => spec,
        Err(error) => return assert!(!error.place.is_empty() || !error.what.is_empty()),
    };
    let again = Spec::from_value(spec.source().clone()).expect("a specification that was understood");
    assert_eq!(again.digest(), spec.digest());
    assert_eq!(again.contract().digest(), spec.contract().digest());
    assert!(spec.samples().iter().all(|sample| sample.arguments.len() == spec.arguments().len()));
    let terms = spec.terms();
    assert!(
        terms.draws > 0 && terms.min_distinct <= terms.draws && (1..1_000_000).contains(&terms.alpha_ppm)
    );
    if let Some(demanded) = spec.executor() {
        assert!(!demanded.to_string().ends_with(' '));
    }
}
