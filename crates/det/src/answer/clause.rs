//! Clauses that state an answer as a whole: `There are 3 r's in strawberry.`, `17 + 25 = 42`, `Yes, 97 is prime.`

use alloc::vec::Vec;

use super::equation::equation;
use super::parts::Part;
use super::topic::{Asked, Topic};

/// Words of which a statement is made: those that neither hedge its value nor take anything back.
const FIRM: &str = "\
it it's its there there's that that's this these they we the an of in for is are was were appears appear \
appeared occurs occur occurred contains contain has have count counted found find get word text phrase sentence string letter \
letters character characters answer result sum number total product difference gcd greatest common divisor times time \
occurrence occurrences instance instances appearance appearances exactly only just altogether all";
/// Units of a count.
const TIMES: [&str; 11] = [
    "times",
    "time",
    "occurrence",
    "occurrences",
    "instance",
    "instances",
    "appearance",
    "appearances",
    "total",
    "all",
    "altogether",
];
/// Nouns that a number behind them numbers, and does not count: `letter 4`.
const NUMBERED: [&str; 16] = [
    "letter",
    "letters",
    "character",
    "characters",
    "word",
    "words",
    "number",
    "time",
    "occurrence",
    "instance",
    "in",
    "of",
    "text",
    "phrase",
    "sentence",
    "string",
];
/// Words for what is asked, beside the numbers of an equation.
const ASKED: [(Asked, &[&str]); 4] = [
    (Asked::Sign('+'), &["sum", "total", "adding"]),
    (Asked::Sign('-'), &["difference"]),
    (Asked::Sign('*'), &["product", "multiplying"]),
    (Asked::Divisor, &["gcd", "greatest", "highest"]),
];
/// Other words of a sentence that names what is asked.
const BESIDE: [&str; 8] = ["the", "of", "and", "by", "common", "divisor", "factor", "result"];

fn is_firm(word: &str) -> bool {
    FIRM.split_whitespace().any(|firm| firm == word)
}

/// Returns the number that a clause states as a whole.
pub(super) fn number(parts: &[Part], topic: &Topic) -> Option<i128> {
    let numbers = parts.iter().filter(|part| matches!(part, Part::Number(..) | Part::Held(_))).count();
    match numbers {
        1 => counted(parts, topic),
        2.. => computed(parts, topic).or_else(|| named(parts, topic)),
        0 => None,
    }
}

/// Returns the one number of a clause all of whose words are firm.
fn counted(parts: &[Part], topic: &Topic) -> Option<i128> {
    let fits = |part: &Part| match part {
        Part::Word(word) => is_firm(word) || (word == "long" && topic.asked == Asked::Letters),
        Part::Letter(letter) => *letter == 'a' || topic.letter() == Some(*letter),
        Part::Whole | Part::Unit | Part::Number(_, 0) => true,
        Part::Number(..) | Part::Held(_) | Part::Piece(_) | Part::Ordinal(_) | Part::Mark(_) => false,
    };
    let at = parts.iter().position(|part| matches!(part, Part::Number(..)))?;
    let word = |at: Option<usize>| at.and_then(|at| parts.get(at)).map_or("", Part::word);
    let (before, next) = (word(at.checked_sub(1)), word(Some(at + 1)));
    let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.word()));
    let is_unit = match next {
        "letter" | "letters" | "character" | "characters" => topic.asked == Asked::Letters,
        _ if TIMES.contains(&next) => {
            topic.asked != Asked::Letters || matches!(next, "total" | "all" | "altogether")
        }
        _ => true,
    };
    let is_other = has(&["divisor", "common"]) && !has(&["greatest", "gcd"])
        || (has(&["times", "time"]) && has(&["we"]) && !has(&["appears", "occurs"]));
    let is_asked = topic.asked != Asked::Steps && parts.iter().all(fits);
    (is_asked && is_unit && !is_other && !NUMBERED.contains(&before)).then(|| parts[at].whole())?
}

/// Returns the value that an equation gives to what the question asks for: `17 + 25 = 42`.
fn computed(parts: &[Part], topic: &Topic) -> Option<i128> {
    let found =
        equation(parts).filter(|found| found.length == parts.len() && found.signs == 1 && !found.is_open)?;
    let is_asked = match topic.asked {
        Asked::Sign(sign) => {
            let is_sign = |part: &Part| match part {
                Part::Mark(mark) if matches!(mark, '+' | '*' | '/' | '%' | '^' | '(') => *mark == sign,
                Part::Mark('-') => sign == '-',
                Part::Letter('x') => sign == '*',
                Part::Mark('\u{2248}') => false,
                _ => true,
            };
            parts.iter().all(is_sign)
        }
        Asked::Divisor => {
            parts.first().is_some_and(|part| part.word() == "gcd") && !found.adds && !found.multiplies
        }
        _ => false,
    };
    let is_ordered = found.numbers == topic.numbers || topic.asked != Asked::Sign('-');
    (is_asked && found.is_lone && is_ordered && same(found.numbers, topic)).then(|| found.last.whole())?
}

/// Returns the value of a sentence that names what the question asks for: `The sum of 17 and 25 is 42.`
fn named(parts: &[Part], topic: &Topic) -> Option<i128> {
    let [asked @ .., verb, Part::Number(value, 0)] = parts else { return None };
    let is_verb = matches!(verb.word(), "is" | "are" | "gives" | "makes") || *verb == Part::Mark('=');
    let (_, words) = ASKED.iter().find(|(kind, _)| *kind == topic.asked)?;
    let fits = |part: &Part| match part {
        Part::Word(word) => BESIDE.contains(&&**word) || words.contains(&&**word),
        Part::Number(_, places) => *places == 0,
        part => *part == Part::Mark(','),
    };
    let names = asked.iter().any(|part| words.contains(&part.word()));
    let numbers = asked.iter().filter_map(Part::whole).collect();
    (is_verb && names && asked.iter().all(fits) && same(numbers, topic)).then(|| value.whole())?
}

/// Returns true if the numbers are those of the question, in any order.
fn same(mut numbers: Vec<i128>, topic: &Topic) -> bool {
    let mut asked = topic.numbers.clone();
    numbers.sort_unstable();
    asked.sort_unstable();
    numbers == asked
}

/// Returns the yes or no of a clause that calls the number of the question prime or composite.
pub(super) fn yes_or_no(parts: &[Part], topic: &Topic) -> Option<bool> {
    let (said, parts) = match parts {
        [Part::Word(word), Part::Mark(','), rest @ ..] if matches!(&**word, "yes" | "no") => {
            (Some(word == "yes"), rest)
        }
        all => (None, all),
    };
    let fits = |part: &Part| match part {
        Part::Word(word) => matches!(&**word, "prime" | "composite" | "not" | "isn't") || is_firm(word),
        Part::Letter(letter) => *letter == 'a',
        part => part.whole().is_some_and(|number| topic.numbers.contains(&number)),
    };
    let count = |words: &[&str]| parts.iter().filter(|part| words.contains(&part.word())).count();
    let (prime, composite) = (count(&["prime"]), count(&["composite"]));
    if topic.asked != Asked::Prime || prime + composite != 1 || !parts.iter().all(fits) {
        return None;
    }
    let states = (prime == 1) != (count(&["not", "isn't"]) % 2 == 1);
    said.is_none_or(|said| said == states).then_some(states)
}
