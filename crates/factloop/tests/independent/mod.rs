//! A second reading of a prompt, which shares nothing with the grammar: whole sentences as regular expressions, and
//! arithmetic of its own. Its only task is to say what answers a sentence may have.

mod computed;

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// An answer that a question may have: a number, yes or no, a word, or a list of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Number(i128),
    Yes(bool),
    Word(String),
    List(Vec<i128>),
}

type Meaning = fn(&Captures<'_>) -> Option<Answer>;

const COURTESY_BEFORE: &str = r"^(?:(?:hi|hello|hey|okay|ok|good (?:morning|afternoon|evening))(?: (?:there|friend))?[.,!]? )?(?:(?:(?:please )?help me[.!]|(?:quick question|question|a question|i have a (?:quick )?question|one more thing|just curious|for my homework|tell me)[.:,!]) )?";
const COURTESY_AFTER: &str = r"[.?!]*(?:,? ?(?:please|thanks|thank you)(?: (?:so much|very much|a lot|in advance))?| (?:please )?answer briefly| (?:please )?be careful| i am in a hurry| it is for (?:a game|my homework)| my friend wants to know){0,1}[.?!,]*(?: (?:please|thanks|thank you)(?: (?:so much|very much|a lot|in advance))?| (?:please )?answer briefly| (?:please )?be careful| i am in a hurry| it is for (?:a game|my homework)| my friend wants to know)?[.?!]*$";

const POLITE: &str = r"(?:(?:please|kindly|(?:can|could|would|will) you(?: (?:please|kindly))?) )?";
const VALUE: &str = r"(?:(?:what is|what are|what's|how much is|which is|i need|i want|i would like|i'd like|(?:(?:please|kindly|(?:can|could|would|will) you(?: (?:please|kindly))?) )?(?:tell me|give me|give|find|find out|compute|calculate|determine|work out)) )?";
const CLAUSE: &str = r"(?:(?:(?:please|kindly|(?:can|could|would|will) you(?: (?:please|kindly))?) )?(?:tell me|find out|work out|figure out|determine|check|say|let me know)|i (?:want|need|would like) to know|i'd like to know|i wonder|do you know) ";
const TEXT: &str = r#"(?:(?:the )?word "?(?P<word>[a-z'-]+)"?|(?:(?:the )?(?:phrase|sentence|text|string|name|expression|line|title|words) )?"(?P<quoted>[^"]+)"|(?P<bare>[a-z'-]+))"#;
const LETTER: &str = r#"(?:(?:the )?(?:letter|character) "?(?P<letter>[a-z])"?|"?(?P<plain>[a-z])"?)"#;
const LETTERS: &str = r#"(?:(?:letter )?(?P<plural>[a-z])'?s|"(?P<quotedplural>[a-z])"'?s|letters "?(?P<after>[a-z])"?|"?(?P<before>[a-z])"? letters|(?:occurrences|instances) of (?:(?:the )?(?:letter|character) "?(?P<of>[a-z])"?|"?(?P<ofplain>[a-z])"?))"#;
const N: &str = r"(?P<n>NUMBER)";
const M: &str = r"(?P<m>NUMBER)";
const NUMBER: &str = r"-?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)|negative [1-9][0-9]*|[a-z]+(?:-[a-z]+)?(?: hundred| thousand)?";
const IT: &str = r"(?:it|that|this|(?:the|that|this|your) (?:result|count|number|total|answer))";
const JOIN: &str = r"[.?!,;]* ?(?:and )?(?:(?:then|now|next|finally|afterwards|after that),? )?(?:please )?";
const HOW: &str = r"how (?:many times|often|frequently)";
const APPEAR: &str = r"(?:appears?|occurs?|shows? up|comes? up)";

/// Returns a regular expression for every form in which a count of letters is asked, as one alternative.
fn count() -> String {
    let phrase = "(?:the )?(?:total )?(?:number|count) of (?:the )?(?:LETTERS|LETTER) (?:there are |that are |found )?in TEXT"
        .to_owned();
    let times = format!("(?:the )?number of times (?:that )?LETTER {APPEAR} in TEXT");
    let clause = format!(
        "(?:{HOW} LETTER {APPEAR} in TEXT|how many LETTERS (?:are|there are|are there) in TEXT|how many LETTERS TEXT (?:has|contains))"
    );
    let first =
        r#"(?:(?:look at|take|consider) TEXT(?:\.|,| and)|given TEXT[,.]|the word is "(?P<is>[a-z'-]+)"\.) "#;
    let in_it = format!(
        "(?:{HOW} does LETTER {APPEAR}(?: in it)?|{HOW} does it contain LETTER|how many LETTERS are (?:there|in it|there in it)|how many LETTERS does it (?:have|contain)|count (?:the |all |all the )?(?:LETTERS|LETTER)(?: in it)?)"
    );
    [
        format!("{HOW} does LETTER {APPEAR} in TEXT"),
        format!("{HOW} is LETTER used in TEXT"),
        format!(r#"{HOW} is the letter "?(?P<letter>[a-z])"? in TEXT"#),
        r#"how many of the letter "?(?P<letter>[a-z])"? (?:are there |are )in TEXT"#.to_owned(),
        format!("{HOW} do you (?:see|find) LETTER in TEXT"),
        "how many LETTERS (?:are there |are |(?:can|do) you (?:find|see|count) )?in TEXT".to_owned(),
        "how many LETTERS does TEXT (?:have|contain)".to_owned(),
        format!("in TEXT,? {HOW} does LETTER {APPEAR}"),
        format!("in TEXT,? {HOW} is LETTER used"),
        "in TEXT,? how many LETTERS are there".to_owned(),
        "TEXT (?:has|contains) how many LETTERS".to_owned(),
        format!("{POLITE}count (?:the |all |all the )?(?:LETTERS|LETTER) in TEXT"),
        format!("{POLITE}count {clause}"),
        format!("{POLITE}count (?:{phrase}|{times})"),
        format!("{VALUE}(?:{phrase}|{times})"),
        format!("{CLAUSE}{clause}"),
        format!("{first}{in_it}"),
    ]
    .join("\u{1}")
}

struct Form {
    sentence: Regex,
    meaning: Meaning,
}

/// Numbers the names of groups, which a regular expression may use once only.
fn numbered(pattern: &str) -> String {
    let mut out = String::new();
    for (place, part) in pattern.split("(?P<").enumerate() {
        if place == 0 {
            out.push_str(part);
        } else if let Some((name, rest)) = part.split_once('>') {
            out.push_str(&format!("(?P<{name}_{place}>{rest}"));
        }
    }
    out
}

fn form(sentence: &str, meaning: Meaning) -> Form {
    let expanded = sentence
        .replace("LETTERS", LETTERS)
        .replace("LETTER", LETTER)
        .replace("TEXT", TEXT)
        .replace("NUMBER", NUMBER);
    let whole = format!("{COURTESY_BEFORE}(?:{expanded}){COURTESY_AFTER}");
    Form { sentence: Regex::new(&numbered(&whole)).expect("a regular expression"), meaning }
}

/// Returns the text of the group with one of `names`, under whatever number [`numbered`] gave it.
fn group<'t>(captures: &'t Captures<'_>, names: &[&str]) -> Option<&'t str> {
    // The order of the names is that of the groups in the expression; only one of them takes part.
    FORM_NAMES.with(|forms| {
        let forms = forms.borrow();
        let found = forms.iter().filter_map(|name| {
            let (own, _) = name.rsplit_once('_')?;
            names.contains(&own).then(|| captures.name(name)).flatten()
        });
        found.map(|found| found.as_str()).next()
    })
}

thread_local! {
    /// The names of the groups of the expression that is being evaluated.
    static FORM_NAMES: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn letters(captures: &Captures<'_>) -> Option<i128> {
    let letter =
        group(captures, &["letter", "plain", "plural", "quotedplural", "after", "before", "of", "ofplain"])?;
    let text = group(captures, &["word", "quoted", "bare", "is"])?;
    Some(text.matches(letter).count() as i128)
}

fn number(text: &str) -> Option<i128> {
    if let Some(rest) = text.strip_prefix("negative ") {
        return number(rest).map(|number| -number);
    }
    let groups: Vec<&str> = text.trim_start_matches('-').split(',').collect();
    let grouped = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    if groups.len() > 1 && !grouped {
        return None;
    }
    text.replace(',', "").parse().ok().or_else(|| in_words(text))
}

fn in_words(text: &str) -> Option<i128> {
    let small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
                 seventeen eighteen nineteen";
    let tens = "twenty thirty forty fifty sixty seventy eighty ninety";
    let one = |word: &str| small.split_whitespace().position(|own| own == word).map(|at| at as i128);
    let ten = |word: &str| tens.split_whitespace().position(|own| own == word).map(|at| 10 * at as i128 + 20);
    match text.split_once([' ', '-']) {
        None => one(text).or_else(|| ten(text)),
        Some((left, "hundred")) => Some(one(left)? * 100),
        Some((left, "thousand")) => Some(one(left).or_else(|| ten(left))? * 1_000),
        Some((left, right)) => Some(ten(left)? + one(right)?),
    }
}

fn n(captures: &Captures<'_>) -> Option<i128> {
    number(group(captures, &["n"])?)
}

fn m(captures: &Captures<'_>) -> Option<i128> {
    number(group(captures, &["m"])?)
}

fn list(captures: &Captures<'_>) -> Option<Vec<i128>> {
    let text = group(captures, &["list"])?.replace(", and ", ", ").replace(" and ", ", ");
    let parts: Vec<&str> = text.split(", ").collect();
    let single = parts.len() == 1;
    let mut list = Vec::new();
    for part in parts {
        match number(part).filter(|_| !single) {
            Some(number) => list.push(number),
            None => list.extend(part.split(',').map(number).collect::<Option<Vec<_>>>()?),
        }
    }
    Some(list)
}

fn divisor(left: i128, right: i128) -> i128 {
    if right == 0 { left.abs() } else { divisor(right, left % right) }
}

fn prime(number: i128) -> bool {
    number > 1 && (2..).take_while(|d| d * d <= number).all(|d| number % d != 0)
}

fn forms() -> Vec<Form> {
    let some = |meaning: Meaning| meaning;
    let mut forms = Vec::new();
    for count in count().split('\u{1}') {
        let counted = format!("(?:{count})");
        let mut step = |sentence: String, meaning: Meaning| forms.push(form(&sentence, meaning));
        step(counted.clone(), |c| letters(c).map(Answer::Number));
        let if_you = "(?:what do (?:you|i|we) get (?:if|when) (?:you|i|we)|what is it if (?:you|i|we)) ";
        let asks = "(?:what is|what's|give me|tell me) ";
        let add = format!("add (?:the number )?{N}(?: more)?(?: to {IT})?");
        let take = format!(
            "(?:subtract (?:the number )?(?P<n>NUMBER)(?: from {IT})?|take away (?P<n>NUMBER)(?: from {IT})?|take (?P<n>NUMBER) (?:away(?: from {IT})?|from {IT}))"
        );
        step(
            format!(
                "{counted}{JOIN} ?(?:(?:{if_you})?{add}|(?:{asks}{IT} )?(?:plus|\\+) ?(?P<n>NUMBER)|(?:increase|raise) {IT} by (?P<n>NUMBER))"
            ),
            some(|c| Some(Answer::Number(letters(c)? + n(c)?))),
        );
        step(
            format!(
                "{counted} - ?(?P<n>NUMBER)|{counted}{JOIN} ?(?:(?:{if_you})?{take}|(?:{asks}{IT} )?minus (?P<n>NUMBER)|(?:decrease|lower|reduce) {IT} by (?P<n>NUMBER))"
            ),
            some(|c| Some(Answer::Number(letters(c)? - n(c)?))),
        );
        step(
            format!("{counted}{JOIN}subtract {IT} from {N}"),
            some(|c| Some(Answer::Number(n(c)? - letters(c)?))),
        );
        step(
            format!(
                "{counted}{JOIN} ?(?:(?:{if_you})?multiply (?:{IT} )?by {N}|(?:{asks}{IT} )?(?:times|\\*) ?(?P<n>NUMBER))"
            ),
            some(|c| Some(Answer::Number(letters(c)? * n(c)?))),
        );
        step(
            format!("{counted}{JOIN}(?:double {IT}|(?:what is|what's) (?:twice|double) {IT})"),
            some(|c| Some(Answer::Number(2 * letters(c)?))),
        );
        step(
            format!("{counted}{JOIN}(?:triple {IT}|(?:what is|what's) (?:three times|triple) {IT})"),
            some(|c| Some(Answer::Number(3 * letters(c)?))),
        );
    }
    let phrase = "(?:(?:the )?(?:total )?(?:number|count) of (?:the )?(?:LETTERS|LETTER) (?:there are |that are |found )?in TEXT|(?:the )?number of times (?:that )?LETTER (?:appears|occurs|shows up|comes up) in TEXT)";
    let mut of_phrase = |sentence: &str, meaning: Meaning| {
        let sentence = sentence.replace("PHRASE", phrase).replace("VALUE", VALUE).replace("POLITE", POLITE);
        let sentence = sentence
            .replace(
                "IFYOU",
                "(?:what do (?:you|i|we) get (?:if|when) (?:you|i|we)|what is it if (?:you|i|we)) ",
            )
            .replace("<N>", N)
            .replace("<M>", M);
        forms.push(form(&sentence, meaning));
    };
    of_phrase(
        "VALUEPHRASE (?:plus|\\+) <N>|VALUE(?P<n>NUMBER) (?:plus|\\+|more than) PHRASE|VALUEthe sum of (?P<n>NUMBER) and PHRASE",
        |c| Some(Answer::Number(letters(c)? + n(c)?)),
    );
    of_phrase(
        "POLITEadd <N> to PHRASE|POLITEadd PHRASE to (?P<n>NUMBER)|POLITE(?:increase|raise) PHRASE by (?P<n>NUMBER)|IFYOUadd (?P<n>NUMBER) to PHRASE",
        |c| Some(Answer::Number(letters(c)? + n(c)?)),
    );
    of_phrase(
        "take PHRASE[.,;]? ?(?:and )?(?:(?:then|now|next|finally),? )?(?:please )?add <N>(?: more)?(?: to it| to that| to this)?",
        |c| Some(Answer::Number(letters(c)? + n(c)?)),
    );
    of_phrase(
        "VALUEPHRASE (?:minus|-) <N>|VALUE(?P<n>NUMBER) less than PHRASE|POLITE(?:subtract|take) (?P<n>NUMBER)(?: away)? from PHRASE|POLITE(?:decrease|lower|reduce) PHRASE by (?P<n>NUMBER)|IFYOUsubtract (?P<n>NUMBER) from PHRASE",
        |c| Some(Answer::Number(letters(c)? - n(c)?)),
    );
    of_phrase(
        "VALUE<N> (?:minus|-) PHRASE|POLITE(?:subtract|take) PHRASE(?: away)? from (?P<n>NUMBER)|IFYOUsubtract PHRASE from (?P<n>NUMBER)",
        |c| Some(Answer::Number(n(c)? - letters(c)?)),
    );
    of_phrase(
        "VALUEPHRASE (?:times|\\*|multiplied by) <N>|VALUE(?P<n>NUMBER) (?:times|\\*|multiplied by) PHRASE|POLITEmultiply PHRASE by (?P<n>NUMBER)|POLITEmultiply (?P<n>NUMBER) by PHRASE",
        |c| Some(Answer::Number(letters(c)? * n(c)?)),
    );
    of_phrase("VALUE(?:twice|double) PHRASE|POLITEdouble PHRASE", |c| Some(Answer::Number(2 * letters(c)?)));
    of_phrase("VALUEtriple PHRASE", |c| Some(Answer::Number(3 * letters(c)?)));
    let list_of = "(?P<list>(?:NUMBER)(?:, (?:NUMBER))*(?:,? and (?:NUMBER))|(?:NUMBER)(?:, ?(?:NUMBER))+)";
    let mut of_numbers = |sentence: &str, meaning: Meaning| {
        let sentence = sentence
            .replace("LIST", list_of)
            .replace("VALUE", VALUE)
            .replace("POLITE", POLITE)
            .replace("CLAUSE", CLAUSE);
        let sentence = sentence
            .replace("IFYOU", "what do (?:you|i|we) get (?:if|when) (?:you|i|we) ")
            .replace("<N>", N)
            .replace("<M>", M);
        forms.push(form(&sentence, meaning));
    };
    of_numbers(
        "VALUE(?:the )?(?:gcd|hcf|gcf|(?:greatest|highest|largest|biggest) common (?:divisor|factor)) (?:of|for|between) (?:the numbers )?LIST|VALUE(?:gcd|hcf|gcf) ?\\( ?LIST ?\\)(?: ?= ?)?|VALUE(?:the )?(?:gcd|hcf|gcf) LIST|VALUEthe (?:largest|biggest|greatest|highest) (?:number|integer) that (?:evenly )?divides (?:both |all of )?LIST(?: evenly)?",
        |c| list(c)?.into_iter().reduce(divisor).map(Answer::Number),
    );
    of_numbers(
        "is (?:the number |the integer )?<N> (?:a )?prime(?: number)?(?: or not|[.?!,]?(?: (?:answer|reply|say)(?: with| in)?)? yes or no)?|yes or no[:,.?!] is (?:the number |the integer )?(?P<n>NUMBER) (?:a )?prime(?: number)?|is it true that (?:the number |the integer )?(?P<n>NUMBER) is (?:a )?prime(?: number)?|(?:CLAUSE|POLITE(?:decide|see|test) )(?:if|whether|whether or not) (?:the number |the integer )?(?P<n>NUMBER) is (?:a )?prime(?: number)?(?: or not)?|would you say (?:that )?(?:the number |the integer )?(?P<n>NUMBER) is (?:a )?prime(?: number)?|true or false[:,.?!] (?:the number |the integer )?(?P<n>NUMBER) is (?:a )?prime(?: number)?|(?P<n>NUMBER): (?:a )?prime(?: number)? or not|POLITE(?:test|check) (?:the number |the integer )?(?P<n>NUMBER) for primality",
        |c| n(c).map(|n| Answer::Yes(prime(n))),
    );
    of_numbers(
        "VALUE<N> ?(?:plus|\\+) ?<M>(?: ?= ?)?|POLITEadd (?P<m>NUMBER) to (?P<n>NUMBER)|IFYOUadd (?P<m>NUMBER) to (?P<n>NUMBER)",
        |c| Some(Answer::Number(n(c)? + m(c)?)),
    );
    of_numbers("VALUE<N> ?(?:plus|\\+) ?<M> ?(?:plus|\\+) ?(?P<k>NUMBER)(?: ?= ?)?", |c| {
        Some(Answer::Number(n(c)? + m(c)? + number(group(c, &["k"])?)?))
    });
    of_numbers(
        "what (?:does|do) <N> ?(?:plus|\\+) ?<M> (?:equal|make)|VALUE(?P<m>NUMBER) added to (?P<n>NUMBER)",
        |c| Some(Answer::Number(n(c)? + m(c)?)),
    );
    of_numbers("what (?:does|do) <N> (?:minus|take away) <M> (?:equal|make)", |c| {
        Some(Answer::Number(n(c)? - m(c)?))
    });
    of_numbers("what (?:does|do) <N> ?(?:times|\\*|x|multiplied by) ?<M> (?:equal|make)", |c| {
        Some(Answer::Number(n(c)? * m(c)?))
    });
    of_numbers("POLITE(?:add together|sum|sum up) (?:the numbers )?LIST", |c| {
        Some(Answer::Number(list(c)?.into_iter().sum()))
    });
    of_numbers("VALUE(?P<chain>(?:NUMBER)(?: ?(?:plus|\\+) ?(?:NUMBER)){3,4})(?: ?= ?)?", |c| {
        let terms = group(c, &["chain"])?.replace(" plus ", "+");
        terms.split('+').map(|term| number(term.trim())).sum::<Option<i128>>().map(Answer::Number)
    });
    of_numbers(
        "VALUE(?:the )?sum of (?:the numbers )?LIST|POLITEadd (?:the numbers )?LIST(?: together| up)?|IFYOUadd LIST",
        |c| Some(Answer::Number(list(c)?.into_iter().sum())),
    );
    of_numbers(
        "VALUE<N> ?(?:minus|-|take away) ?<M>(?: ?= ?)?|POLITE(?:subtract|take) (?P<m>NUMBER)(?: away)? from (?P<n>NUMBER)|IFYOUsubtract (?P<m>NUMBER) from (?P<n>NUMBER)",
        |c| Some(Answer::Number(n(c)? - m(c)?)),
    );
    of_numbers(
        "VALUE<N> ?(?:times|\\*|x|multiplied by) ?<M>(?: ?= ?)?|POLITEmultiply (?P<n>NUMBER) (?:by|and|with) (?P<m>NUMBER)",
        |c| Some(Answer::Number(n(c)? * m(c)?)),
    );
    of_numbers("VALUE(?:the )?product of (?:the numbers )?LIST", |c| {
        Some(Answer::Number(list(c)?.into_iter().product()))
    });
    let text = r#"(?:(?:the )?word "?(?P<word>[a-z]+)"?|"(?P<quoted>[a-z]+)")"#;
    let length = "how many letters (?:are there |are )?in TX|how many letters does TX (?:have|contain)|how long is the word \"?(?P<word>[a-z]+)\"?|VALUEthe length of the word \"?(?P<word>[a-z]+)\"?|VALUEthe length of \"(?P<quoted>[a-z]+)\"|POLITEcount the number of letters (?:in|of) TX|VALUE(?:the )?number of letters in TX|POLITEcount the letters (?:in|of) TX|CLAUSEhow many letters (?:are|there are|are there) in TX";
    of_numbers(&length.replace("TX", text), |c| {
        Some(Answer::Number(group(c, &["word", "quoted"])?.chars().count() as i128))
    });
    let sentence = r#"(?:the (?:phrase|sentence|text|line|title) )?"(?P<quoted>[^"]+)""#;
    let words = r#"how (?:many times|often|frequently) does the word "?(?P<word>[a-z]+)"? (?:appear|occur|show up|come up) in SENTENCE|in SENTENCE,? how (?:many times|often|frequently) does the word "?(?P<word>[a-z]+)"? (?:appear|occur|show up|come up)|POLITEcount (?:the |all the |all )?(?:occurrences of )?the word "?(?P<word>[a-z]+)"? in SENTENCE|how many occurrences of the word "?(?P<word>[a-z]+)"? (?:are there|are) in SENTENCE|VALUEthe number of (?:occurrences of the word "?(?P<word>[a-z]+)"?|times the word "?(?P<word>[a-z]+)"? (?:appears?|occurs?|shows? up|comes? up)) in SENTENCE"#;
    of_numbers(&words.replace("SENTENCE", sentence), |c| {
        let word = group(c, &["word"])?;
        let text = group(c, &["quoted"])?;
        let own = |c: char| !c.is_alphabetic() && c != '\'' && c != '-';
        Some(Answer::Number(text.split(own).filter(|own| *own == word).count() as i128))
    });
    computed::forms(&mut of_numbers);
    forms
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(forms);

/// Returns the answers that the ways to read the whole of `prompt` have.
pub(crate) fn answers(prompt: &str) -> Vec<Answer> {
    let prompt: String = prompt
        .chars()
        .map(|c| match c {
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            '−' => '-',
            '×' => '*',
            other => other,
        })
        .collect();
    // A single quotation mark is one where no letter stands before it, and it closes before no letter.
    let quotes = Regex::new(r"(^|[\s(])'([a-zA-Z][^']*(?:'[a-zA-Z][^']*)*)'([^a-zA-Z]|$)").expect("quotes");
    let prompt = quotes.replace_all(&prompt, "$1\"$2\"$3").to_lowercase();
    let prompt = Regex::new(r#"[.,?!]""#).expect("marks").replace_all(&prompt, "\"").into_owned();
    let prompt = prompt.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",");
    let mut found = Vec::new();
    for form in FORMS.iter() {
        let Some(captures) = form.sentence.captures(&prompt) else { continue };
        let names = form.sentence.capture_names().flatten().map(str::to_owned).collect();
        FORM_NAMES.with(|own| *own.borrow_mut() = names);
        if let Some(answer) = (form.meaning)(&captures)
            && !found.contains(&answer)
        {
            found.push(answer);
        }
    }
    found
}
