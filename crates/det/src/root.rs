//! The trust root: the one way in for truth from outside.

/// The mark of the one type with which an application vouches for truth from outside.
///
/// A constructor that takes in something which this crate cannot check also takes a value of such a type: a
/// user's expected values, a trust store, a validator from outside. Holding the value is the authority to
/// vouch for such things.
///
/// # Safety
/// The trait has no methods, and no memory is at stake. The author of an `unsafe impl TrustRoot` vouches that
/// everything passed in beside the value is meant as truth by the person whom the application acts for, and
/// that no code of the neural plane can reach the value. An application has one such line.
#[allow(unsafe_code, reason = "the declaration is what makes every implementation greppable")]
pub unsafe trait TrustRoot {}
