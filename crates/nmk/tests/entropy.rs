//! `nmk eval entropy`: the tap changes nothing, both directions have an interval, and only a calibrated source is certified.

mod common;

use common::home::Home;
use serde_json::{Value as Json, json};

const MODEL: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn both_directions_are_measured_on_questions_that_chose_nothing() {
    let home = Home::new("eval-entropy");
    let (plot, held) = (home.path("plot.svg"), home.path("certificate.json"));
    let [plot, held] = [&plot, &held].map(|path| path.to_str().expect("UTF-8"));
    let words = ["eval", "entropy", "--items", "320", "--json", "--plot", plot, "--certificate", held];
    let ended = home.run(words);
    let object = ended.json();
    let verdict = object["verdict"].as_str().expect("a verdict");
    assert!(["calibrated", "flat", "inverted"].contains(&verdict), "{object}");
    // A certificate is written exactly if the source is calibrated, and the exit code says so.
    let is_calibrated = verdict == "calibrated";
    assert_eq!((std::path::Path::new(held).exists(), ended.code == 0), (is_calibrated, is_calibrated));
    assert_eq!(object["inert"], json!({"compared": 20, "differing": 0}), "{object}");
    let measured = &object["held_out"];
    assert_eq!(measured["items"], 160);
    let area = |way: &str| -> [f64; 3] {
        let of = &measured[way];
        [&of["auc"], &of["ci"][0], &of["ci"][1]].map(|number| number.as_f64().expect("a number"))
    };
    let [auc, low, high] = area("high_predicts_failure");
    assert!(low <= auc && auc <= high, "{measured}");
    let mirrored = [1.0 - auc, 1.0 - high, 1.0 - low];
    assert!(area("high_predicts_success").iter().zip(mirrored).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!(std::fs::read_to_string(plot).expect("the plot").contains("<svg"));
    assert_eq!(home.run(["eval", "entropy", "--items", "320", "--json"]).json()["held_out"], *measured);
}

#[test]
fn too_few_questions_and_a_model_elsewhere_are_refused() {
    let home = Home::new("eval-entropy-few");
    home.run(["eval", "entropy", "--items", "16"]).is_refused(&["too few", "pass more items"]);
    let elsewhere = ["eval", "entropy", "--model", "http://127.0.0.1:9/v1"];
    home.run(elsewhere).is_refused(&[]);
    home.run(["eval", "entropy", "--days", "3"]).is_refused(&["--certificate"]);
}

/// Returns a certificate that holds until `expires_at_ms`, with this area under the curve.
fn certificate(expires_at_ms: i64, auc: f64) -> String {
    let ranges = json!([{"up_to": 0.5, "failure_rate": 0.1}, {"up_to": null, "failure_rate": 0.9}]);
    json!({"source": "s", "model": MODEL, "data": MODEL, "expires_at_ms": expires_at_ms, "auc": auc,
        "interval": [auc - 0.05, auc + 0.05], "ranges": ranges})
    .to_string()
}

/// Returns the decision for a score of 0.7 of the source `s`, at an importance of 1.
fn decided(home: &Home, file: &str, source: &str, by: &str) -> Json {
    let score = format!("{source}=0.7");
    let words = ["policy", "decide", "--signals", "{\"importance\": 1}", "--json"];
    home.run(words.iter().chain(&["--certificate", file, "--score", &score, "--scored-by", by])).json()
}

#[test]
fn a_decision_widens_by_a_certificate_that_holds_and_by_no_other() {
    let home = Home::new("certified");
    home.write("work/good.json", certificate(i64::MAX, 0.8));
    home.write("work/stale.json", certificate(1, 0.8));
    home.write("work/flat.json", certificate(i64::MAX, 0.55));
    home.write("work/inverted.json", certificate(i64::MAX, 0.2));
    let good = decided(&home, "good.json", "s", MODEL);
    assert_eq!(
        (&good["used_signal"], &good["certificate"]),
        (&json!("calibrated_uncertainty"), &json!("holds"))
    );
    assert!(good["k"].as_u64() > Some(1), "{good}");
    let other = MODEL.replacen('0', "1", 1);
    for (file, source, by, why) in [
        ("stale.json", "s", MODEL, "expired"),
        ("good.json", "s", other.as_str(), "another"),
        ("good.json", "t", MODEL, "about the source s"),
    ] {
        let held = decided(&home, file, source, by);
        assert_eq!(
            (&held["k"], &held["used_signal"]),
            (&json!(1), &json!("uncalibrated_held")),
            "{why}: {held}"
        );
        assert!(held["certificate"].as_str().is_some_and(|said| said.starts_with("does not hold")), "{held}");
    }
    for file in ["flat.json", "inverted.json"] {
        let words = ["policy", "decide", "--certificate", file, "--score", "s=0.7", "--scored-by", MODEL];
        home.run(words).is_refused(&[file, "only a calibrated one"]);
    }
    let stated = ["--signals", "{\"uncertainty\": 0.4}"];
    let words = ["policy", "decide", "--certificate", "good.json", "--score", "s=0.7", "--scored-by", MODEL];
    home.run(words.iter().chain(&stated)).is_refused(&["leave one of both out"]);
    home.run(["policy", "decide", "--score", "s=0.7"]).is_refused(&["--certificate"]);
}

/// Returns the text of a certificate, signed with the key of `seed`.
fn signed(text: &str, seed: u8) -> (Json, String) {
    let value = det::parse_json(text).expect("JSON");
    let digest = kpolicy::Certificate::from_value(&value).expect("a certificate").digest();
    let key = ledger::SigningKey::from_seed([seed; 32]).expect("a seed");
    let mut object: Json = serde_json::from_str(text).expect("JSON");
    object["signed_by"] = json!(key.public().to_string());
    let hexadecimal: String = key.sign_digest(&digest).iter().map(|byte| format!("{byte:02x}")).collect();
    object["signature"] = json!(hexadecimal);
    (object, key.public().to_string())
}

#[test]
fn a_signature_counts_where_it_is_right_and_its_signer_is_trusted() {
    let home = Home::new("certified-signed");
    let plain = certificate(i64::MAX, 0.8);
    let (good, key) = signed(&plain, 7);
    let (_, other) = signed(&plain, 8);
    let mut altered = good.clone();
    altered["auc"] = json!(0.82);
    let mut half = good.clone();
    half["signature"] = Json::Null;
    let mut short = good.clone();
    short["signature"] = json!("00ff");
    home.write("work/plain.json", plain);
    for (name, object) in [("good", &good), ("altered", &altered), ("half", &half), ("short", &short)] {
        home.write(&format!("work/{name}.json"), object.to_string());
    }
    let decide = |file: &str, trusted: &[&str]| {
        let words = ["policy", "decide", "--certificate", file, "--score", "s=0.7", "--scored-by", MODEL];
        home.run(words.into_iter().chain(trusted.iter().flat_map(|key| ["--trust", *key])))
    };
    for trusted in [&[][..], &[key.as_str()], &[other.as_str(), key.as_str()]] {
        let held = decide("good.json", trusted);
        assert!(held.out.contains("the certificate holds"), "{trusted:?} {held:?}");
    }
    decide("good.json", &[&other]).is_refused(&["good.json", "none of those"]);
    decide("plain.json", &[&key]).is_refused(&["plain.json", "not signed"]);
    decide("altered.json", &[]).is_refused(&["altered.json", "signature is not one"]);
    for file in ["half.json", "short.json"] {
        decide(file, &[]).is_refused(&[file, "`signature`"]);
    }
    decide("good.json", &["12"]).is_refused(&["--trust"]);
}

#[test]
fn odd_fields_are_refused_and_a_held_score_is_not_taken_raw() {
    let home = Home::new("certified-odd");
    let mut odd: Json = serde_json::from_str(&certificate(i64::MAX, 0.8)).expect("JSON");
    odd["expires"] = json!(0);
    home.write("work/odd.json", odd.to_string());
    odd = serde_json::from_str(&certificate(i64::MAX, 0.8)).expect("JSON");
    odd["ranges"][0]["count"] = json!(3);
    home.write("work/range.json", odd.to_string());
    for (file, field) in [("odd.json", "`expires`"), ("range.json", "`count`")] {
        let words = ["policy", "decide", "--certificate", file, "--score", "s=0.7", "--scored-by", MODEL];
        home.run(words).is_refused(&[file, field]);
    }
    // A policy that takes any uncertainty still takes none from a certificate that does not hold.
    home.write("work/stale.json", certificate(1, 0.8));
    let words = ["policy", "decide", "--json", "--signals", "{\"importance\": 1}", "--policy"];
    let score =
        ["{\"require_calibrated\": false}", "--score", "s=0.9", "--scored-by", MODEL, "--certificate"];
    let held = home.run(words.iter().chain(&score).chain(&["stale.json"])).json();
    assert_eq!((&held["k"], &held["used_signal"]), (&json!(1), &json!("thin_default")), "{held}");
}
