//! Candidates with known rates of errors take the exam, repairs included. Those that are worse than the bound in their
//! own record are admitted more rarely than alpha allows.

#![allow(unsafe_code, reason = "a test program vouches for its own expectations")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use abi::{Digest, Value};
use det::failure_bound;
use holdout::{
    Drawn, Experiment, Laboratory, Native, NativeFunction, Notary, NotaryError, Options, Report, Sealed,
    Share, Spec,
};
use sandbox::Fault;

struct Root;

// SAFETY: the trait has no memory contract. What enters beside this value is part of the tests.
unsafe impl det::TrustRoot for Root {}

/// A notary that draws from a seed, so that the simulation repeats. It tells the candidate that development is over.
struct Seeded {
    seed: u64,
    development_is_over: Arc<AtomicBool>,
}

impl Notary for Seeded {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        self.development_is_over.store(true, Ordering::Relaxed);
        let parts = [self.seed.to_le_bytes().as_slice(), sealed.candidate.as_bytes()].concat();
        let entropy = *Digest::hash("nmk.test.entropy.v1", &parts).as_bytes();
        Ok(Drawn { head: sealed.candidate, entropy })
    }
}

const DRAWS: u32 = 100;
/// The confidence of the specification: 0.8, so that enough candidates pass by luck to measure the rate.
const ALPHA_PPM: u32 = 200_000;
/// The attempts at one gap: the first one, and repairs.
const ATTEMPTS: u32 = 3;

fn spec() -> Spec {
    let text = format!(
        r#"{{"entry": "add", "args": [{{"type": "int", "min": -1000000, "max": 1000000}},
            {{"type": "int", "min": -1000000, "max": 1000000}}], "returns": {{"type": "int"}},
            "oracle": {{"builtin": "add"}}, "exam": {{"n": {DRAWS}, "confidence": 0.8}}}}"#
    );
    Spec::from_value(det::parse_json(&text).expect("JSON")).expect("a specification")
}

/// Returns a uniform number in [0, 1) for a text.
fn uniform(text: &str) -> f64 {
    let digest = Digest::hash("nmk.test.uniform.v1", text.as_bytes());
    let bytes: [u8; 8] = digest.as_bytes()[..8].try_into().expect("eight bytes");
    (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A sum that is wrong on a share of the instances, chosen by their digest and by `name`. It is right while the
/// development split is asked, as a program is that was written to it by heart: the worst that can come to the exam.
fn faulty(name: &str, rate: f64, development_is_over: Arc<AtomicBool>) -> NativeFunction {
    let name = name.to_owned();
    Arc::new(move |arguments: &[Value]| {
        let [Value::Int(a), Value::Int(b)] = arguments else { return Err(Fault::NoEntry) };
        let is_over = development_is_over.load(Ordering::Relaxed);
        let is_wrong = is_over && uniform(&format!("{name} {a} {b}")) < rate;
        Ok(Value::Int(a + b + i64::from(is_wrong)))
    })
}

fn examined(spec: &Spec, name: &str, rate: f64, attempt: u32, seed: u64) -> Report {
    let development_is_over = Arc::new(AtomicBool::new(false));
    let native = Native::new([(name.to_owned(), faulty(name, rate, Arc::clone(&development_is_over)))]);
    let laboratory = Laboratory { candidate: &native, helper: None };
    let options = Options { attempt, ..Options::default() };
    let notary = Seeded { seed, development_is_over };
    Experiment::new(spec, name, laboratory, options, notary).run(&Root).expect("an experiment")
}

#[test]
fn candidates_above_their_bound_are_admitted_more_rarely_than_alpha() {
    let candidates: usize =
        std::env::var("NMK_GATE_CANDIDATES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let spec = spec();
    let alpha = f64::from(ALPHA_PPM) / 1e6;
    // The bound of the strictest attempt is the widest; rates are drawn around that of the first one.
    let bound = failure_bound(u64::from(DRAWS), ALPHA_PPM >> 1);
    let none = Share { hits: 0, trials: 0 };
    let (mut above, mut near, mut below, mut control, mut attempts) = (none, none, none, none, 0);
    for number in 0..candidates {
        // Log-uniform from a tenth of the bound to ten times the bound.
        let rate = bound * 10_f64.powf(2.0 * uniform(&format!("rate {number}")) - 1.0);
        let mut admitted = None;
        for attempt in 1..=ATTEMPTS {
            attempts += 1;
            // A repair is another program with as many faults elsewhere: the worst that a model can do.
            let name = format!("candidate {number}.{attempt}");
            let report = examined(&spec, &name, rate, attempt, number as u64);
            // The sharpest place: the first attempt of a candidate that is hardly worse than its bound.
            if attempt == 1 && (bound..1.2 * bound).contains(&rate) {
                near.trials += 1;
                near.hits += usize::from(report.admission.is_some());
            }
            if let Some(admission) = &report.admission {
                admitted = Some(admission.bound());
                break;
            }
        }
        // A gap counts as bad if the rate is at the bound or above that its record would state.
        let stated = admitted.unwrap_or_else(|| failure_bound(u64::from(DRAWS), ALPHA_PPM >> 1));
        let class = if rate >= stated { &mut above } else { &mut below };
        class.trials += 1;
        class.hits += usize::from(admitted.is_some());
        // The negative control: a record that claims ten times as many draws has a smaller bound, which does not hold.
        if rate >= failure_bound(u64::from(10 * DRAWS), ALPHA_PPM >> 1) {
            control.trials += 1;
            control.hits += usize::from(admitted.is_some());
        }
    }
    println!("{candidates} gaps, {attempts} experiments, {DRAWS} draws, alpha {alpha}");
    println!("| error rate | gaps | admitted | share | upper end at 0.95 |");
    let classes = [
        ("below the bound", below),
        ("at the bound or above", above),
        ("at 1.0 to 1.2 times the bound, first attempt", near),
        ("above a false bound", control),
    ];
    for (name, count) in classes {
        println!(
            "| {name} | {} | {} | {:.4} | {:.4} |",
            count.trials,
            count.hits,
            count.rate(),
            count.interval()[1]
        );
    }
    assert!(above.trials > candidates / 4 && below.trials > candidates / 10, "the rates are spread");
    assert!(below.hits > below.trials / 4, "good candidates are admitted");
    assert!(
        above.interval()[1] < alpha && near.interval()[1] < alpha,
        "too many bad candidates were admitted"
    );
    assert!(control.rate() > alpha, "the control would not have been noticed");
}

#[test]
fn a_repeated_experiment_has_the_same_evidence() {
    let spec = spec();
    let (mut admitted, mut refused) = (0, 0);
    for number in 0..200 {
        let rate = 0.02 * uniform(&format!("rate {number}"));
        let name = format!("candidate {number}");
        let first = examined(&spec, &name, rate, 0, number);
        let again = examined(&spec, &name, rate, 0, number);
        assert_eq!(first.evidence_digest(), again.evidence_digest());
        assert_eq!(first.admission.is_some(), again.admission.is_some());
        // The negative control: another seed, or another program, is another experiment.
        let other = examined(&spec, &name, rate, 0, number + 1_000);
        assert!(first.drawn.is_none() || first.evidence_digest() != other.evidence_digest());
        if first.admission.is_some() { admitted += 1 } else { refused += 1 }
    }
    assert!(admitted > 20 && refused > 20, "both happen: {admitted} and {refused}");
}
