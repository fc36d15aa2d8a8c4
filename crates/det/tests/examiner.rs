//! A validator of admissions shows `Proven` for what a trusted key signed, and nothing else that an examiner says.

mod common;

use common::{Root, TASK, proposal};
use det::{
    AdmissionRecord, Contract, Digest, Examined, Examiner, JudgeError, Judged, Level, Outcome, RunnerError,
    TrustStore, Validator, Validators, Value, judge, subject_digest,
};
use ed25519_compact::{KeyPair, Seed};

const CODE: &str = "def solve(n):\n    return n + 4";

fn key(seed: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([seed; 32]))
}

fn contract() -> Contract {
    Contract::admitted("python", "solve", Digest::from_bytes([3; 32]))
}

/// An examiner that says one thing, whatever it is asked.
struct Says(Result<Examined, RunnerError>);

impl Examiner for Says {
    fn examine(&self, specification: Digest, entry: &str, _: &str) -> Result<Examined, RunnerError> {
        assert_eq!((specification, entry), (Digest::from_bytes([3; 32]), "solve"));
        self.0.clone()
    }
}

fn judged(says: Result<Examined, RunnerError>, subject: Value) -> Result<Judged<Value>, JudgeError> {
    let store = TrustStore::new(vec![*key(1).pk], &Root);
    let mut validators = Validators::builtin();
    validators.install(Validator::admission(Says(says), store, &Root)).expect("the first of its class");
    judge(&validators, TASK, &contract(), vec![], proposal(subject))
}

/// Returns an admission of the code that is right but for `change`, which is made before `signer` signs it.
fn admitted(signer: u8, change: impl FnOnce(&mut AdmissionRecord)) -> Result<Examined, RunnerError> {
    let mut record = AdmissionRecord {
        subject: subject_digest(&Value::text(CODE)),
        contract: contract().digest(),
        draws: 300,
        alpha_ppm: 50_000,
        evidence: Digest::from_bytes([5; 32]),
        signer: *key(signer).pk,
    };
    change(&mut record);
    let signature = *key(signer).sk.sign(record.digest().as_bytes(), None);
    Ok(Examined::Admitted { record, signature })
}

#[test]
fn a_signed_admission_is_proven() {
    let judged = judged(admitted(1, |_| {}), Value::text(CODE)).expect("a judgement");
    let verdict = judged.verdict();
    assert!(verdict.shows(Level::Proven));
    assert_eq!(verdict.subject(), subject_digest(&Value::text(CODE)));
    assert_eq!(verdict.contract(), contract().digest());
    let sealed = verdict.to_value();
    let signer = format!("admission:{}", Digest::from_bytes(*key(1).pk));
    assert_eq!(sealed.get("vouched_by").and_then(Value::as_text), Some(signer.as_str()));
}

#[test]
fn an_admission_that_is_not_borne_out_is_no_judgement() {
    let not_run = |says, subject| match judged(says, subject) {
        Err(JudgeError::NotRun(error)) => error.what,
        other => panic!("{other:?}"),
    };
    let own = || Value::text(CODE);
    let cases = [
        (not_run(admitted(2, |_| {}), own()), "a key that nobody trusts"),
        (not_run(admitted(1, |record| record.signer = *key(2).pk), own()), "a signer that did not sign"),
        (not_run(admitted(1, |_| {}), Value::text(format!("{CODE}\n"))), "another content"),
        (
            not_run(admitted(1, |record| record.contract = Digest::from_bytes([9; 32])), own()),
            "another contract",
        ),
        (not_run(admitted(1, |record| record.draws = 0), own()), "no bound"),
        (not_run(admitted(1, |record| record.alpha_ppm = 1_000_000), own()), "no bound either"),
    ];
    for (why, case) in cases {
        assert!(!why.is_empty(), "{case}");
    }
    let mut altered = admitted(1, |_| {}).expect("an admission");
    if let Examined::Admitted { record, .. } = &mut altered {
        record.draws += 1;
    }
    assert!(!not_run(Ok(altered), own()).is_empty());
    assert_eq!(not_run(Err(RunnerError { what: "no isolation".to_owned() }), own()), "no isolation");
}

#[test]
fn a_refusal_is_a_finding_on_one_line() {
    let refused = Examined::Refused { stage: "samples · wrong".to_owned(), what: "a\nb\u{202e}".to_owned() };
    let judged = judged(Ok(refused), Value::text(CODE)).expect("a judgement");
    assert_eq!(judged.verdict().level(), Level::Syntax);
    let Outcome::Refuted(finding) = judged.verdict().outcome() else { panic!("it was refused") };
    assert_eq!(finding.to_string(), "not admitted: samples · wrong: a\\nb\\u{202e}");
}

#[test]
fn what_is_no_text_is_not_examined() {
    let judged = judged(admitted(1, |_| {}), Value::Int(4)).expect("a judgement");
    assert_eq!(judged.verdict().level(), Level::None);
    assert!(!judged.verdict().shows(Level::None));
}

#[test]
fn without_an_examiner_nothing_is_judged() {
    let error =
        judge(&Validators::builtin(), TASK, &contract(), vec![], proposal(Value::text(CODE))).unwrap_err();
    assert!(matches!(error, JudgeError::NoValidator { .. }), "{error}");
}
