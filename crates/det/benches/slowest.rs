//! The slowest subjects that are known, each as large as a reply may be, and the time that judging them takes.
//!
//! A judgement has fuel, so a subject that would take longer is left unjudged. The bench prints both kinds, the
//! slowest first, and the nanoseconds that a step of the fuel took at most.
#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use det::{
    Call, Contract, Form, JUDGEMENT_FUEL, JobId, JudgeError, Lint, Operand, Origin, Proposal, Schema, TaskId,
    Validators, Value, extract_under, judge,
};

/// The longest reply that is judged, in bytes.
const REPLY_BYTES: usize = 16 << 20;

fn main() {
    let mut measured: Vec<(Duration, &str, &str)> = subjects()
        .into_iter()
        .map(|(name, contract, reply)| {
            // The better of two, because other programs take their share of the caches.
            let (once, _) = judged(&contract, reply.clone());
            let (twice, end) = judged(&contract, reply);
            let took = once.min(twice);
            (took, name, end)
        })
        .collect();
    measured.sort_by_key(|(took, ..)| core::cmp::Reverse(*took));
    println!("{:>8}  {:<10}  subject of {} MiB", "ms", "end", REPLY_BYTES >> 20);
    for (took, name, end) in &measured {
        println!("{:>8}  {end:<10}  {}", took.as_millis(), name.escape_debug());
    }
    let slowest = measured.first().map_or(0, |(took, ..)| took.as_nanos());
    println!("slowest: {} ms; the fuel is {JUDGEMENT_FUEL} steps", slowest / 1_000_000);
}

/// Returns the time of one judgement on one core, and how it ended. For an answer it is the time of reading it
/// from the reply, because the judgement compares the answer alone.
fn judged(contract: &Contract, reply: String) -> (Duration, &'static str) {
    if matches!(contract.form(), Form::Number | Form::YesNo) {
        let start = on_a_core();
        let answer = extract_under(&reply, contract);
        return (on_a_core().saturating_sub(start), if answer.is_some() { "read" } else { "none" });
    }
    let subject =
        Proposal { value: Value::text(reply), origin: Origin::RemoteModel { name: "a stranger".into() } };
    let task = TaskId { job: JobId(1), number: 0 };
    let start = on_a_core();
    let judged = judge(&Validators::builtin(), task, contract, Vec::new(), subject);
    let took = on_a_core().saturating_sub(start);
    let end = match judged {
        Ok(judged) if judged.verdict().is_satisfied() => "satisfied",
        Ok(_) => "refuted",
        Err(JudgeError::OutOfFuel) => "unjudged",
        Err(error) => panic!("{error}"),
    };
    (took, end)
}

/// Returns the time that this thread has had a core, because other programs take their share of the machine. Where the
/// system does not tell it, the time of day since the first call stands for it.
fn on_a_core() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| FIRST.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

fn under(schema: &str) -> Contract {
    let schema = Schema::parse(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
    Contract::from_form(Form::Json).with_schema(schema).expect("structured")
}

/// Returns `open`, then pieces as long as they fit, then `close`.
fn filled(open: &str, close: &str, piece: impl Fn(usize) -> String) -> String {
    let mut text = open.to_owned();
    let mut number = 0;
    loop {
        let next = piece(number);
        if text.len() + next.len() + close.len() > REPLY_BYTES {
            break;
        }
        text.push_str(&next);
        number += 1;
    }
    text.truncate(text.trim_end_matches(',').len());
    text + close
}

fn list(piece: impl Fn(usize) -> String) -> String {
    filled("[", "]", piece)
}

/// A name, the contract, and the reply that is judged under it.
type Subject = (&'static str, Contract, String);

fn subjects() -> Vec<Subject> {
    [documents(), checked(), markup(), texts(), replies()].into_iter().flatten().collect()
}

fn documents() -> Vec<Subject> {
    let json = || Contract::from_form(Form::Json);
    vec![
        ("json: short keys", json(), filled("{", "}", |at| format!("\"{at:x}\":0,"))),
        ("json: empty lists", json(), list(|_| "[],".into())),
        ("json: empty objects", json(), list(|_| "{},".into())),
        ("json: objects of one key", json(), list(|_| "{\"\":0},".into())),
        ("json: one digit", json(), list(|_| "1,".into())),
        ("json: decimals", json(), list(|_| ".1,".replace('.', "0."))),
        ("json: floats near a half", json(), list(|at| format!("2.{}5,", 2_u64.pow(50) + at as u64))),
        (
            "json: exact fractions",
            json(),
            list(|_| format!("{:.1074},", f64::from_bits(0x000f_ffff_ffff_ffff))),
        ),
        ("json: long exponents", json(), list(|_| "1e-999999,".into())),
        ("json: one long number", json(), "9".repeat(REPLY_BYTES)),
        ("json: escapes", json(), filled("\"", "\"", |_| "\\u00e9".into())),
        ("json: one long text", json(), filled("\"", "\"", |_| "x".repeat(1 << 16))),
    ]
}

fn checked() -> Vec<Subject> {
    let deep = format!("{}7{}", "[".repeat(60), "]".repeat(60));
    vec![
        ("schema: type of each", under(r#"{"items":{"type":"integer"}}"#), list(|_| "1,".into())),
        (
            "schema: bounds of decimals",
            under(r#"{"items":{"minimum":0.5,"multipleOf":0.3}}"#),
            list(|_| "0.9,".into()),
        ),
        (
            "schema: bounds near a float",
            under(r#"{"items":{"minimum":0.5}}"#),
            list(|_| "0.50000000000000001,".into()),
        ),
        ("schema: unique integers", under(r#"{"uniqueItems":true}"#), list(|at| format!("{at},"))),
        ("schema: unique texts", under(r#"{"uniqueItems":true}"#), list(|at| format!("\"{at:06x}\","))),
        ("schema: unique lists", under(r#"{"uniqueItems":true}"#), list(|at| format!("[[{at}]],"))),
        ("schema: unique decimals", under(r#"{"uniqueItems":true}"#), list(|at| format!("0.{at}1,"))),
        ("schema: equal items", under(r#"{"uniqueItems":true}"#), list(|_| "1,".into())),
        (
            "schema: two long texts",
            under(r#"{"uniqueItems":true}"#),
            format!("[\"{0}a\",\"{0}b\"]", "x".repeat(8 << 20)),
        ),
        (
            "schema: alternatives",
            under(r#"{"items":{"anyOf":[{"const":1},{"const":2},{"const":3},{"const":4}]}}"#),
            list(|_| "5,".into()),
        ),
        (
            "schema: branches at every level",
            under(r##"{"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}],"not":{"const":7}}"##),
            deep,
        ),
        ("schema: required", under(r#"{"items":{"required":["a"]}}"#), list(|_| "{\"a\":0},".into())),
        (
            "schema: properties",
            under(r#"{"additionalProperties":{"type":"integer"},"properties":{"x":true}}"#),
            filled("{", "}", |at| format!("\"{at:x}\":0,")),
        ),
        (
            "schema: property names",
            under(r#"{"propertyNames":{"maxLength":9}}"#),
            filled("{", "}", |at| format!("\"{at:x}\":0,")),
        ),
        ("schema: contains", under(r#"{"contains":{"const":2}}"#), list(|_| "1,".into())),
        (
            "schema: nested contains",
            under(
                r##"{"contains":{"$ref":"#"},"anyOf":[{"contains":{"$ref":"#"}},{"contains":{"$ref":"#"}}]}"##,
            ),
            list(|_| "[[[1]]],".into()),
        ),
        (
            "schema: a slow pattern",
            under(r#"{"pattern":"(a|b|ab)*c"}"#),
            filled("\"", "\"", |_| "ab".repeat(1 << 10)),
        ),
        (
            "schema: a counted pattern",
            under(r#"{"pattern":"(a?){1000}a{1000}$"}"#),
            filled("\"", "\"", |_| "a".repeat(1 << 10)),
        ),
        (
            "schema: a pattern for each",
            under(r#"{"items":{"pattern":"^[a-z]{1,1000}$"}}"#),
            list(|_| "\"a\",".into()),
        ),
        ("schema: a format for each", under(r#"{"items":{"format":"ipv6"}}"#), list(|_| "\"1::1\",".into())),
        ("schema: uri", under(r#"{"format":"uri"}"#), filled("\"a:", "\"", |_| "%41".into())),
    ]
}

fn markup() -> Vec<Subject> {
    let xml = || Contract::from_form(Form::Xml);
    vec![
        ("xml: elements", xml(), filled("<a>", "</a>", |_| "<b/>".into())),
        ("xml: prefixes", xml(), filled("<a>", "</a>", |at| format!("<b xmlns:p{at}='{at}'/>"))),
        ("xml: prefixes that stay", xml(), {
            let tag = |at: usize| {
                let declared: String = (0..250).map(|n| format!(" xmlns:p{at}_{n}='{n}'")).collect();
                format!("<b{declared}>")
            };
            let open: String = (0..250).map(tag).collect();
            filled(&format!("<a>{open}"), &format!("{}</a>", "</b>".repeat(250)), |at| {
                format!("<p{}_9:c/>", at % 250)
            })
        }),
        (
            "xml: attributes",
            xml(),
            filled("<a>", "</a>", |at| {
                let attributes: String = (0..250).map(|n| format!(" a{n}_{at}=''")).collect();
                format!("<b{attributes}/>")
            }),
        ),
        ("xml: references", xml(), filled("<a>", "</a>", |_| format!("{}&lt;", "x".repeat(20)))),
    ]
}

/// Returns a contract that asks whether 97 is prime, so that the sentences of a reply are read for it.
fn prime() -> Contract {
    let call = Call::new("is_prime", vec![Operand::Literal(Value::Int(97))]).expect("a known primitive");
    Contract::computed(Form::YesNo, call).expect("a call of the form")
}

/// Returns a contract that asks for the number of a letter in a text, and for that number plus 4 if `adds` is true.
fn letters(adds: bool) -> Contract {
    let texts = ["strawberry", "r"].map(|text| Operand::Literal(Value::text(text)));
    let count = Call::new("letter_count", texts.into()).expect("a known primitive");
    let four = Operand::Literal(Value::Int(4));
    let call = match adds {
        true => Call::new("add", vec![Operand::Call(Box::new(count)), four]).expect("a known primitive"),
        false => count,
    };
    Contract::computed(Form::Number, call).expect("a call of the form")
}

/// Replies whose sentences nearly state something, again and again.
fn replies() -> Vec<Subject> {
    let about = |piece: &'static str, contract: Contract, answer: &str| {
        let (open, close) = (format!("Answer: {answer}\n"), format!("\nAnswer: {answer}"));
        (piece, contract, filled(&open, &close, |_| piece.into()))
    };
    let counted = [
        "a\n",
        "\n",
        "-",
        "the one ",
        "one is ",
        "comes to 3 ",
        "comes out comes ",
        "is what i ",
        "scratch that, ",
        "3, final. ",
        "how many? 3. ",
        "is it 4? no. ",
        "in my ",
        "Hope that helps!\n",
        "below lie\n",
        "is day\n",
        "strawberry ",
        "r ",
        "\u{201c}\u{2212}",
        "all in all in ",
    ];
    let primes = ["7 \u{d7} 13 = 91. ", "97 has 2 divisors. ", "7 times ", "is the product of ", "true! "];
    let counted = counted.map(|piece| about(piece, letters(false), "3")).into_iter();
    let added =
        ["so 7 in all. ", "so 7, ", "no, ", "is right, "].map(|piece| about(piece, letters(true), "7"));
    counted.chain(added).chain(primes.map(|piece| about(piece, prime(), "yes"))).collect()
}

fn texts() -> Vec<Subject> {
    let linted = || Contract::from_form(Form::Text).linted(Lint::ALL).expect("textual");
    vec![
        ("lint: words", linted(), filled("", "", |_| "é ".into())),
        ("lint: names of credentials", linted(), filled("", "", |_| "password=\"".into())),
        ("lint: heads of tokens", linted(), filled("", "", |_| "sk-".into())),
        ("lint: heads of signed tokens", linted(), filled("", "", |_| "eyJ.".into())),
        ("lint: addresses", linted(), filled("", "", |_| "://a:b@".into())),
        ("answer: lines", Contract::from_form(Form::Number), filled("", "", |_| "Answer: 0.1\n".into())),
        (
            "answer: groups of digits",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n1", "\nAnswer: 1", |_| ",234".into()),
        ),
        (
            "answer: words",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "it is ".into()),
        ),
        (
            "answer: letters of other scripts",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "щ ".into()),
        ),
        (
            "answer: letters that stand apart",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "щ a n s w e r . \n".into()),
        ),
        (
            "answer: pieces of labels",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "swer 1 ".into()),
        ),
        (
            "answer: equations",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "1 = 1. ".into()),
        ),
        (
            "answer: marks that open no tag",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "x<".into()),
        ),
        (
            "answer: cells",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "is|".into()),
        ),
        (
            "answer: numerals beside letters",
            Contract::from_form(Form::Number),
            filled("Answer: 1\n", "\nAnswer: 1", |_| "is-є1,234".into()),
        ),
        (
            "answer: words for yes in one sentence",
            prime(),
            filled("Answer: yes\n", "\nAnswer: yes", |_| "yes? ".into()),
        ),
        ("answer: one long number", Contract::from_form(Form::Number), "9".repeat(REPLY_BYTES)),
        (
            "text: parts",
            Contract::from_form(Form::Text)
                .including((0..20).map(|at| format!("{}b{at}", "a".repeat(20))))
                .expect("textual"),
            "a".repeat(REPLY_BYTES),
        ),
    ]
}
