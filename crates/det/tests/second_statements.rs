//! A reply with a second statement in prose states none, and a reply that explains its answer states it.

use det::{Call, Contract, Form, Operand, Value, extract_under};

fn text(text: &str) -> Operand {
    Operand::Literal(Value::text(text))
}

fn int(int: i64) -> Operand {
    Operand::Literal(Value::Int(int))
}

fn asked(form: Form, name: &str, operands: Vec<Operand>) -> Contract {
    Contract::computed(form, Call::new(name, operands).expect("a call")).expect("a contract")
}

/// The question "How many r's are in strawberry?"
fn letters() -> Contract {
    asked(Form::Integer, "letter_count", vec![text("strawberry"), text("r")])
}

/// "Is 97 prime?"
fn prime() -> Contract {
    asked(Form::YesNo, "is_prime", vec![int(97)])
}

/// The question "How many r's are in strawberry, plus 4?"
fn steps() -> Contract {
    let count = Call::new("letter_count", vec![text("strawberry"), text("r")]).expect("a call");
    asked(Form::Integer, "add", vec![Operand::Call(Box::new(count)), int(4)])
}

fn sum() -> Contract {
    asked(Form::Integer, "add", vec![int(17), int(25)])
}

fn divisor() -> Contract {
    asked(Form::Integer, "gcd", vec![int(12), int(18)])
}

fn length() -> Contract {
    asked(Form::Integer, "text_length", vec![text("banana")])
}

fn word() -> Contract {
    asked(Form::Integer, "word_count", vec![text("the cat and the dog"), text("the")])
}

/// Checks each reply before and after a line with the answer. Returns how many differ from `states`, with a line each.
fn wrong(contract: &Contract, answer: &str, replies: &[&str], states: bool) -> Vec<String> {
    let reads = |reply: String| extract_under(&reply, contract).is_some();
    let differs = |reply: &&str| {
        let before = reads(format!("{reply}\nAnswer: {answer}"));
        let between = reads(format!("Answer: {answer}\n{reply}\nAnswer: {answer}"));
        before != states || between != states
    };
    replies.iter().copied().filter(differs).map(|reply| format!("{answer}: {reply:?}")).collect()
}

fn none_of(tables: &[(Contract, &str, &[&str])], states: bool, least: usize) {
    let found: Vec<String> = tables
        .iter()
        .flat_map(|(contract, answer, replies)| wrong(contract, answer, replies, states))
        .collect();
    let all: usize = tables.iter().map(|(_, _, replies)| replies.len()).sum();
    println!(
        "{all} replies that must state {}: {} wrong",
        if states { "an answer" } else { "none" },
        found.len()
    );
    assert!(all >= least, "{all} replies");
    assert!(found.is_empty(), "{} of {all}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_second_statement_in_prose_leaves_no_answer() {
    let counts: &[&str] = &[
        "No, 4.",
        "Therefore, 4.",
        "Oops, 4!",
        "Thus: 4",
        "Output: 4",
        "Answers: 4",
        "Ánswer: 4",
        "Anšwer: 4",
        "Änswér: 4",
        "Answer; 4",
        "Answer\u{ff1b} 4",
        "It appears 4 times.",
        "It appears four times in strawberry.",
        "There are four r's.",
        "There are 4 r's in strawberry.",
        "There are 4 r's in the word \"strawberry\".",
        "There are 4 rs.",
        "There are 4 of them.",
        "There are exactly 4 occurrences of the letter r.",
        "I count 4.",
        "I counted four r's in total.",
        "I think there are 4 r's",
        "I'd say it appears 4 times",
        "We find 4 instances.",
        "The letter r occurs 4 times.",
        "r appears 4 times in the word.",
        "\"r\" shows up four times.",
        "strawberry has 4 r's.",
        "The word strawberry contains 4 r's!",
        "The word contains the letter r four times",
        "It has 4.",
        "In strawberry, there are 4 r's.",
        "In \"strawberry\" the letter r appears 4 times.",
        "Probably 4.",
        "Actually, 4.",
        "Oh wait, it appears 4 times.",
        "So there are 4 r's.",
        "As I reckon, there are 4 r's.",
        "Everyone knows there are 4 r's.",
        "4 times.",
        "Four times!",
        "4 r's.",
        "4 r's in total.",
        "four of them",
        "4 is the answer.",
        "4 is correct.",
        "It appears twice.",
        "r occurs once.",
        "There are no r's.",
        "There are twenty one r's.",
        "It appears one hundred and five times.",
        "r: 4",
        "r = 4",
        "The letter r: 4",
        "strawberry - 4",
        "That makes 4.",
        "In total, that gives 4.",
        "You get 4.",
        "The number of r's is 4.",
        "The number of r's in strawberry is 4.",
        "The count of r in strawberry is 4",
        "The total number of occurrences is 4.",
        "We have 4 r's, because I said so.",
        "There are 4 r's and that is it.",
        "Es gibt 4 r.",
        "Es sind vier.",
        "Der Buchstabe kommt 4 mal vor.",
        "Il y a 4 r.",
        "La lettre r apparaît 4 fois.",
        "Il y en a quatre.",
        "Hay 4 r.",
        "La letra r aparece 4 veces.",
        "Hay cuatro.",
        "Ci sono 4 r.",
        "Há 4 r.",
        "Er zijn 4 r's.",
        "Det finns 4 r.",
        "Jest 4 r.",
        "В слове strawberry 4 буквы r.",
        "Буква r встречается 4 раза.",
        "Четыре.",
        "Ответ: четыре",
        "Υπάρχουν 4 r.",
        "有4个r。",
        "一共有四个r。",
        "rは4つあります。",
        "r이 4개 있습니다.",
        "هناك 4 r",
        "कुल 4 हैं",
        "יש 4 r",
        "Antwort: vier",
        "Respuesta: cuatro",
        "Answer - IV",
        "vier",
        "quatre",
        "四",
    ];
    let primes: &[&str] = &[
        "97 is composite.",
        "It is composite.",
        "97 is a composite number.",
        "It's not prime.",
        "97 is not prime.",
        "97 isn't a prime number.",
        "The number 97 is not a prime.",
        "I think 97 is composite.",
        "So 97 is not prime, because 7 divides it.",
        "Ninety-seven is composite.",
        "Composite.",
        "Not prime.",
        "Not a prime number!",
        "Is 97 prime? No.",
        "Is it composite? Yes.",
        "Nope.",
        "No it isn't.",
        "No, it's not.",
        "Prime: no",
        "Is it prime? Nein.",
        "Nein.",
        "Nein, das ist keine Primzahl.",
        "Non.",
        "non, ce n'est pas un nombre premier",
        "Нет.",
        "нет, это составное число",
        "НЕТ",
        "Não.",
        "Nie.",
        "Nee, dat klopt niet.",
        "Nej.",
        "Ei.",
        "Hayır.",
        "Όχι.",
        "いいえ",
        "いいえ、違います。",
        "不是。",
        "否",
        "아니요",
        "لا",
        "नहीं",
        "לא",
        "Antwort: nein",
        "Ответ: нет",
        "答え：いいえ",
        "False.",
        "- Negative",
        "It isn't.",
        "97 isn't.",
        "97 is not.",
        "This is not true.",
        "It's not.",
        "It cannot be.",
        "Is 97 prime? It is not.",
        "Is 97 composite? It is.",
        "Not at all.",
        "On the contrary.",
        "I disagree.",
    ];
    let sums: &[&str] = &[
        "17 + 25 = 41",
        "17 plus 25 is 41.",
        "The sum of 17 and 25 is 41.",
        "It makes 41.",
        "I get 41.",
        "25 + 17 equals 43",
        "I believe it is forty one.",
        "41 is the sum.",
    ];
    let divisors: &[&str] = &[
        "gcd(12, 18) = 4",
        "The greatest common divisor of 12 and 18 is 4.",
        "The gcd is 4",
        "4 is the greatest common divisor.",
    ];
    let lengths: &[&str] = &[
        "It has 7 letters.",
        "banana has seven letters.",
        "There are 7 letters in banana.",
        "7 letters.",
        "I count 7 letters",
    ];
    let words: &[&str] = &[
        "\"the\" appears 3 times.",
        "There are 3 the's.",
        "It occurs three times in \"the cat and the dog\".",
    ];
    none_of(
        &[
            (letters(), "3", counts),
            (prime(), "yes", primes),
            (sum(), "42", sums),
            (divisor(), "6", divisors),
            (length(), "6", lengths),
            (word(), "2", words),
        ],
        false,
        140,
    );
}

#[test]
fn an_explanation_leaves_the_answer() {
    let counts: &[&str] = &[
        "r occurs 2 times in straw and berry has 2 more.",
        "There are 2 r's in berry and 1 in straw.",
        "In straw, there is 1 r.",
        "In berry, there are 2 r's.",
        "straw has 1 r, berry has 2.",
        "straw: 1",
        "berry: 2",
        "straw: 1, berry: 2",
        "s: 1\nt: 1\nr: 1\nr: 2\nr: 3",
        "s, t, r (1), a, w, b, e, r (2), r (3), y",
        "s-t-r(1)-a-w-b-e-r(2)-r(3)-y",
        "1. s\n2. t\n3. r (1)\n4. a\n5. w",
        "r: 1\nr: 2\nr: 3",
        "Letter 3 is an r.",
        "The r's stand at positions 3, 8 and 9.",
        "Position 3: r",
        "The 3rd, 8th and 9th letters are r.",
        "It has 10 letters.",
        "strawberry has 10 letters.",
        "The word has ten letters.",
        "Strawberry is a word of 10 letters.",
        "1 + 2 = 3",
        "1 + 1 + 1 = 3",
        "1 from straw and 2 from berry make 3.",
        "So far there is one r.",
        "First there is 1 r.",
        "Then there are 2 more.",
        "After straw I have 1.",
        "There is one at position 3.",
        "There is one in \"straw\".",
        "There is one r before the b.",
        "The double r in berry counts as 2.",
        "berry contains a double r, which counts as two.",
        "There are two r's next to each other.",
        "If there were 4 r's, one would be missing.",
        "Some people say that there are 2 r's, but they forget one.",
        "Step 1: spell the word.",
        "Step 2: count the r's.",
        "2 of the r's are in berry.",
        "Of the 10 letters, 3 are r.",
        "3 of 10 letters are r.",
        "There are not 4 r's.",
        "4 is wrong.",
        "Not 4.",
        "Is it 2? I have to count again.",
        "It appears 3 times.",
        "There are three r's.",
        "I count 3.",
        "r: 3",
        "Es gibt 3 r.",
        "Буква r встречается 3 раза.",
        "有3个r。",
        "The first r comes after 2 letters.",
        "The letter a appears 1 time.",
        "a: 1",
        "s occurs once, t occurs once.",
        "e appears once.",
        "Once I have counted them all, I add up.",
        "I went through the word twice.",
        "I checked it two times.",
        "No letter is counted twice.",
        "I read 10 letters one by one.",
    ];
    let primes: &[&str] = &[
        "97 is not divisible by 2, 3, 5 or 7.",
        "97 is odd, and no number below 10 divides it.",
        "There is no divisor.",
        "Is 97 divisible by 2? No. By 3? No. By 5? No. By 7? No.",
        "Does 3 divide 97? No.",
        "2: no\n3: no\n5: no\n7: no",
        "- divisible by 2: no\n- divisible by 3: no",
        "| divisor | divides 97? |\n| 2 | no |\n| 3 | no |",
        "97 is prime.",
        "97 is a prime number.",
        "It is not composite.",
        "If 97 were composite, it would have a divisor below 10.",
        "A composite number has a divisor other than 1 and itself.",
        "A prime number has no divisors but 1 and itself.",
        "91 is composite, but 97 has no such divisor.",
        "2 is prime.",
        "Suppose 97 is composite.",
        "Not every odd number is prime.",
        "Is 97 prime? Yes.",
        "Is it composite? No.",
        "Yes, it is.",
        "It is.",
        "97 is.",
        "Is 97 even? It is not.",
        "Does 7 divide it? It doesn't.",
        "We divide 97 by 7. It doesn't.",
        "Is 97 composite? It is not.",
        "Is it divisible by 3? Not at all.",
        "I agree.",
        "7 times 13 is 91 and 7 times 14 is 98.",
        "97 = 2 * 48 + 1",
        "To be prime it must not be divisible by 2.",
        "The square root of 97 is about 9.8.",
        "It is not even.",
        "It is not a multiple of 3.",
        "Ja, 97 ist eine Primzahl.",
        "Да.",
        "はい",
    ];
    let added: &[&str] = &[
        "There are 3 r's.",
        "There are 3 r's in strawberry.",
        "r occurs 3 times.",
        "It appears 3 times.",
        "There are 3 r's, and adding 4 gives 7.",
        "3 + 4 = 7",
        "3 plus 4 is 7.",
        "First I count 3.",
        "I count 3 r's. Then I add 4.",
        "Adding 4 to 3 makes 7.",
        "I get 3, then 7.",
    ];
    let sums: &[&str] = &[
        "7 + 5 = 12, so I write 2 and carry 1.",
        "10 + 20 = 30 and 7 + 5 = 12.",
        "17 + 20 = 37",
        "37 + 5 = 42",
        "17 + 25 = 42",
        "The sum of 17 and 25 is 42.",
        "25 is 8 more than 17.",
        "Units: 7 + 5 = 12.",
        "30 + 12 = 42",
    ];
    let divisors: &[&str] = &[
        "12 = 2 * 6 and 18 = 3 * 6.",
        "12 = 2 * 2 * 3",
        "18 - 12 = 6",
        "18 mod 12 = 6",
        "The divisors of 12 are 1, 2, 3, 4, 6 and 12.",
        "12 has 6 divisors.",
        "2 divides 12 and 18.",
        "3 is a common divisor as well.",
        "gcd(12, 18) = 6",
        "Both are divisible by 3.",
    ];
    let lengths: &[&str] = &[
        "b, a, n, a, n, a: 6",
        "ba has 2 letters, nana has 4.",
        "It has 3 a's.",
        "a appears 3 times.",
        "There are 3 vowels and 3 consonants.",
    ];
    let words: &[&str] =
        &["The text has 5 words.", "There are 5 words.", "cat: 1", "The word dog appears once."];
    none_of(
        &[
            (letters(), "3", counts),
            (prime(), "yes", primes),
            (steps(), "7", added),
            (sum(), "42", sums),
            (divisor(), "6", divisors),
            (length(), "6", lengths),
            (word(), "2", words),
        ],
        true,
        120,
    );
}

/// A clause behind the label that says of the question what an answer says.
#[test]
fn a_label_may_stand_before_a_clause() {
    let tables: [(Contract, Value, &[&str]); 4] = [
        (
            letters(),
            Value::Int(3),
            &[
                "3 r's",
                "3 r\u{2019}s",
                "3 times",
                "three r's.",
                "**3 r's** ",
                "There are 3 r's",
                "3 r's in strawberry",
                "3 in total",
            ],
        ),
        (
            prime(),
            Value::Bool(true),
            &[
                "prime",
                "97 is prime.",
                "Yes, 97 is prime.",
                "yes, it is a prime number",
                "it is not composite",
            ],
        ),
        (length(), Value::Int(6), &["6 letters", "six letters", "It has 6 letters"]),
        (divisor(), Value::Int(6), &["the gcd is 6"]),
    ];
    for (contract, value, clauses) in &tables {
        for clause in *clauses {
            let stated = extract_under(&format!("Answer: {clause}"), contract).map(det::Answer::to_value);
            assert!(stated.is_some_and(|stated| det::equal(&stated, value)), "{clause}");
        }
    }
    let others: [(Contract, &[&str]); 3] = [
        (
            letters(),
            &[
                "3 apples",
                "3 letters",
                "3 or 4 r's",
                "not 3 r's",
                "3 r's?",
                "3 r's in berry",
                "if 3 r's",
                "\u{663} r's",
                "3 4 r's",
                "3!",
            ],
        ),
        (
            prime(),
            &[
                "yes, 97 is composite",
                "yes, 97 is not prime",
                "yes, but 91 is prime",
                "yes, if 97 is prime",
                "prime?",
                "no, it is prime",
                "91 is prime",
            ],
        ),
        (steps(), &["3 r's", "7 r's"]),
    ];
    for (contract, clauses) in &others {
        for clause in *clauses {
            assert_eq!(extract_under(&format!("Answer: {clause}"), contract), None, "{clause}");
        }
    }
}

/// Each piece, repeated, once took quadratic time: hours at the largest size of a reply. The length changes nothing about
/// what is stated. No time is asserted; with the old reader the test would not end.
#[test]
fn a_long_reply_of_one_piece_is_read_as_a_short_one() {
    let pieces = [
        "yes <>",
        "yes? ",
        "no: ",
        "yes - ",
        "x<",
        "< /",
        "<a",
        "is|",
        "|yes",
        "it is ",
        "4, ",
        "二",
        "prime ",
        "4\n",
        "It is 4.\n",
        "|no|",
        "(",
        "it is not. ",
        "\u{2713} yes ",
        "x yes ",
        "Answer\n",
        "the so ",
    ];
    let (mut read, mut refused) = (0, 0);
    for (contract, answer) in [(letters(), "3"), (prime(), "yes"), (sum(), "42"), (steps(), "7")] {
        for piece in pieces {
            let reply = |times: usize| format!("{}\nAnswer: {answer}", piece.repeat(times));
            let [short, long] =
                [3, (1 << 20) / piece.len()].map(|times| extract_under(&reply(times), &contract));
            assert_eq!(short, long, "{piece:?} under {answer}");
            if long.is_some() { read += 1 } else { refused += 1 }
        }
    }
    assert!(read > 10 && refused > 3, "{read} read, {refused} not");
}
