//! A verdict that was read back from a disk is a claim. The right admission record makes the content judged
//! again, and each single wrong thing in a record is refused by its name.

mod common;

use common::{Root, TASK, count_then_add, nested, proposal, proposed, seven};
use det::{
    AdmissionRecord, Contract, Digest, Expectation, Form, Judged, Level, ReadmitError, TrustStore, Value,
    readmit, subject_digest,
};
use ed25519_compact::{KeyPair, Seed};

fn key(seed: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([seed; 32]))
}

/// A stored content with its record and signature, and the contract and the keys that they are checked with.
struct Claim {
    content: Value,
    contract: Contract,
    record: AdmissionRecord,
    signature: [u8; 64],
    store: TrustStore,
}

impl Claim {
    fn readmit(self) -> Result<Judged<Value>, ReadmitError> {
        let Self { content, contract, record, signature, store } = self;
        readmit(proposal(content), &contract, TASK, &record, &signature, &store)
    }
}

fn content() -> Value {
    Value::text("def solve(n): return n + 4")
}

fn record_of(content: &Value, contract: &Contract) -> AdmissionRecord {
    AdmissionRecord {
        subject: subject_digest(content),
        contract: contract.digest(),
        draws: 300,
        alpha_ppm: 50_000,
        evidence: Digest::from_bytes([5; 32]),
        signer: *key(1).pk,
    }
}

fn sign(record: &AdmissionRecord, key: &KeyPair) -> [u8; 64] {
    *key.sk.sign(record.digest().as_bytes(), None)
}

/// Returns a claim that is right but for `change`, which is made to the record before it is signed.
fn signed(change: impl FnOnce(&mut AdmissionRecord)) -> Claim {
    let (content, contract) = (content(), seven());
    let mut record = record_of(&content, &contract);
    change(&mut record);
    let signature = sign(&record, &key(1));
    let store = TrustStore::new(vec![*key(9).pk, *key(1).pk], &Root);
    Claim { content, contract, record, signature, store }
}

fn check(claim: Claim, expected: ReadmitError) {
    assert_eq!(claim.readmit().map(|_| ()), Err(expected));
}

#[test]
fn the_right_record_is_proven_for_the_task_at_hand() {
    let judged = signed(|_| {}).readmit().expect("the right record");
    let verdict = judged.verdict();
    assert_eq!(verdict.level(), Level::Proven);
    assert!(verdict.shows(Level::Proven));
    assert_eq!(verdict.task(), TASK);
    assert_eq!(verdict.contract(), seven().digest());
    assert_eq!(verdict.subject(), subject_digest(&content()));
    let sealed = verdict.to_value();
    let record = signed(|_| {}).record;
    let has = |key: &str, expected: Value| {
        assert!(sealed.get(key).is_some_and(|value| det::equal(value, &expected)), "{key}");
    };
    has("validator", Value::text("admission"));
    has("inputs", Value::List(vec![record.digest().to_value()]));
    has("vouched_by", Value::text(format!("admission:{}", Digest::from_bytes(record.signer))));
    for (draws, alpha_ppm) in [(1, 1), (u64::MAX, 999_999)] {
        let claim = signed(|record| (record.draws, record.alpha_ppm) = (draws, alpha_ppm));
        assert!(claim.readmit().is_ok(), "{draws} draws at {alpha_ppm}");
    }
}

#[test]
fn each_wrong_thing_is_refused_by_its_name() {
    let right = signed(|_| {});
    let (subject, contract) = (right.record.subject, right.record.contract);
    let other = Value::text("def solve(n): return 7");
    let found = subject_digest(&other);
    check(Claim { content: other, ..right }, ReadmitError::OtherContent { recorded: subject, found });

    let other = Contract::from_form(Form::Text);
    let found = other.digest();
    check(
        Claim { contract: other, ..signed(|_| {}) },
        ReadmitError::OtherContract { recorded: contract, found },
    );

    for keys in [vec![], vec![*key(9).pk], vec![[0; 32]]] {
        check(Claim { store: TrustStore::new(keys, &Root), ..signed(|_| {}) }, ReadmitError::UnknownSigner);
    }
    // The record names another trusted key, which did not sign it.
    check(signed(|record| record.signer = *key(9).pk), ReadmitError::BadSignature);
    // The right key signed another message.
    let unsigned = |change: fn(&mut AdmissionRecord)| {
        let mut claim = signed(|_| {});
        change(&mut claim.record);
        claim
    };
    check(unsigned(|record| record.draws += 1), ReadmitError::BadSignature);
    check(unsigned(|record| record.alpha_ppm -= 1), ReadmitError::BadSignature);
    let mut raw = signed(|_| {});
    raw.signature = *key(1).sk.sign(raw.record.subject.as_bytes(), None);
    check(raw, ReadmitError::BadSignature);
}

#[test]
fn a_record_that_bounds_nothing_is_refused_though_it_is_signed() {
    check(signed(|record| record.draws = 0), ReadmitError::NoBound);
    for alpha_ppm in [0, 1_000_000, u32::MAX] {
        check(signed(|record| record.alpha_ppm = alpha_ppm), ReadmitError::NoBound);
    }
}

#[test]
fn a_proposers_contract_is_not_proven_though_it_is_signed() {
    let contract = proposed(Form::Integer, Expectation::Computed(count_then_add()));
    let record = record_of(&content(), &contract);
    let signature = sign(&record, &key(1));
    check(Claim { contract, record, signature, ..signed(|_| {}) }, ReadmitError::ProposersContract);
}

#[test]
fn content_that_nests_too_deeply_is_refused() {
    for depth in [65, 1_000_000] {
        check(Claim { content: nested(depth), ..signed(|_| {}) }, ReadmitError::TooDeep { depth });
    }
}

/// A key of small order in the store would accept signatures that nobody made.
#[test]
fn weak_keys_verify_nothing() {
    let identity: [u8; 32] = std::array::from_fn(|at| u8::from(at == 0));
    for weak in [identity, [0; 32]] {
        let mut claim = signed(|record| record.signer = weak);
        claim.store = TrustStore::new(vec![weak], &Root);
        claim.signature = std::array::from_fn(|at| u8::from(at == 0));
        check(claim, ReadmitError::BadSignature);
    }
}

#[test]
fn every_flipped_bit_of_the_signature_is_refused() {
    for bit in 0..512 {
        let mut claim = signed(|_| {});
        claim.signature[bit / 8] ^= 1 << (bit % 8);
        check(claim, ReadmitError::BadSignature);
    }
}

#[test]
fn every_flipped_byte_of_the_record_is_refused() {
    let flipped = |digest: Digest, at: usize| {
        let mut bytes = *digest.as_bytes();
        bytes[at] ^= 0x80;
        Digest::from_bytes(bytes)
    };
    for at in 0..32 {
        let mut claim = signed(|_| {});
        let found = claim.record.subject;
        claim.record.subject = flipped(found, at);
        let recorded = claim.record.subject;
        check(claim, ReadmitError::OtherContent { recorded, found });

        let mut claim = signed(|_| {});
        let found = claim.record.contract;
        claim.record.contract = flipped(found, at);
        let recorded = claim.record.contract;
        check(claim, ReadmitError::OtherContract { recorded, found });

        let mut claim = signed(|_| {});
        claim.record.signer[at] ^= 0x80;
        check(claim, ReadmitError::UnknownSigner);
    }
    for bit in 0..64 {
        let mut claim = signed(|_| {});
        claim.record.draws ^= 1 << bit;
        check(claim, ReadmitError::BadSignature);
    }
    for bit in 0..19 {
        let mut claim = signed(|_| {});
        claim.record.alpha_ppm ^= 1 << bit;
        check(claim, ReadmitError::BadSignature);
    }
}
