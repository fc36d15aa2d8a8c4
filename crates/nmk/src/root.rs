//! The trust root: the one place of this program where outside truth gets its warrant.

/// The program acts for the person who runs it. What is passed to `det` beside this value is that
/// person's word: the configuration and the arguments of this process, nothing that a model wrote.
#[derive(Debug)]
pub(crate) struct Root(());

// SAFETY: no memory is at stake; what is vouched for is provenance. `Root` is made only by
// `Root::of_this_process`, which is private to this crate and called only by the composition, and no
// value of it is ever handed to a proposer: `neural`, `backend-cpu` and `remote` have no parameter of
// this type. What enters beside it is stated by the user of this process.
#[allow(unsafe_code, reason = "the one unsafe implementation of the application")]
unsafe impl det::TrustRoot for Root {}
