use abi::Value;
use det::extract;

use super::text;

/// Checks a prompt: if it is routed to a contract, that contract must have an answer, and the answer, stated
/// plainly, must satisfy the form of the contract.
pub(super) fn prompt(bytes: &[u8]) {
    let prompt = text(bytes);
    let Some(routed) = factloop::route(&prompt) else { return };
    let answer = routed.answer.evaluate().expect("a routed question has a value");
    let stated = match &answer {
        Value::Int(int) => format!("Answer: {int}"),
        Value::Bool(yes) => format!("Answer: {}", if *yes { "yes" } else { "no" }),
        other => panic!("a routed question has the value {other:?}"),
    };
    if let Some(found) = extract(&stated, routed.contract.form()) {
        assert!(det::equal(&found.to_value(), &answer), "{prompt:?}");
    } else {
        // An answer has up to 18 digits.
        assert!(stated.trim_start_matches("Answer: -").len() > 18, "{prompt:?} has {answer:?}");
    }
    let again = factloop::route(&prompt).map(|again| again.contract.digest());
    assert_eq!(again, Some(routed.contract.digest()));
}
