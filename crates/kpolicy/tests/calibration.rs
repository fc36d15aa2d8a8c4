//! Only a source that was shown to predict failure gets a certificate, and only a certificate that holds widens.

use abi::Digest;
use kpolicy::{
    Calibration, CalibrationError, CalibrationVerdict, Certificate, CertificateError, Labelled, Naming,
    Policy, Settings, Signals, Unit, UsedSignal, calibrate, decide,
};

const NOW: i64 = 1_000_000;
const SOURCE: &str = "synthetic";

/// Returns items whose outcomes and scores follow `of`, which is given two shares at random and the length.
fn items(count: usize, seed: u64, of: impl Fn(f64, f64, f64) -> (f64, bool)) -> Vec<Labelled> {
    let mut state = seed;
    let mut share = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count)
        .map(|_| {
            let (one, other, length) = (share(), share(), (share() * 60.0).floor());
            let (score, failed) = of(one, other, length);
            Labelled { score, failed, length }
        })
        .collect()
}

fn measured(of: impl Fn(f64, f64, f64) -> (f64, bool)) -> Calibration {
    calibrate(&items(600, 1, &of), &items(600, 2, &of), 3).expect("enough items")
}

fn good() -> Calibration {
    measured(|one, other, _| (one, other < one))
}

fn naming() -> Naming {
    let (model, data) = (Digest::hash_blob(b"model"), Digest::hash_blob(b"data"));
    Naming { source: SOURCE.to_owned(), model, data, expires_at: NOW + 1 }
}

/// Returns the branches of a decision about a result that the source is as unsure of as it can be.
fn k(certificate: Result<Certificate, CertificateError>, model: &[u8], now: i64) -> u32 {
    let policy = Policy::new(Settings::REFERENCE).expect("the reference is a policy");
    let raw = Signals { uncertainty: Unit::ONE, importance: Unit::ONE, ..Signals::QUIET };
    let model = Digest::hash_blob(model);
    let certified = certificate.and_then(|held| held.certify(raw, (SOURCE, &model, 1.0), now));
    let decision = decide(&policy, &certified.unwrap_or(raw));
    let is_wide = decision.used_signal == UsedSignal::CalibratedUncertainty;
    assert_eq!(is_wide, decision.k > 1, "{decision:?}");
    decision.k
}

#[test]
fn only_a_source_that_predicts_failure_widens() {
    let cases = [
        ("good", good(), CalibrationVerdict::Calibrated),
        ("flat", measured(|one, other, _| (one, other < 0.4)), CalibrationVerdict::Flat),
        ("inverted", measured(|one, other, _| (-one, other < one)), CalibrationVerdict::Inverted),
        // The score follows the length, and so does failure: nothing is left within a stratum.
        (
            "length",
            measured(|one, other, length| {
                (length / 20.0 - length / 20.0 % 1.0 + one / 9.0, other < length / 60.0)
            }),
            CalibrationVerdict::Flat,
        ),
    ];
    for (name, calibration, verdict) in cases {
        assert_eq!(calibration.verdict, verdict, "{name}: {calibration:?}");
        let certificate = Certificate::issue(&calibration, naming());
        let is_calibrated = verdict == CalibrationVerdict::Calibrated;
        assert_eq!(certificate.is_ok(), is_calibrated, "{name}");
        assert_eq!(k(certificate, b"model", NOW) > 1, is_calibrated, "{name}");
    }
}

#[test]
fn a_stale_certificate_and_one_of_another_model_widen_nothing() {
    let held = || Certificate::issue(&good(), naming());
    assert!(k(held(), b"model", NOW) > 1);
    assert_eq!(k(held(), b"model", NOW + 1), 1, "it has expired");
    assert_eq!(k(held(), b"another", NOW), 1, "it is about another model");
    let model = Digest::hash_blob(b"model");
    let certify = |source, score| held().expect("held").certify(Signals::QUIET, (source, &model, score), NOW);
    assert_eq!(certify("other", 0.5), Err(CertificateError::OtherSource(SOURCE.to_owned())));
    assert_eq!(certify(SOURCE, f64::NAN), Err(CertificateError::Score));
}

#[test]
fn a_certificate_survives_its_value_and_a_forged_verdict_does_not() {
    let certificate = Certificate::issue(&good(), naming()).expect("calibrated");
    assert_eq!(Certificate::from_value(&certificate.to_value()), Ok(certificate.clone()));
    let with = |key: &str, value: abi::Value| {
        let mut map = certificate.to_value().as_map().expect("a map").clone();
        map.insert(key.to_owned(), value);
        Certificate::from_value(&abi::Value::Map(map))
    };
    let flat = CertificateError::NotCalibrated(CalibrationVerdict::Flat);
    assert_eq!(with("auc", abi::Value::Float(abi::Float::new(0.6).expect("a number"))), Err(flat));
    let number = |number| abi::Value::Float(abi::Float::new(number).expect("a number"));
    let reversed = with("interval", abi::Value::List(vec![number(0.9), number(0.7)]));
    assert_eq!(reversed, Err(CertificateError::Field("interval")));
    for source in ["", "a\u{1b}[31mb"] {
        assert_eq!(with("source", abi::Value::text(source)), Err(CertificateError::Field("source")));
    }
    let unknown = CertificateError::Unknown("sources".to_owned());
    assert_eq!(with("sources", abi::Value::Null), Err(unknown));
    for key in ["source", "model", "data", "expires_at_ms", "auc", "interval", "ranges"] {
        assert_eq!(with(key, abi::Value::Null), Err(CertificateError::Field(key)), "{key}");
    }
}

#[test]
fn too_few_items_and_numbers_that_are_none_are_refused() {
    let few = items(30, 1, |one, other, _| (one, other < one));
    assert!(matches!(calibrate(&few, &few, 1), Err(CalibrationError::TooFew { .. })));
    let broken = items(400, 1, |one, other, _| (if one < 0.01 { f64::NAN } else { one }, other < one));
    assert_eq!(calibrate(&broken, &broken, 1), Err(CalibrationError::NotFinite));
}
