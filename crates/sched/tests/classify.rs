//! Jobs are classified by whole words; a declared kind is used as it is, or refused.

use sched::{Classifier, ClassifyError, Rule};

fn classifier() -> Classifier {
    let rules = [
        Rule::new("code_gen", &[&["def"], &["function", "return"]]),
        Rule::new("cyber_alert", &[&["ioc"], &["soc"], &["mitre"], &["cve"]]),
        Rule::new("structured_output", &[&["json"], &["schema"]]),
    ];
    Classifier::new(rules.into()).unwrap()
}

#[test]
fn words_fire_and_parts_of_words_do_not() {
    let cases = [
        ("An IOC was seen; who is on call?", Some("cyber_alert")),
        ("CVE-2021-44228 in the logs", Some("cyber_alert")),
        ("What is biochemistry?", None),
        ("How does society treat sociology, and receive associates?", None),
        ("The committee took up the omitred line", None),
        ("Write a function; it must return 3.", Some("code_gen")),
        ("The organ's function is unknown", None),
        ("We definitely default", None),
        ("Answer as (JSON).", Some("structured_output")),
        ("jsonify the schemata", None),
        ("json for the soc", Some("cyber_alert")),
        ("", None),
    ];
    for (request, kind) in cases {
        assert_eq!(classifier().classify(None, request).unwrap(), kind, "{request}");
    }
}

#[test]
fn a_declared_kind_is_kept_or_refused() {
    let classifier = classifier();
    assert_eq!(classifier.classify(Some("code_gen"), "json, please").unwrap(), Some("code_gen"));
    for declared in ["Code_gen", "json", ""] {
        let error = classifier.classify(Some(declared), "json, please").unwrap_err();
        let known = ["code_gen", "cyber_alert", "structured_output"].map(str::to_owned).into();
        assert_eq!(error, ClassifyError::UnknownKind { declared: declared.to_owned(), known });
    }
}

#[test]
fn rules_that_fire_always_or_never_are_refused() {
    let refused = |words: &[&str]| Classifier::new(vec![Rule::new("odd", &[words])]).unwrap_err();
    let kind = || "odd".to_owned();
    assert_eq!(refused(&[]), ClassifyError::EmptySet { kind: kind() });
    for word in ["def ", "two words", "JSON", ""] {
        assert_eq!(refused(&["fine", word]), ClassifyError::NotAWord { kind: kind(), word: word.to_owned() });
    }
}
