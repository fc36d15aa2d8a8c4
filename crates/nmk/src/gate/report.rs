//! Reports of the gate, as values for records and programs, and as text for people.

use abi::{Value, counted};
use det::{Fate, failure_bound};
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
    let count = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let number = |number: f64| det::Float::new(number).map_or(Value::Null, Value::Float);
    let text = |text: &str| Value::text(text);
    let refusal = report.refusal.as_ref();
    let of = |fate| report.wrong.iter().filter(move |wrong| wrong.fate == fate);
    let names = |fate| Value::List(of(fate).map(|wrong| text(&wrong.name)).collect());
    let alpha = f64::from(report.alpha_ppm) / 1e6;
    let bound = match &report.admission {
        Some(admission) => number(admission.bound()),
        None => Value::Null,
    };
    Value::map([
        ("admitted", Value::Bool(report.admission.is_some())),
        ("entry", text(spec.entry())),
        ("reason", refusal.map_or(Value::Null, |refusal| text(refusal.reason))),
        ("stage", refusal.map_or(Value::Null, |refusal| text(refusal.stage.word()))),
        ("detail", refusal.map_or(Value::Null, |refusal| text(&abi::bounds::cut(&refusal.what, 1000)))),
        ("n", count(report.draws)),
        ("bound", bound),
        ("confidence", number(1.0 - alpha)),
        ("distinct", count(report.distinct)),
        ("fixed", count(report.fixed)),
        ("exhaustive", Value::Bool(report.exhaustive && report.admission.is_some())),
        ("undefined", Value::Int(i64::from(report.undefined))),
        ("kill_rate", report.kill_rate().map_or(Value::Null, number)),
        ("wrong_programs", count(report.wrong.len())),
        ("possible_mutants", count(report.possible_mutants)),
        ("growth", report.growth.map_or(Value::Null, |growth| number((growth * 10.0).round() / 10.0))),
        ("severity", report.severity.map_or(Value::Null, |severity| number(severity.rate()))),
        ("blame", refusal.map_or(Value::Null, |refusal| text(refusal.blame.word()))),
        ("survivors", names(Fate::Survived)),
        ("equivalent", names(Fate::Equivalent)),
        (
            "counterexample",
            refusal.and_then(|refusal| refusal.counterexample.as_ref()).map_or(Value::Null, counterexample),
        ),
        (
            "executor",
            report.executor.as_ref().map_or(Value::Null, |executor| {
                Value::text(format!("{} {}", executor.name, executor.version))
            }),
        ),
        ("isolation", report.executor.as_ref().map_or(Value::Null, |executor| text(&executor.isolation))),
        ("candidate", text(&report.candidate.to_string())),
        ("specification", text(&report.specification.to_string())),
    ])
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
            "  {} passed, {} different; {} samples and boundaries passed",
            counted(draws as usize, "draw"),
            int("distinct"),
            int("fixed")
        ),
        format!(
            "  a program that fails on more than {:.3} % of the instances passes such an exam with probability {} % at most",
            bound * 100.0,
            f64::from(ppm(alpha)) / 1e4
        ),
        format!(
            "  {:.1} % of {} failed, as they must",
            number("kill_rate") * 100.0,
            counted(int("wrong_programs") as usize, "wrong program")
        ),
    ];
    if report.get("exhaustive").and_then(Value::as_bool) == Some(true) {
        lines.insert(2, "  every instance of the domain was tried".to_owned());
    }
    let survivors = names("survivors");
    if !survivors.is_empty() {
        let named = survivors.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
        let more = survivors.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; {more} more") } else { String::new() };
        lines.push(format!("  these did not: {named}{more}"));
    }
    lines.push(format!("  ran in {} ({})", text("executor"), text("isolation")));
    lines.join("\n")
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a million is small")]
fn ppm(share: f64) -> u32 {
    (share * 1e6).round() as u32
}
