//! Answers: the one result that a reply states, read from a place that the form fixes.
//!
//! The reader never searches a reply for something that resembles an answer, because a reply such as "7 is
//! wrong, it is 8" contains both.
//!
//! 1. Every line of the form `Answer: X` states an answer. Case does not matter, and `The answer is X`, `The
//!    answer is: X` and `Final answer: X` count too. If there are such lines, all must state the same, and
//!    the last line that is not blank must be one of them.
//! 2. If there is none, the whole reply must be `X`.
//! 3. No other place of the reply may state a different answer, in any script or form of a list:
//!    `It is 5, not 3.` above `Answer: 3` states two answers, and so the reply states none. The module
//!    `statements` lists the places.
//!
//! Around `X` the marks `*`, `` ` `` and `$` and one final full stop are dropped. `X` is an integer (an
//! optional `-` and up to 19 ASCII digits that `i64` holds; leading zeros and `-0` have their usual meaning), a number as JSON
//! writes one, or `yes` or `no` in any case. Anything else is no answer.

mod clauses;
mod fold;
mod number_word;
mod parts;
mod prime;
mod statements;
mod tokens;
mod topic;
mod words;

use alloc::string::{String, ToString};

use abi::{Decimal, Float, Value};

use crate::{Contract, Form};
use topic::Topic;

pub use number_word::number_word;

/// The answer that a reply states, as [`extract`] reads it.
///
/// Holding one does not prove that the answer is right, only that the reply states this and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The integer that the reply states.
    Integer(i64),
    /// The yes (`true`) or no (`false`) that the reply states.
    YesNo(bool),
    /// A finite number that binary64 holds exactly and that was not written as an integer.
    Number(f64),
    /// A number that neither an integer nor a float holds exactly, as it was written.
    Decimal(Decimal),
}

impl Answer {
    /// Returns the answer as a [`Value`]: the type that a primitive returns for the same question.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Integer(int) => Value::Int(int),
            Self::YesNo(yes) => Value::Bool(yes),
            Self::Decimal(decimal) => Value::Decimal(decimal),
            Self::Number(number) => Float::new(number).map_or(Value::Null, Value::Float),
        }
    }

    /// Returns the answer in the one spelling in which statements are compared.
    fn plain(&self) -> String {
        match self {
            Self::Integer(int) => int.to_string(),
            Self::YesNo(yes) => if *yes { "yes" } else { "no" }.into(),
            Self::Number(number) => statements::plain(&number.to_string()).into_owned(),
            Self::Decimal(decimal) => statements::plain(&positional(decimal)).into_owned(),
        }
    }
}

/// Returns a decimal without an exponent, as people write numbers, unless that takes very many zeros.
fn positional(decimal: &Decimal) -> String {
    const MOST_ZEROS: usize = 400;
    let digits = decimal.digits();
    let sign = if decimal.is_negative() { "-" } else { "" };
    let Ok(whole) = usize::try_from(decimal.magnitude() + 1) else {
        let zeros = usize::try_from(-1 - decimal.magnitude()).unwrap_or(usize::MAX);
        let is_short = zeros <= MOST_ZEROS;
        return if is_short {
            alloc::format!("{sign}0.{:0<zeros$}{digits}", "")
        } else {
            decimal.to_string()
        };
    };
    if whole < digits.len() {
        return alloc::format!("{sign}{}.{}", &digits[..whole], &digits[whole..]);
    }
    let zeros = whole - digits.len();
    if zeros <= MOST_ZEROS { alloc::format!("{sign}{digits}{:0<zeros$}", "") } else { decimal.to_string() }
}

const LABELS: [&str; 4] = ["final answer:", "answer:", "the answer is:", "the answer is"];

/// Returns the answer that `reply` states in the given form.
///
/// Returns None if the reply states no such answer, if it states two different ones, or if the form is none
/// of [`Form::Integer`], [`Form::YesNo`] and [`Form::Number`].
///
/// ```
/// use det::{Answer, Form, extract};
///
/// assert_eq!(extract("There are 3 of them.\nAnswer: **3**", Form::Integer), Some(Answer::Integer(3)));
/// assert_eq!(extract("7 is wrong, it is 8", Form::Integer), None);
/// ```
#[must_use]
pub fn extract(reply: &str, form: Form) -> Option<Answer> {
    read(reply, form, &Topic::anything())
}

/// Returns the answer that `reply` states under `contract`.
///
/// The reader does the same as [`extract`] in the contract's form, and knows the question too, if the contract names
/// a primitive call: `It is composite.` is another answer than `Answer: yes` if the question is whether a number is
/// prime, and `There are 3 r's.` is a step and no answer if something is added to the count.
///
/// ```
/// use det::{Call, Contract, Form, Operand, Value, extract_under};
///
/// let prime = Call::new("is_prime", vec![Operand::Literal(Value::Int(97))])?;
/// let contract = Contract::computed(Form::YesNo, prime)?;
/// assert!(extract_under("No number below 10 divides 97.\nAnswer: yes", &contract).is_some());
/// assert!(extract_under("97 is composite.\nAnswer: yes", &contract).is_none());
/// # Ok::<(), det::ContractError>(())
/// ```
#[must_use]
pub fn extract_under(reply: &str, contract: &Contract) -> Option<Answer> {
    read(reply, contract.form(), &Topic::from_contract(contract))
}

fn read(reply: &str, form: Form, topic: &Topic) -> Option<Answer> {
    let mut stated = None;
    let mut last_is_stated = false;
    for line in reply.lines().filter(|line| !line.trim().is_empty()) {
        let labelled = after_label(line);
        last_is_stated = labelled.is_some();
        let Some(rest) = labelled else { continue };
        let answer = parse(rest, form)?;
        if stated.as_ref().is_some_and(|earlier| *earlier != answer) {
            return None;
        }
        stated = Some(answer);
    }
    let answer = match stated {
        Some(answer) if last_is_stated => answer,
        Some(_) => return None,
        None => return parse(reply, form),
    };
    (!statements::contradicts(reply, form, &answer.plain(), topic)).then_some(answer)
}

fn after_label(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(is_mark);
    LABELS.iter().find_map(|label| {
        let head = line.get(..label.len())?;
        head.eq_ignore_ascii_case(label).then(|| &line[label.len()..])
    })
}

fn parse(text: &str, form: Form) -> Option<Answer> {
    let text = text.trim().trim_matches(is_mark).trim();
    let text = text.strip_suffix('.').unwrap_or(text).trim_matches(is_mark).trim();
    match form {
        Form::Integer => integer(text).map(Answer::Integer),
        Form::YesNo if text.eq_ignore_ascii_case("yes") => Some(Answer::YesNo(true)),
        Form::YesNo if text.eq_ignore_ascii_case("no") => Some(Answer::YesNo(false)),
        Form::Number => integer(text).map(Answer::Integer).or_else(|| number(text)),
        Form::YesNo | Form::Text | Form::Value | Form::Free | Form::Json | Form::Xml => None,
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = (1..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Returns the answer that `text` states as a number in the notation of JSON, or None if it is not one.
fn number(text: &str) -> Option<Answer> {
    match &crate::parse_json(text) {
        Ok(Value::Int(int)) => Some(Answer::Integer(*int)),
        Ok(Value::Float(float)) => Some(Answer::Number(float.get())),
        Ok(Value::Decimal(decimal)) => Some(Answer::Decimal(decimal.clone())),
        _ => None,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '`' | '$')
}
