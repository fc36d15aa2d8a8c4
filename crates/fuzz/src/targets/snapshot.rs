use std::sync::{Arc, OnceLock};

use abi::Digest;
use backend_cpu::CpuBackend;
use neural::{Model, Session, SessionError, Snapshot, SnapshotError, StateDtype};

use crate::binary_seeds::weights;
use crate::targets::MODEL_CONFIG;

/// The modes of an input. The first byte is the mode, and says what the other bytes are.
pub(crate) mod mode {
    /// A whole snapshot, with its own length and digest.
    pub(crate) const WHOLE: u8 = 0;
    /// The bytes that the digest of a snapshot covers. Length and digest are added here, as anyone who can
    /// write a file could do it.
    pub(crate) const SEALED: u8 = 1;
}

/// The domain of the digest, which is also the beginning of a snapshot.
const NAME: &str = "nmk.snapshot.v1";

/// Number of bytes before those that the digest covers: name, line feed, length and digest.
pub(crate) const SEAL: usize = NAME.len() + 1 + 8 + 32;

/// Checks the bytes of a snapshot: an accepted one must be the snapshot of the session that it restores, and
/// that session must go on or return an error.
pub(super) fn snapshot(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let bytes = if first % 2 == mode::SEALED { sealed(rest) } else { rest.to_vec() };
    match Snapshot::from_bytes(bytes.clone()) {
        Ok(snapshot) => accepted(&bytes, &snapshot),
        Err(error) => refused(&error),
    }
}

fn accepted(bytes: &[u8], snapshot: &Snapshot) {
    assert!(snapshot.as_bytes() == bytes, "a snapshot is not its bytes");
    assert_eq!(snapshot.history().len(), snapshot.position());
    let model = model_with_digest(snapshot.model());
    let mut session = match Session::restore(model, snapshot) {
        Ok(session) => session,
        Err(error) => return refused(&error),
    };
    assert_eq!(snapshot.model(), model.digest());
    unchanged(&session, snapshot);
    let capacity = model.config().max_positions;
    match session.decode(0) {
        Ok(logits) => {
            assert!(logits.values().iter().all(|logit| logit.is_finite()));
            assert_eq!(session.position(), snapshot.position() + 1);
            session.rewind(snapshot.position()).expect("one position back");
        }
        Err(SessionError::NonFinite(_)) => {}
        Err(SessionError::ContextOverflow { .. }) => assert_eq!(session.position(), capacity),
        Err(error) => panic!("a token refused: {error}"),
    }
    // The one position more may have moved a window past a page, which is then gone for good.
    assert!(session.history().eq(snapshot.history().iter().copied()));
}

/// Checks that the session gives the same snapshot, byte for byte.
fn unchanged(session: &Session<CpuBackend>, snapshot: &Snapshot) {
    let again = session.snapshot();
    assert!(again == *snapshot, "a session restored is written otherwise");
    assert!(session.fork().snapshot().require(snapshot.digest()).is_ok());
}

/// Checks that an error is one line of text.
fn refused(error: &SnapshotError) {
    let line = error.to_string();
    assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
}

/// Returns the bytes with name, length and digest before them.
fn sealed(covered: &[u8]) -> Vec<u8> {
    let length = (SEAL + covered.len()) as u64;
    let digest = Digest::hash(NAME, covered);
    [NAME.as_bytes(), b"\n", &length.to_le_bytes(), digest.as_bytes(), covered].concat()
}

/// Returns the model with this digest, or the model in f32 if no model of this target has it.
fn model_with_digest(digest: Digest) -> &'static Arc<Model<CpuBackend>> {
    let of_state = |state: &StateDtype| model(*state).digest() == digest;
    model(StateDtype::ALL.into_iter().find(of_state).unwrap_or(StateDtype::F32))
}

/// Returns the model of the target `weights`, with a context that is long enough for windows and pages to end
/// within it.
pub(crate) fn model(state: StateDtype) -> &'static Arc<Model<CpuBackend>> {
    static MODELS: OnceLock<[Arc<Model<CpuBackend>>; 2]> = OnceLock::new();
    let models = MODELS.get_or_init(|| {
        let longer = "\"max_position_embeddings\":512";
        let config = MODEL_CONFIG.replace("\"max_position_embeddings\":8", longer);
        assert!(config.contains(longer));
        let backend = CpuBackend::best().expect("IEEE arithmetic");
        let model = Model::load(config.as_bytes(), &weights(), backend).expect("the model of the seeds");
        StateDtype::ALL.map(|state| Arc::new(model.in_state(state)))
    });
    match state {
        StateDtype::F32 => &models[0],
        StateDtype::Bf16 => &models[1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seed that is refused at the first check tests only that check.
    #[test]
    fn the_seeds_are_snapshots_of_the_model() {
        let seeds = crate::binary_seeds();
        let of_target = |(path, bytes): (String, Vec<u8>)| path.starts_with("snapshot/").then_some(bytes);
        let seeds: Vec<Vec<u8>> = seeds.into_iter().filter_map(of_target).collect();
        assert!(seeds.len() >= 6);
        for seed in seeds {
            let bytes = if seed[0] == mode::SEALED { sealed(&seed[1..]) } else { seed[1..].to_vec() };
            let snapshot = Snapshot::from_bytes(bytes).expect("a snapshot");
            assert_eq!(
                Session::restore(model_with_digest(snapshot.model()), &snapshot)
                    .map(|session| session.position()),
                Ok(snapshot.position())
            );
        }
    }

    #[test]
    fn a_second_writer_from_the_description_seals_the_same() {
        let mut session = Session::open(model(StateDtype::F32));
        session.decode(1).expect("a token");
        let snapshot = session.snapshot();
        assert!(sealed(&snapshot.as_bytes()[SEAL..]) == snapshot.as_bytes());
    }
}
