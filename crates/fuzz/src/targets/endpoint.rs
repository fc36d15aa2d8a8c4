use nmk::remote::Endpoint;

use super::text;

/// Checks the address of an endpoint: an accepted one must be written without credentials, and be accepted
/// again as the same address.
pub(super) fn endpoint(bytes: &[u8]) {
    let text = text(bytes);
    let endpoint = match Endpoint::parse(&text) {
        Ok(endpoint) => endpoint,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(Endpoint::looks_like(&text), "{text} is accepted and not taken for an address");
    let shown = endpoint.to_string();
    let authority = shown.split('/').nth(2).unwrap_or_default();
    assert!(!authority.contains('@') && !shown.contains(['?', '#']), "{shown}");
    assert!(endpoint.at("models").starts_with(&shown));
    let again = Endpoint::parse(&shown).unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert_eq!(again, endpoint, "{text}");
}
