//! Reports of the gate, as values for records and programs, and as text for people.

use std::collections::BTreeMap;

use abi::{Value, counted};
use det::failure_bound;
use holdout::{Counterexample, Report, Spec};

/// The most surviving wrong programs that are named.
const NAMED: usize = 10;

/// Returns what two executors say of one candidate where they differ, given the report and the evidence of each, with the seed
/// in common. None if they say the same.
pub(crate) fn difference(one: (&Value, &Value), other: (&Value, &Value)) -> Option<String> {
    let text = |report: &Value, key| report.get(key).and_then(Value::as_text).unwrap_or_default().to_owned();
    let reason = |report: &Value| (text(report, "stage"), text(report, "reason"));
    let answers = |evidence: &Value| evidence.get("answers").and_then(Value::as_digest);
    if reason(one.0) != reason(other.0) {
        let said = |report: &Value| match reason(report) {
            (stage, _) if stage.is_empty() => format!("{}: admitted", text(report, "executor")),
            (stage, reason) => {
                let detail = text(report, "detail");
                format!("{}: not admitted · {stage} · {reason} · {detail}", text(report, "executor"))
            }
        };
        return Some(format!("the executors differ: {}; {}", said(one.0), said(other.0)));
    }
    let is_admitted = reason(one.0).0.is_empty();
    let differs = is_admitted && answers(one.1) != answers(other.1);
    differs.then(|| "the executors admit it with different results".to_owned())
}

/// Returns a report as a value, with the keys of `docs/gate.md`.
pub(crate) fn report(report: &Report, spec: &Spec) -> Value {
    let number = |number: f64| det::Float::new(number).map_or(Value::Null, Value::Float);
    let growth = report.growth.map_or(Value::Null, |growth| number((growth * 10.0).round() / 10.0));
    let mut fields = borne_out(&report.evidence, spec, growth);
    let Some(refusal) = &report.refusal else { return Value::Map(fields) };
    let severity = report.severity.map_or(Value::Null, |severity| number(severity.rate()));
    let shown = refusal.counterexample.as_ref().map_or(Value::Null, counterexample);
    let refused = [
        ("reason", Value::text(refusal.reason)),
        ("stage", Value::text(refusal.stage.word())),
        ("detail", Value::text(abi::bounds::cut(&refusal.what, 1000))),
        ("severity", severity),
        ("blame", Value::text(refusal.blame.word())),
        ("counterexample", shown),
    ];
    fields.extend(refused.map(|(key, value)| (key.to_owned(), value)));
    Value::Map(fields)
}

/// Returns the part of a report that follows from the evidence: all of it for an admission, but the growth of time, which is
/// no evidence.
fn borne_out(evidence: &Value, spec: &Spec, growth: Value) -> BTreeMap<String, Value> {
    let number = |number: f64| det::Float::new(number).map_or(Value::Null, Value::Float);
    let of = |key: &str| evidence.get(key).cloned().unwrap_or(Value::Null);
    let text = |key: &str| of(key).into_text().unwrap_or_default();
    let int = |key: &str| of(key).as_int().and_then(|int| u64::try_from(int).ok()).unwrap_or(0);
    let is_admitted = text("stage") == "admitted";
    let alpha_ppm = u32::try_from(int("alpha_ppm")).unwrap_or(0);
    let bound = if is_admitted { number(failure_bound(int("draws"), alpha_ppm)) } else { Value::Null };
    let wrong = of("wrong").into_list().unwrap_or_default();
    let fate = |wrong: &Value, fate: &str| matches!(wrong.as_list(), Some([_, found]) if found.as_text() == Some(fate));
    let count = |of_fate: &str| wrong.iter().filter(|wrong| fate(wrong, of_fate)).count();
    let names = |of_fate: &str| {
        let named = wrong.iter().filter(|wrong| fate(wrong, of_fate));
        Value::List(named.filter_map(|wrong| wrong.as_list()?.first().cloned()).collect())
    };
    let (killed, tried) = (count("killed"), wrong.len() - count("equivalent"));
    #[allow(clippy::cast_precision_loss, reason = "a count of programs is small")]
    let kill_rate = if tried == 0 { Value::Null } else { number(killed as f64 / tried as f64) };
    let digest =
        |key: &str| of(key).as_digest().map_or(Value::Null, |digest| Value::Text(digest.to_string()));
    let of_executor = |key: &str| of("executor").get(key).and_then(Value::as_text).map(str::to_owned);
    let executor = of_executor("name").zip(of_executor("version"));
    let fields = [
        ("admitted", Value::Bool(is_admitted)),
        ("entry", Value::text(spec.entry())),
        ("reason", Value::Null),
        ("stage", Value::Null),
        ("detail", Value::Null),
        ("n", of("draws")),
        ("bound", bound),
        ("confidence", number(1.0 - f64::from(alpha_ppm) / 1e6)),
        ("distinct", of("distinct")),
        ("fixed", of("fixed")),
        ("exhaustive", Value::Bool(is_admitted && of("exhaustive").as_bool() == Some(true))),
        ("undefined", of("undefined")),
        ("kill_rate", kill_rate),
        ("wrong_programs", Value::Int(i64::try_from(wrong.len()).unwrap_or(i64::MAX))),
        ("possible_mutants", of("possible_mutants")),
        ("growth", growth),
        ("severity", Value::Null),
        ("blame", Value::Null),
        ("survivors", names("survived")),
        ("equivalent", names("equivalent")),
        ("counterexample", Value::Null),
        (
            "executor",
            executor.map_or(Value::Null, |(name, version)| Value::Text(format!("{name} {version}"))),
        ),
        ("isolation", of_executor("isolation").map_or(Value::Null, Value::Text)),
        ("candidate", digest("candidate")),
        ("specification", digest("specification")),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Returns true if the report of an admission says what its evidence bears out, and nothing else.
pub(crate) fn is_borne_out(report: &Value, evidence: &Value, spec: &Spec) -> bool {
    let growth = report.get("growth").cloned().unwrap_or(Value::Null);
    let is_growth = matches!(growth, Value::Null | Value::Float(_) | Value::Int(_));
    is_growth && abi::encode(&Value::Map(borne_out(evidence, spec, growth))) == abi::encode(report)
}

fn counterexample(counterexample: &Counterexample) -> Value {
    let Counterexample { arguments, got, expected } = counterexample;
    // None is a result too, so what is not there has no key.
    let fields = [
        ("args", Some(Value::List(arguments.clone()))),
        ("got", got.clone()),
        ("expected", expected.clone()),
    ];
    Value::map(fields.into_iter().filter_map(|(key, value)| Some((key, value?))))
}

/// Returns a report's value as lines for people.
pub(crate) fn shown(report: &Value) -> String {
    let text = |key| report.get(key).and_then(Value::as_text).unwrap_or_default();
    let int = |key| report.get(key).and_then(Value::as_int).unwrap_or(0);
    let number = |key| match report.get(key) {
        Some(Value::Float(number)) => number.get(),
        Some(Value::Int(int)) => f64::from(i32::try_from(*int).unwrap_or(0)),
        _ => 0.0,
    };
    let names = |key| -> Vec<&str> {
        report
            .get(key)
            .and_then(Value::as_list)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_text)
            .collect()
    };
    if report.get("admitted").and_then(Value::as_bool) != Some(true) {
        return format!("not admitted: {} · {} · {}", text("entry"), text("stage"), text("reason"))
            + &format!("\n  {}", text("detail"));
    }
    let draws = u64::try_from(int("n")).unwrap_or(0);
    let alpha = 1.0 - number("confidence");
    let bound = failure_bound(draws, ppm(alpha));
    let mut lines = vec![
        format!("admitted: {}", text("entry")),
        format!(
            "  {} passed, {} different; {} passed",
            counted(draws as usize, "draw"),
            int("distinct"),
            match int("fixed") {
                1 => "1 sample or boundary".to_owned(),
                fixed => format!("{fixed} samples and boundaries"),
            }
        ),
        // A bound on the share of failures says nothing where no instance is left that could fail.
        match report.get("exhaustive").and_then(Value::as_bool) {
            Some(true) => {
                "  every instance of the domain was tried, and the program passed them all".to_owned()
            }
            _ => format!(
                "  a program that fails on more than {:.3} % of the instances passes such an exam with probability {} % at most",
                bound * 100.0,
                f64::from(ppm(alpha)) / 1e4
            ),
        },
        format!(
            "  {:.1} % of {} failed, as they must",
            number("kill_rate") * 100.0,
            counted(int("wrong_programs") as usize, "wrong program")
        ),
    ];
    let survivors = names("survivors");
    if !survivors.is_empty() {
        let named = survivors.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
        let more = survivors.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; {more} more") } else { String::new() };
        lines.push(format!("  changes that made no difference here: {named}{more}"));
    }
    lines.push(format!("  ran in {} ({})", text("executor"), text("isolation")));
    lines.join("\n")
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a million is small")]
fn ppm(share: f64) -> u32 {
    (share * 1e6).round() as u32
}
