use abi::{JobId, Origin, Proposal, TaskId, Value};
use det::{
    Answer, Contract, Form, Level, Lint, StatedProgram, Validators, extract, judge, parse_json,
    stated_program,
};

use super::text;

const FORMS: [Form; 10] = [
    Form::Integer,
    Form::YesNo,
    Form::Number,
    Form::Word,
    Form::Integers,
    Form::Text,
    Form::Value,
    Form::Free,
    Form::Json,
    Form::Xml,
];

/// Checks a reply: an answer that is found in it must be found again if it is stated plainly. A judgement
/// must agree with the reader of its form, and stay at or below every ceiling.
pub(super) fn reply(bytes: &[u8]) {
    let reply = text(bytes);
    for lint in [Lint::EvidenceCited, Lint::NoSecretOrReasoning] {
        if let Err(finding) = lint.check(&reply) {
            assert!(!finding.what.is_empty());
        }
    }
    for form in FORMS {
        let answer = extract(&reply, form);
        if let Some(answer) = &answer {
            assert_eq!(extract(&plainly(answer), form).as_ref(), Some(answer), "{reply:?}");
            assert_eq!(
                extract(&format!("\n{reply}\n \n"), form).as_ref(),
                Some(answer),
                "{reply:?} among blank lines"
            );
        }
        judged(&reply, form, answer);
    }
    stated(&reply);
}

/// A program that a reply states is stated again by a longer fence around it, and by itself where it has no fence.
fn stated(reply: &str) {
    let Some(program) = stated_program(reply, "python").text(reply) else { return };
    let fence = "`".repeat(program.len() + 3);
    let again = stated_program(&format!("{fence}python\n{program}\n{fence}"), "python");
    let kept = program.trim_end_matches(['\r', '\n']).to_owned();
    assert_eq!(again, StatedProgram::Block(kept), "{reply:?}");
}

fn plainly(answer: &Answer) -> String {
    match answer {
        Answer::Integer(int) => format!("Answer: {int}"),
        Answer::YesNo(yes) => format!("Answer: {}", if *yes { "yes" } else { "no" }),
        // All digits: the shortest ones of a float mean a decimal beside it.
        Answer::Number(number) => format!("Answer: {number:.1074}"),
        // With an exponent it is no number of a sentence, so it is the whole reply.
        Answer::Decimal(decimal) => decimal.to_string(),
        Answer::Word(word) => format!("Answer: {word}"),
        Answer::Integers(items) => format!("Answer: {items:?}"),
    }
}

fn judged(reply: &str, form: Form, answer: Option<Answer>) {
    let contract = Contract::from_form(form);
    // The judgement compares what the reply states, and a reply that states nothing is no answer.
    let value = answer.clone().map_or_else(|| Value::text(reply), Answer::to_value);
    let subject = Proposal { value, origin: Origin::RemoteModel { name: "fuzz".into() } };
    let task = TaskId { job: JobId(1), number: 1 };
    let Ok(judged) = judge(&Validators::builtin(), task, &contract, Vec::new(), subject) else { return };
    assert!(judged.verdict().level() <= contract.ceiling() && judged.verdict().level() <= Level::Schema);
    let blank = reply.trim().is_empty();
    let expected = match form {
        Form::Free | Form::Value => true,
        Form::Text => !blank,
        Form::Json => !blank && parse_json(reply).is_ok(),
        Form::Integer | Form::YesNo | Form::Number | Form::Integers => answer.is_some(),
        // A label without an answer is a word too.
        Form::Word => answer.is_some() || judged.verdict().is_satisfied() && !blank,
        Form::Xml => judged.verdict().is_satisfied() && !blank,
    };
    assert_eq!(judged.verdict().is_satisfied(), expected, "{form:?} of {reply:?}");
    let verdict = abi::encode(&judged.verdict().to_value());
    assert!(abi::decode(&verdict).is_ok());
}
