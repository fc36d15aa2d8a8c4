//! The fuel of a judgement ends every kind of work that grows faster than the subject, and leaves it unjudged.
//!
//! Nothing here looks at a clock: the same steps are counted on every machine. `cargo bench -p nmk-det` prints
//! how long they take.

mod common;

use common::judged;
use det::{CheckError, Contract, Form, JudgeError, Lint, Schema, SchemaError, Value, equal, parse_json};

/// The end of a check or a judgement.
#[derive(Debug, PartialEq)]
enum End {
    Satisfied,
    Refuted,
    Unjudged,
}
use End::{Refuted, Satisfied, Unjudged};

fn end(contract: &Contract, reply: String) -> End {
    match judged(contract, Value::text(reply)) {
        Ok(judged) if judged.verdict().is_satisfied() => Satisfied,
        Ok(_) => Refuted,
        Err(JudgeError::OutOfFuel) => Unjudged,
        Err(error) => panic!("{error}"),
    }
}

fn under(schema: &str, subject: &str) -> End {
    let schema = Schema::parse(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
    end(&Contract::from_form(Form::Json).with_schema(schema).unwrap(), subject.to_owned())
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    format!("[{}]", (0..count).map(item).collect::<Vec<_>>().join(","))
}

fn nested(depth: usize) -> String {
    format!("{}7{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn what_multiplies_is_left_unjudged() {
    let both = |keyword: &str| {
        format!(r##"{{"{keyword}":[{{"items":{{"$ref":"#"}}}},{{"items":{{"$ref":"#"}}}}]}}"##)
    };
    let constant = format!(r#"{{"const":{}}}"#, list(5_000, |at| at.to_string()));
    let alternatives = list(500, |_| constant.clone());
    let table: [(&str, String, String); 11] = [
        ("allOf at every level", both("allOf"), nested(60)),
        (
            "anyOf at every level",
            r##"{"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}],"not":{"const":7}}"##.into(),
            nested(60),
        ),
        ("oneOf at every level", both("oneOf"), nested(60)),
        (
            "contains at every level",
            r##"{"allOf":[{"contains":{"$ref":"#"}},{"contains":{"$ref":"#"}}]}"##.into(),
            nested(60),
        ),
        (
            "dependentSchemas at every level",
            r##"{"dependentSchemas":{"a":{"properties":{"a":{"$ref":"#"}}}},"properties":{"a":{"$ref":"#"}}}"##.into(),
            format!("{}0{}", r#"{"a":"#.repeat(60), "}".repeat(60)),
        ),
        (
            "if at every level",
            r##"{"if":{"items":{"$ref":"#"}},"then":{"items":{"$ref":"#"}},"else":false}"##.into(),
            nested(60),
        ),
        (
            "patterns for one name",
            r##"{"patternProperties":{"a":{"$ref":"#"},"a*":{"$ref":"#"}}}"##.into(),
            format!("{}0{}", r#"{"a":"#.repeat(60), "}".repeat(60)),
        ),
        (
            "references that fan out",
            {
                let fan = |at: usize| {
                    let next = format!(r##"{{"$ref":"#/$defs/d{}"}}"##, at + 1);
                    format!(r##""d{at}":{{"anyOf":[{{"allOf":[{next},{next},{next},{next}]}},{{"allOf":[{next},{next},{next},{next}]}}]}}"##)
                };
                // Three schemas a step on the same subject; fourteen of the sixteen that may follow each other.
                let definitions: Vec<String> = (0..4).map(fan).collect();
                format!(r##"{{"items":{{"$ref":"#/$defs/d0"}},"$defs":{{{},"d4":{{"const":1}}}}}}"##, definitions.join(","))
            },
            list(100_000, |_| "1".into()),
        ),
        (
            "a large constant under alternatives",
            format!(r#"{{"items":{{"not":{{"anyOf":{alternatives}}}}}}}"#),
            format!("[{}]", vec![list(5_000, |at| if at == 4_999 { "0".into() } else { at.to_string() }); 100].join(",")),
        ),
        (
            "a long text measured again and again",
            format!(r#"{{"allOf":{}}}"#, list(9_000, |_| r#"{"minLength":1}"#.into())),
            format!("\"{}\"", "x".repeat(4 << 20)),
        ),
        (
            "long names looked up again and again",
            format!(r#"{{"items":{{"not":{{"required":["{}"]}}}}}}"#, "k".repeat(100_000)),
            list(100_000, |_| "{}".into()),
        ),
    ];
    let wrong: Vec<_> = table
        .into_iter()
        .map(|(name, schema, subject)| (name, under(&schema, &subject)))
        .filter(|(_, found)| *found != Unjudged)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn work_that_grows_with_the_subject_is_done() {
    // Each of these took the square of its size, or more, once.
    let ints = list(200_000, |at| at.to_string());
    assert_eq!(under(r#"{"uniqueItems":true}"#, &ints), Satisfied);
    let texts = list(100_000, |at| format!("\"{at:0100}\""));
    assert_eq!(under(r#"{"uniqueItems":true}"#, &texts), Satisfied);
    let last = list(200_000, |at| (at % 199_999).to_string());
    assert_eq!(under(r#"{"uniqueItems":true}"#, &last), Refuted);
    let objects = list(50_000, |at| format!(r#"{{"a":[{at},{{"b":{at}.5}}]}}"#));
    assert_eq!(under(r#"{"uniqueItems":true}"#, &objects), Satisfied);
    let one_of = format!(r#"{{"items":{{"enum":{}}}}}"#, list(20_000, |at| format!("\"w{at}\"")));
    assert_eq!(under(&one_of, &list(100_000, |at| format!("\"w{}\"", at % 20_000))), Satisfied);
    assert_eq!(under(&one_of, &list(100_000, |at| format!("\"w{}\"", at % 20_001))), Refuted);
    let named = format!(
        r#"{{"properties":{{{}}}}}"#,
        (0..5_000).map(|at| format!("\"p{at}\":{{}}")).collect::<Vec<_>>().join(",")
    );
    let map =
        format!("{{{}}}", (0..100_000).map(|at| format!("\"p{at}\":{at}")).collect::<Vec<_>>().join(","));
    assert_eq!(under(&named, &map), Satisfied);
}

#[test]
fn patterns_have_no_text_that_stalls_them() {
    let text = |count: usize| format!("\"{}\"", "a".repeat(count));
    for pattern in
        ["(a+)+b", "(a|a)*b", "(a|aa)+$b", "(a*)*b", "(.*)*b", "(a?){25}b", "^(([a-z])+.)+[A-Z]([a-z])+$"]
    {
        let schema = format!(r#"{{"pattern":"{pattern}"}}"#);
        assert_eq!(under(&schema, &text(100_000)), Refuted, "{pattern}");
    }
    assert_eq!(under(r#"{"pattern":"(a?){1000}(a?){1000}b"}"#, &text(4 << 20)), Unjudged);
    for large in ["(((a{100}){100}){100}){100}", "a{100000}", "(a|b{9}){5000}"] {
        let schema = format!(r#"{{"pattern":"{large}"}}"#);
        assert!(matches!(Schema::parse(&schema), Err(SchemaError::Pattern { .. })), "{large}");
    }
    assert_eq!(under(r#"{"pattern":"(((){1000}){1000}){1000}"}"#, &text(10)), Satisfied);
    // Each pattern is of an allowed size, and a thousand of them are not.
    let many = list(1000, |_| r#"{"pattern":"a{8000}"}"#.into());
    assert_eq!(Schema::parse(&format!(r#"{{"anyOf":{many}}}"#)).unwrap_err(), SchemaError::TooLarge);
}

#[test]
fn documents_of_xml_take_time_in_proportion() {
    let xml = Contract::from_form(Form::Xml);
    // A hundred prefixes on each of many nested elements, each used by an attribute.
    let declared = |element: usize| {
        let each = |n: usize| format!(" xmlns:p{element}_{n}='u{n}' p{element}_{n}:a='' ");
        format!("<e{}>", (0..100).map(each).collect::<String>())
    };
    let open: String = (0..100).map(declared).collect();
    assert_eq!(end(&xml, format!("<r>{open}{}</r>", "</e>".repeat(100))), Satisfied);
    let attributes: String = (0..250).map(|at| format!(" a{at}=''")).collect();
    assert_eq!(end(&xml, format!("<r>{}</r>", format!("<e{attributes}/>").repeat(1000))), Satisfied);
    let thousands: String = (0..10_000).map(|at| format!(" a{at}=''")).collect();
    assert_eq!(end(&xml, format!("<r{thousands}/>")), Refuted);
}

#[test]
fn a_text_longer_than_the_fuel_is_left_unjudged() {
    let long = "1".repeat(60 << 20);
    assert_eq!(end(&Contract::from_form(Form::Json), long.clone()), Unjudged);
    assert_eq!(end(&Contract::from_form(Form::Xml), long.clone()), Unjudged);
    let linted = Contract::from_form(Form::Text).linted(Lint::ALL).unwrap();
    assert_eq!(end(&linted, "é ".repeat(20 << 20)), Unjudged);
    let parts = (0..100).map(|at| format!("{at}!"));
    let including = Contract::from_form(Form::Text).including(parts).unwrap();
    assert_eq!(end(&including, (0..100).map(|at| format!("{at}!")).collect::<String>() + &long), Unjudged);
}

#[test]
fn the_reason_says_what_ended_and_what_would_help() {
    let error = judged(&Contract::from_form(Form::Json), Value::text("1".repeat(60 << 20))).unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("fuel") && words.contains("268435456 steps") && words.contains("smaller"),
        "{words}"
    );
    let schema = Schema::parse(r##"{"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}"##).unwrap();
    let error = schema.check(&parse_json(&nested(60)).unwrap()).unwrap_err();
    assert_eq!(error, CheckError::OutOfFuel);
    assert!(error.to_string().contains("268435456 steps"));
}

#[test]
fn a_finding_stays_short_whatever_the_subject_quotes() {
    let schema = Schema::parse(r#"{"additionalProperties":{"additionalProperties":false}}"#).unwrap();
    let key = "~/é".repeat(400_000);
    let subject = parse_json(&format!(r#"{{"{key}":{{"{key}":1}}}}"#)).unwrap();
    let words = schema.check(&subject).unwrap_err().to_string();
    assert!(words.chars().count() < 700, "{}", words.len());
    let many = format!(r#"{{"enum":{},"required":["{key}"]}}"#, list(100_000, |at| format!("\"{at}\"")));
    let finding = Schema::parse(&many).unwrap().check(&Value::Null).unwrap_err().to_string();
    assert!(finding.chars().count() < 700 && finding.contains('…'), "{finding}");
    let digits = "7".repeat(1_000_000);
    let finding = Schema::parse(r#"{"type":"string"}"#).unwrap().check(&parse_json(&digits).unwrap());
    assert!(finding.unwrap_err().to_string().len() < 700);
    // A long name in the schema is quoted once a level, and not once a schema inside it.
    let inside = (0..5_000).map(|at| format!(r#""p{at}":{{"minLength":1}}"#)).collect::<Vec<_>>().join(",");
    let schema = format!(r#"{{"properties":{{"{key}":{{"properties":{{{inside},"x":{{"nope":1}}}}}}}}}}"#);
    assert!(Schema::parse(&schema).unwrap_err().to_string().chars().count() < 1500);
}

#[test]
fn values_of_any_depth_are_compared_without_a_stack() {
    let deep = || (0..300_000).fold(Value::Int(1), |inner, _| Value::List(vec![inner]));
    let (one, other) = (deep(), deep());
    assert!(equal(&one, &other) && !equal(&one, &Value::List(vec![])));
}

#[test]
fn the_longest_chains_need_a_small_stack() {
    // As many schemas on each value as may follow each other, and as many values as may nest.
    let end = r##"{"items":{"$ref":"#"},"additionalProperties":{"$ref":"#"}}"##.to_owned();
    let chain = (0..15).fold(end, |inner, at| match at % 4 {
        0 => format!(r#"{{"anyOf":[{inner}]}}"#),
        1 => format!(r#"{{"allOf":[{inner}]}}"#),
        2 => format!(r#"{{"oneOf":[{inner}]}}"#),
        _ => format!(r#"{{"if":{inner},"else":false}}"#),
    });
    let schema = Schema::parse(&chain).unwrap();
    let lists = format!("{}7{}", "[".repeat(64), "]".repeat(64));
    let maps = format!("{}7{}", r#"{"a":"#.repeat(64), "}".repeat(64));
    let subjects = [lists, maps].map(|text| parse_json(&text).unwrap());
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let checked =
        small.spawn(move || subjects.iter().map(|subject| schema.check(subject)).collect::<Vec<_>>());
    assert_eq!(checked.unwrap().join().unwrap(), vec![Ok(()), Ok(())]);
}
