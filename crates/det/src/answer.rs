//! Answers: the one result that a reply states, read from a place that the form fixes.
//!
//! The reader never searches a reply for something that resembles an answer, because a reply such as "7 is
//! wrong, it is 8" contains both.
//!
//! 1. Every line of the form `Answer: X` states an answer. `The answer is X`, `Final answer: X`, `Answer = X`,
//!    `> Answer: X` and a line `Answer:` above a line `X` count too, and case does not matter (module `place`).
//!    If there are such lines, all must state the same, and the last line that is not blank must be one of them.
//!    Lines that only open or close a fenced block count as blank, and a courtesy may follow: `Hope that helps!`.
//! 2. If there is none, the whole reply must be `X`, or a JSON object with `X` as its one member `answer`.
//!    Under a contract it may also be one clause that states `X`: `There are 3 r's in strawberry.`, `17 + 25 = 42`. Words
//!    that open a reply and say nothing, such as `Sure!`, may stand before it.
//! 3. Every other line must be known to be harmless working (module `working`): words that state nothing by themselves,
//!    the answer, and numbers and claims that are computed again and are true. `It is 5, not 3.` above `Answer: 3` is
//!    not known, and so the reply states none.
//!
//! Around `X` marks, quotes, brackets and one final full stop are dropped. `X` is an integer (an optional sign, which may be
//! U+2212, and up to 19 ASCII digits that `i64` holds; leading zeros and `-0` have their usual meaning), a number as JSON
//! writes one, a number in words of English, or `yes`, `no`, `true` or `false` in any case, where `!` may follow; a word; or a list of integers (module `list`). Behind a label it may be a clause that states a value of
//! the question, such as `3 r's` or `yes, 97 is prime`. A clause that hedges its value, such as `about 3`, states none. Anything
//! else is no answer (module `value`).

mod claims;
mod clause;
mod counts;
mod courtesy;
mod equation;
mod fraction;
mod list;
mod number_word;
mod parts;
mod place;
mod spelling;
mod tokens;
mod topic;
mod value;
mod vocabulary;
mod working;

use alloc::string::String;
use alloc::vec::Vec;

use abi::{Decimal, Float, Value};

use crate::{Contract, Form};
use topic::Topic;
use vocabulary::Vocabulary;
use working::Working;

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
    /// The word that the reply states, as it writes it.
    Word(String),
    /// The integers that the reply lists, in its order.
    Integers(Vec<i64>),
}

impl Answer {
    /// Returns the answer as a [`Value`]: the type that a primitive returns for the same question.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Integer(int) => Value::Int(int),
            Self::YesNo(yes) => Value::Bool(yes),
            Self::Decimal(decimal) => Value::Decimal(decimal),
            Self::Word(word) => Value::Text(word),
            Self::Integers(items) => Value::List(items.into_iter().map(Value::Int).collect()),
            Self::Number(number) => Float::new(number).map_or(Value::Null, Value::Float),
        }
    }
}

/// A question whose answer is read.
struct Question<'a> {
    topic: &'a Topic,
    vocabulary: &'a Vocabulary,
    form: Form,
}

/// Returns the answer that `reply` states in the given form.
///
/// Returns None if the reply states no such answer, if it states two different ones, or if the form is none
/// of [`Form::Integer`], [`Form::YesNo`], [`Form::Number`], [`Form::Word`] and [`Form::Integers`]. Beside a word or a
/// list no other line may stand but those that state the same, because no working of such an answer is known.
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
    if !form.is_read() {
        return None;
    }
    let reply = courtesy::without_courtesies(reply);
    let vocabulary = &Vocabulary::new(topic);
    let question = Question { topic, vocabulary, form };
    let Some(found) = place::labelled(reply, &question)? else { return value::whole(reply, &question) };
    let is_harmless = match found.answer {
        Answer::Word(_) | Answer::Integers(_) => found.around.is_empty(),
        _ => Working::new(topic, vocabulary, &found.answer).has(&found.around),
    };
    is_harmless.then_some(found.answer)
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
