//! The vocabulary: the words and phrases that working is made of, and that state nothing by themselves.
//!
//! A word belongs here only if no sentence of such words, true numbers and the answer says that the answer is another
//! one. So there are no words that judge (`wrong`, `lie`), compare (`more`, `over`), hedge (`about`, `maybe`), correct
//! (`actually`, `wait`), or change a value (`double`, `half`). Denials stand only in the lists of a question whose claims
//! are computed again.

use alloc::collections::BTreeSet;

use super::tokens::Token;
use super::topic::{Asked, Topic};

/// Words that may stand in the working of every question.
const COMMON: &str = "\
a an the this that these those it its it's i i'm i'll i've we we'll we've you your you're my our let let's lets me us they them their \
there there's here here's that's what what's how which is are be am has have do does can will need \
needs to of in for from at by with on through within as across and so then therefore thus hence because since where \
when while now next finally lastly also together altogether total exactly only just simply carefully clearly indeed each all \
every during sure certainly okay ok great good alright yes happy first's very easy easily \
answer result question problem solution explanation reasoning method approach way process work working calculation \
computation final count counts counted counting number numbers sum step steps part parts order analysis breakdown \
summary conclusion note task list value follow following follows start starting started begin beginning begins continue \
stand stands look looks looking find finds found finding see sees go going check checks checked checking verify verified verifying \
identify identified identifying determine determined determining get gets getting give gives given giving \
make makes making made show shows showing shown use uses using calculate calculated calculating compute computed \
computing solve solved solving evaluate evaluating consider considering examine examining examined know known want asked \
asking asks ask provided provide conclude confirm confirms confirmed recap put apply applying applied think \
them's else's who's simple would according fact facts directly quick quickly quickly's";

/// Words about letters and their places.
const LETTERS: &str = "\
into capitals word words letter letters character characters string text phrase sentence position positions index indices indexes \
place places spot spots occurrence occurrences instance instances appearance appearances time times appear appears \
appearing appeared occur occurs occurring occurred contain contains containing contained include includes including \
consist consists spell spells spelled spelling spelt write writing written out break breaking broken split down locate \
located tally tallying highlight highlighted highlighting mark marked marking case lowercase uppercase upper lower sensitive insensitive \
sensitivity ignoring regardless end ends scan scanning read reading individual individually separate separated \
separately long made up add adding come comes came alphabet comma spaces space consecutive \
match matches target single occurs last item items no not is isn't yes doesn't";

/// Words about sums, differences, products and divisors.
const NUMBERS: &str = "\
into add adds added adding addition subtract subtracted subtracting subtraction multiply multiplied multiplying \
multiplication product difference digit digits ones tens units unit hundreds thousands place places column columns \
carry carrying carried write writing down right left align regroup regrouping combine combining two \
equation expression operation arithmetic take takes taking taken away left long respectively last borrow borrowing break breaking split plus minus times equals equal out up both";

/// Words about prime numbers and divisors.
const PRIMES: &str = "\
times prime primes primality composite divisible divisibility divide divides divided dividing division divisor divisors \
factor factors factoring factorization multiple multiples remainder remainders evenly cleanly whole integer integers natural \
positive odd even ends end last digit digits root square rule test tests testing trial try trying whether any none no not \
isn't aren't doesn't don't cannot can't neither nor or than only up greater less larger smaller equal itself \
between possible small such means mean must have leaves leave leaving exact exactly without proper \
highest largest take taking roughly approximately approx about below under nothing digit end ends ending \
meets meet criteria definition defined two";

/// Words about common divisors, beside those about sums and primes.
const FACTORING: &str = "\
factorization factorizations factorisation factorisations nonzero coprime consecutive factoring product common greatest gcd gcf hcf euclidean algorithm euclid's step repeat until becomes power powers \
share shared list listing larger smaller";

/// The meaning of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The phrase says nothing.
    Nothing,
    /// The phrase stands for a mark of arithmetic, or between clauses.
    Mark(char),
    /// The phrase stands for a word.
    Word(&'static str),
}

/// Phrases, whose words mean something else together. Longer ones come first.
const PHRASES: [(&str, Meaning); 81] = [
    ("share no common prime factor", Meaning::Word("coprime")),
    ("share no common factors", Meaning::Word("coprime")),
    ("share no common factor", Meaning::Word("coprime")),
    ("share no prime factors", Meaning::Word("coprime")),
    ("share no prime factor", Meaning::Word("coprime")),
    ("have no common factors", Meaning::Word("coprime")),
    ("have no common factor", Meaning::Word("coprime")),
    ("have no common prime factors", Meaning::Word("coprime")),
    ("have no common divisors", Meaning::Word("coprime")),
    ("have no common divisor", Meaning::Word("coprime")),
    ("no prime factors in common", Meaning::Word("coprime")),
    ("no factors in common", Meaning::Word("coprime")),
    ("relatively prime", Meaning::Word("coprime")),
    ("mutually prime", Meaning::Word("coprime")),
    ("non-zero", Meaning::Word("nonzero")),
    ("other than 1 and itself", Meaning::Word("but-itself")),
    ("except for 1 and itself", Meaning::Word("but-itself")),
    ("than 1 and itself", Meaning::Word("but-itself")),
    ("besides 1 and itself", Meaning::Word("but-itself")),
    ("except 1 and itself", Meaning::Word("but-itself")),
    ("but 1 and itself", Meaning::Word("but-itself")),
    ("since there are none", Meaning::Nothing),
    ("1 at a time", Meaning::Nothing),
    ("not counting capitals", Meaning::Word("note")),
    ("1 by 1", Meaning::Nothing),
    ("add up to", Meaning::Mark('=')),
    ("adds up to", Meaning::Mark('=')),
    ("step by step", Meaning::Nothing),
    ("adding them up", Meaning::Word("adding")),
    ("adding these up", Meaning::Word("adding")),
    ("add them up", Meaning::Word("add")),
    ("is equal to", Meaning::Mark('=')),
    ("square root of", Meaning::Mark('\u{221a}')),
    ("a remainder of", Meaning::Mark('R')),
    ("more than once", Meaning::Nothing),
    ("let me know", Meaning::Word("let-me-know")),
    ("hope this helps", Meaning::Nothing),
    ("hope that helps", Meaning::Nothing),
    ("at the end", Meaning::Nothing),
    ("left to right", Meaning::Nothing),
    ("right to left", Meaning::Nothing),
    ("is approximately", Meaning::Mark('\u{2248}')),
    ("is about", Meaning::Mark('\u{2248}')),
    ("is roughly", Meaning::Mark('\u{2248}')),
    ("carry over", Meaning::Word("carry")),
    ("two numbers", Meaning::Word("numbers")),
    ("square root", Meaning::Word("root")),
    ("how many", Meaning::Word("how")),
    ("how often", Meaning::Word("how")),
    ("check if", Meaning::Word("whether")),
    ("determine if", Meaning::Word("whether")),
    ("see if", Meaning::Word("whether")),
    ("verify if", Meaning::Word("whether")),
    ("test if", Meaning::Word("whether")),
    ("other than", Meaning::Word("than")),
    ("no other", Meaning::Word("only")),
    ("and itself", Meaning::Word("itself")),
    ("adding up", Meaning::Word("adding")),
    ("add up", Meaning::Word("add")),
    ("in total", Meaning::Nothing),
    ("in all", Meaning::Word("total")),
    ("so far", Meaning::Word("so-far")),
    ("added to", Meaning::Mark('+')),
    ("multiplied by", Meaning::Mark('*')),
    ("divided by", Meaning::Mark('/')),
    ("equal to", Meaning::Mark('=')),
    ("remainder of", Meaning::Mark('R')),
    ("each one", Meaning::Nothing),
    ("every one", Meaning::Nothing),
    ("this one", Meaning::Word("this")),
    ("of course", Meaning::Nothing),
    ("double r", Meaning::Nothing),
    ("ones place", Meaning::Word("place")),
    ("ones digit", Meaning::Word("digit")),
    ("ones digits", Meaning::Word("digits")),
    ("ones column", Meaning::Word("column")),
    ("plus", Meaning::Mark('+')),
    ("minus", Meaning::Mark('-')),
    ("equals", Meaning::Mark('=')),
    ("modulo", Meaning::Mark('%')),
    ("mod", Meaning::Mark('%')),
];

/// The words that are known under a question.
pub(super) struct Vocabulary {
    words: BTreeSet<&'static str>,
}

impl Vocabulary {
    pub(super) fn new(topic: &Topic) -> Self {
        let lists: &[&str] = match topic.asked {
            Asked::Anything => &[COMMON],
            Asked::Times => &[COMMON, LETTERS],
            Asked::Letters => &[COMMON, LETTERS, "length"],
            Asked::Sign(_) => &[COMMON, NUMBERS],
            Asked::Prime => &[COMMON, PRIMES],
            Asked::Divisor => &[COMMON, NUMBERS, PRIMES, FACTORING],
            Asked::Steps => &[COMMON, LETTERS, NUMBERS],
        };
        Self { words: lists.iter().flat_map(|list| list.split_whitespace()).collect() }
    }

    /// Returns true if `word` may stand in the working.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Returns the meaning of the phrase at the start of `tokens`, and the number of its tokens.
    pub(super) fn phrase(&self, tokens: &[Token<'_>]) -> Option<(Meaning, usize)> {
        let is_at = |phrase: &str| {
            let mut tokens = tokens.iter();
            let is = |token: &Token<'_>, word: &str| match token {
                Token::Number(number, 0) => word == "1" && number.whole() == Some(1),
                token => token.word() == word || (word == "1" && token.word() == "one"),
            };
            phrase.split(' ').all(|word| tokens.next().is_some_and(|token| is(token, word)))
        };
        let first = tokens.first()?.word();
        let is_one = first == "one" || matches!(tokens.first(), Some(Token::Number(..)));
        let begins = |phrase: &str| {
            is_one && phrase.starts_with('1') || !first.is_empty() && phrase.starts_with(first)
        };
        let (phrase, meaning) = PHRASES.iter().find(|(phrase, _)| begins(phrase) && is_at(phrase))?;
        Some((*meaning, phrase.split(' ').count()))
    }
}
