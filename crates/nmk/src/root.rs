//! The trust root: the one place in this program that vouches for truth from outside.

/// The trust root of this program, which acts for the person who runs it.
///
/// Everything that is passed to `det` together with this value is that person's word, stated in the arguments
/// or the configuration of this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root;

// SAFETY: no memory is at stake; what is vouched for is provenance. The type is private to this
// program, which passes it to the command line alone, and `neural`, `backend-cpu` and `remote` have no
// parameter that takes one. What enters beside it is stated by the user of this process and never by a model.
#[allow(unsafe_code, reason = "the one unsafe implementation of the application")]
unsafe impl det::TrustRoot for Root {}

#[cfg(test)]
mod tests {
    use super::Root;

    #[test]
    fn the_root_opens_the_door_for_a_validator_from_outside_up_to_oracle() {
        let install =
            |ceiling| det::Validator::external("even", 1, ceiling, |text| text.len() % 2 == 0, &Root);
        assert!(install(det::Level::Oracle).is_ok());
        assert!(install(det::Level::Proven).is_err());
    }
}
