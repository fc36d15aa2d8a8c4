//! The one door for outside truth.

/// The mark of an application's composition root.
///
/// A value of such a type is demanded wherever something enters that this crate cannot check: a user's
/// expected values, a trust store, a validator from outside.
///
/// # Safety
/// The trait has no methods and no memory is at stake. Who writes `unsafe impl TrustRoot` vouches that
/// whatever is passed in beside the value is meant as truth by the person the application acts for,
/// and that no code of the neural plane can reach the value. An application has one such line.
#[allow(unsafe_code, reason = "the declaration is what makes every implementation greppable")]
pub unsafe trait TrustRoot {}
