//! The independent reading of questions about multiples, primes, digits, spellings, dates and lists.

use regex::Captures;

use super::{Answer, Meaning, divisor, group, list, number, prime};

/// A number that is not negative.
const A: &str = "(?P<a>NUMBER)";
const SMALL_WORD: &str = r#"(?:(?:the )?word "?(?P<word>[a-z]{2,})"?|"(?P<quoted>[a-z]{2,})")"#;
const DATE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2} [a-z]+ [0-9,]{4,5}";
const WHETHER: &str = "(?:if|whether|whether or not) ";
const YES_OR_NO: &str = "(?: or not|[.?!,]?(?: (?:answer|reply|say)(?: with| in)?)? yes or no)?";

fn a(c: &Captures<'_>) -> Option<i128> {
    number(group(c, &["a"])?).filter(|a| *a >= 0)
}

fn named(c: &Captures<'_>, name: &str) -> Option<i128> {
    number(group(c, &[name])?)
}

fn product(from: i128, to: i128) -> i128 {
    (from..=to).product()
}

/// Returns the days since 1583-01-01 of a date that exists, by counting years and months.
fn day(text: &str) -> Option<i128> {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let (year, month, day): (i128, usize, i128) = match text.split(' ').collect::<Vec<_>>().as_slice() {
        [day, month, year] => {
            let month = months.iter().position(|name| name == month)? + 1;
            (year.replace(',', "").parse().ok()?, month, day.parse().ok()?)
        }
        _ => {
            let parts: Vec<&str> = text.split('-').collect();
            let [year, month, day] = parts.as_slice() else { return None };
            (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
    };
    let lengths = |year: i128| [31, 28 + i128::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let exists = (1583..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
    if !exists || day > lengths(year)[month - 1] {
        return None;
    }
    let years: i128 = (1583..year).map(|year| 365 + i128::from(leap(year))).sum();
    Some(years + lengths(year)[..month - 1].iter().sum::<i128>() + day - 1)
}

fn leap(year: i128) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn iso(days: i128) -> Option<String> {
    let (mut left, mut year) = (days, 1583);
    while left >= 365 + i128::from(leap(year)) {
        left -= 365 + i128::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i128::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, length) in lengths.into_iter().enumerate() {
        if left < length {
            return Some(format!("{year:04}-{:02}-{:02}", month + 1, left + 1));
        }
        left -= length;
    }
    None
}

fn weekday(c: &Captures<'_>) -> Option<Answer> {
    // 1583-01-01 was a Saturday.
    let names = ["Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    let day = day(group(c, &["date"])?)?;
    Some(Answer::Word(names[usize::try_from(day % 7).ok()?].to_owned()))
}

fn place(c: &Captures<'_>) -> Option<i128> {
    let words = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth",
    ];
    let text = group(c, &["place"])?;
    match words.iter().position(|word| *word == text) {
        Some(place) => Some(place as i128 + 1),
        None => {
            let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let (number, ending) = (digits.parse::<i128>().ok()?, &text[digits.len()..]);
            let own = match number % 100 {
                11..=13 => "th",
                other => ["th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th"][(other % 10) as usize],
            };
            (own == ending).then_some(number)
        }
    }
}

fn count_primes(end: i128) -> Answer {
    Answer::Number((2..=end).filter(|n| prime(*n)).count() as i128)
}

fn roman(mut n: i128) -> String {
    let mut text = String::new();
    for (value, sign) in [(1000, "M"), (500, "D"), (100, "C"), (50, "L"), (10, "X"), (5, "V"), (1, "I")] {
        text += &sign.repeat((n / value) as usize);
        n %= value;
    }
    let shorter =
        [("DCCCC", "CM"), ("CCCC", "CD"), ("LXXXX", "XC"), ("XXXX", "XL"), ("VIIII", "IX"), ("IIII", "IV")];
    shorter.into_iter().fold(text, |text, (long, short)| text.replace(long, short))
}

fn sorted(c: &Captures<'_>) -> Option<Vec<i128>> {
    let mut list = list(c)?;
    list.sort_unstable();
    Some(list)
}

fn binary(n: i128) -> String {
    format!("{n:b}")
}

fn distance(a: &[u8], b: &[u8]) -> i128 {
    match (a, b) {
        ([], other) | (other, []) => other.len() as i128,
        ([x, a @ ..], [y, b @ ..]) if x == y => distance(a, b),
        ([_, c @ ..], [_, d @ ..]) => 1 + distance(c, b).min(distance(a, d)).min(distance(c, d)),
    }
}

/// Adds the forms, each with its meaning.
pub(super) fn forms(add: &mut dyn FnMut(&str, Meaning)) {
    let mut form = |sentence: &str, meaning: Meaning| {
        let sentence = sentence
            .replace("SPELLED", SMALL_WORD)
            .replace("WHETHER", WHETHER)
            .replace("YESORNO", YES_OR_NO)
            .replace("<A>", A)
            .replace("DAY", DATE);
        add(&sentence, meaning);
    };
    numbers(&mut form);
    primes(&mut form);
    digits(&mut form);
    spellings(&mut form);
    dates(&mut form);
    lists(&mut form);
}

type Add<'a> = &'a mut dyn FnMut(&str, Meaning);

fn numbers(form: Add<'_>) {
    form(
        "VALUE(?:the )?(?:lcm|(?:least|lowest|smallest) common multiple) (?:of|for|between) (?:the numbers )?LIST|VALUElcm ?\\( ?LIST ?\\)(?: ?= ?)?",
        |c| {
            let list = list(c)?;
            let positive = list.iter().all(|n| *n > 0);
            let lcm = list.into_iter().reduce(|a, b| a * b / divisor(a, b).max(1))?;
            positive.then_some(Answer::Number(lcm))
        },
    );
    form("VALUE(?:the )?factorial of (?:the number )?<A>|VALUE<A> factorial(?: ?= ?)?", |c| {
        let a = a(c).filter(|a| *a <= 20)?;
        Some(Answer::Number(product(1, a)))
    });
    form("VALUE(?:the binomial coefficient )?<A> choose (?P<k>NUMBER)(?: ?= ?)?", |c| {
        let (n, k) = (a(c)?, named(c, "k").filter(|k| *k >= 0)?);
        if k > n {
            return Some(Answer::Number(0));
        }
        let few = k.min(n - k);
        Some(Answer::Number((0..few).fold(1, |found, i| found * (n - i) / (i + 1))))
    });
    form("VALUE(?P<b>NUMBER) to the power (?:of )?<A> (?:mod|modulo) (?P<m>NUMBER)(?: ?= ?)?", |c| {
        let (b, m) = (named(c, "b").filter(|b| *b > 0)?, named(c, "m").filter(|m| *m > 0)?);
        Some(Answer::Number((0..a(c)?).fold(1 % m, |left, _| left * b % m)))
    });
    form(
        "VALUE<A> (?:mod|modulo) (?P<m>NUMBER)(?: ?= ?)?|VALUEthe remainder (?:when (?P<a>NUMBER) is divided by|of (?P<a>NUMBER) divided by) (?P<m>NUMBER)",
        |c| {
            let m = named(c, "m").filter(|m| *m > 0)?;
            Some(Answer::Number(a(c)? % m))
        },
    );
}

fn primes(form: Add<'_>) {
    form("VALUE(?:the )?prime (?:factorization|factorisation|decomposition) of (?:the number )?<A>", |c| {
        let (mut left, mut found) = (a(c).filter(|a| *a >= 2)?, Vec::new());
        for divisor in 2.. {
            while left % divisor == 0 {
                found.push(divisor);
                left /= divisor;
            }
            if left == 1 {
                break;
            }
        }
        Some(Answer::List(found))
    });
    form("VALUEthe (?P<place>[a-z0-9]+) prime(?: number)?", |c| {
        let place = usize::try_from(place(c)?).ok()?.checked_sub(1)?;
        (2..).filter(|n| prime(*n)).nth(place).map(Answer::Number)
    });
    form(
        "VALUEthe (?:next|first|smallest) prime (?:number )?(?:after|above|(?:greater|larger) than) (?P<n>NUMBER)",
        |c| (named(c, "n")? + 1..).find(|n| prime(*n)).map(Answer::Number),
    );
    let primes = "(?:how many (?:primes|prime numbers) (?:are|are there|exist)|VALUEthe number of (?:primes|prime numbers))";
    form(&format!("{primes} (?:below|under|less than|smaller than) (?P<n>NUMBER)"), |c| {
        Some(count_primes(named(c, "n")? - 1))
    });
    form(&format!("{primes} (?:up to|at most|(?:no|not) (?:greater|larger) than) (?P<n>NUMBER)"), |c| {
        Some(count_primes(named(c, "n")?))
    });
    form(
        "how many (?:positive )?divisors does (?:the number )?<A> have|VALUEthe number of (?:positive )?divisors of (?:the number )?<A>",
        |c| {
            let a = a(c).filter(|a| *a >= 1)?;
            Some(Answer::Number((1..=a).filter(|d| a % d == 0).count() as i128))
        },
    );
}

fn digits(form: Add<'_>) {
    form("VALUE(?:the )?(?:sum of the digits|digit sum) of (?:the number )?<A>", |c| {
        let digits = a(c)?.to_string();
        Some(Answer::Number(digits.bytes().map(|digit| i128::from(digit - b'0')).sum()))
    });
    form(
        "how many ones (?:are|are there) in the binary (?:form|representation|expansion) of (?:the number )?<A>|how many bits are set in (?:the number )?<A>",
        |c| Some(Answer::Number(binary(a(c)?).matches('1').count() as i128)),
    );
    form(
        "VALUE<A> in binary|POLITE(?:convert|write) (?:the number )?<A> (?:to|in|into) binary|VALUE(?:the )?binary (?:form|representation) of (?:the number )?<A>",
        |c| Some(Answer::Word(binary(a(c)?))),
    );
    form(
        "VALUE<A> in roman numerals|POLITE(?:convert|write) (?:the number )?<A> (?:to|in|into|as) (?:roman numerals|a roman numeral)|VALUE(?:the )?roman numeral (?:for|of) (?:the number )?<A>",
        |c| {
            let a = a(c).filter(|a| (1..=3999).contains(a))?;
            Some(Answer::Word(roman(a)))
        },
    );
}

fn spellings(form: Add<'_>) {
    form(
        "POLITEreverse SPELLED|POLITE(?:spell|write) SPELLED (?:backwards|backward|in reverse)|what is SPELLED (?:spelled|written) (?:backwards|backward|in reverse)",
        |c| Some(Answer::Word(group(c, &["word", "quoted"])?.chars().rev().collect())),
    );
    form(
        "is SPELLED a palindromeYESORNO|is it true that SPELLED is a palindrome|CLAUSEWHETHERSPELLED is a palindrome(?: or not)?",
        |c| {
            let word = group(c, &["word", "quoted"])?;
            Some(Answer::Yes(word.chars().rev().eq(word.chars())))
        },
    );
    form(
        "is (?:the number )?<A> a palindromeYESORNO|CLAUSEWHETHER(?:the number )?<A> is a palindrome(?: or not)?",
        |c| {
            let digits = a(c)?.to_string();
            Some(Answer::Yes(digits.chars().rev().eq(digits.chars())))
        },
    );
    form(
        r#"VALUE(?:the )?levenshtein distance (?:(?:between|of) (?:the words )?"(?P<one>[a-z]{2,})" and|from "(?P<one>[a-z]{2,})" to) "(?P<other>[a-z]{2,})""#,
        |c| {
            let (one, other) = (group(c, &["one"])?, group(c, &["other"])?);
            Some(Answer::Number(distance(one.as_bytes(), other.as_bytes())))
        },
    );
}

fn dates(form: Add<'_>) {
    form(
        "(?:what|which) (?:day of the week|weekday) (?:is|was|will be) (?P<date>DAY)|on (?:what|which) (?:day of the week|weekday) (?:does|did|will) (?P<date>DAY) fall|VALUEthe (?:day of the week|weekday) of (?P<date>DAY)",
        weekday,
    );
    form(
        "(?:is|was) (?:the year )?<A> a leap yearYESORNO|will (?:the year )?<A> be a leap year|is it true that (?:the year )?<A> (?:is|was) a leap year|CLAUSEWHETHER(?:the year )?<A> (?:is|was) a leap year(?: or not)?",
        |c| a(c).filter(|year| (1583..=9999).contains(year)).map(|year| Answer::Yes(leap(year))),
    );
    form(
        "how many days after (?P<from>DAY) is (?P<to>DAY)|how many days before (?P<to>DAY) is (?P<from>DAY)|how many days (?:pass|passed|will pass) from (?P<from>DAY) to (?P<to>DAY)",
        |c| {
            let days = day(group(c, &["to"])?)? - day(group(c, &["from"])?)?;
            (days > 0).then_some(Answer::Number(days))
        },
    );
    form(
        "(?:how many days apart are|VALUEthe difference in days between) (?P<from>DAY) and (?P<to>DAY)",
        |c| {
            let days = day(group(c, &["to"])?)? - day(group(c, &["from"])?)?;
            (days != 0).then_some(Answer::Number(days.abs()))
        },
    );
    let date = "(?:(?:what|which) date (?:is|was) |VALUEthe date )<A> days";
    form(&format!("{date} after (?P<date>DAY)"), |c| {
        iso(day(group(c, &["date"])?)? + a(c)?).map(Answer::Word)
    });
    form(&format!("{date} before (?P<date>DAY)"), |c| {
        iso(day(group(c, &["date"])?)? - a(c)?).map(Answer::Word)
    });
}

fn lists(form: Add<'_>) {
    form("VALUE(?:the )?median of (?:the numbers )?LIST", |c| {
        let list = sorted(c)?;
        let (low, high) = (list[(list.len() - 1) / 2], list[list.len() / 2]);
        ((low + high) % 2 == 0).then_some(Answer::Number((low + high) / 2))
    });
    let of = "(?:of|among|number among) (?:the numbers )?LIST";
    form(&format!("VALUEthe (?:largest|biggest|greatest|maximum) {of}"), |c| {
        sorted(c)?.last().copied().map(Answer::Number)
    });
    form(&format!("VALUEthe (?:smallest|lowest|minimum) {of}"), |c| {
        sorted(c)?.first().copied().map(Answer::Number)
    });
    form(
        "POLITE(?:sort|order|arrange|put) (?:the numbers )?LIST (?:in (?:ascending|increasing) order|from (?:smallest to largest|lowest to highest|least to greatest))",
        |c| sorted(c).map(Answer::List),
    );
}
