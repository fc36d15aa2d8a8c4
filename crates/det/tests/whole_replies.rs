//! Replies without a label, which are one statement of the answer as a whole.

mod questions;

use det::{Answer, Contract, extract_under};

fn check(contract: &Contract, table: &[(&str, Option<i64>)]) {
    for (reply, expected) in table {
        assert_eq!(extract_under(reply, contract), expected.map(Answer::Integer), "{reply:?}");
    }
}

#[test]
fn a_sentence_or_an_equation_states_its_value() {
    check(
        &questions::sum(),
        &[
            ("17 + 25 = 42", Some(42)),
            ("17 + 25 = **42**.", Some(42)),
            ("$17 + 25 = 42$", Some(42)),
            ("25 + 17 = 42", Some(42)),
            ("17 plus 25 equals 42.", Some(42)),
            ("So 17 plus 25 is 42.", Some(42)),
            ("17 plus 25 is equal to 42.", Some(42)),
            ("The sum of 17 and 25 is 42.", Some(42)),
            ("Adding 17 and 25 gives **42**.", Some(42)),
            ("Sure! The result is 42.", Some(42)),
            ("Certainly, the answer is **42**.", Some(42)),
            ("The answer is **42**.", Some(42)),
            ("Okay, 42", Some(42)),
            // A wrong value is stated too; the judgement finds that.
            ("17 + 25 = 43", Some(43)),
            // Two values, another question, or words that say more.
            ("It is 42, not 43.", None),
            ("It is 43, not 42.", None),
            ("17 + 25 = 42 = 43", None),
            ("17 + 25 = 42, or 43", None),
            ("42 + 25 = 17", None),
            ("17 - 25 = 42", None),
            ("17 * 25 = 42", None),
            ("17 + 25 + 1 = 42", None),
            ("17 + 20 = 42", None),
            ("17 and 25 is 42", None),
            ("17 + 25 is not 42", None),
            ("17 + 25 is about 42", None),
            ("17 + 25 = 42?", None),
            ("If 17 + 25 = 42", None),
            ("17 + 25 = 42!", None),
            ("The difference of 17 and 25 is 42.", None),
            ("Sure, 42 or 43", None),
            ("Sure 42", None),
            ("Sorry, 42", None),
            ("Wait, 42", None),
            ("So what, 42", None),
            ("17 + 25 = ~42", None),
        ],
    );
    check(
        &questions::divisor(),
        &[
            ("The gcd of 12 and 18 is 6.", Some(6)),
            ("gcd(12, 18) = 6", Some(6)),
            ("The greatest common divisor of 12 and 18 is **6**.", Some(6)),
            ("A common divisor of 12 and 18 is 6.", None),
            ("12, 18 = 6", None),
        ],
    );
    check(
        &questions::letters(),
        &[
            ("Sure! There are 3 r's in strawberry.", Some(3)),
            ("2 + 1 = 3", None),
            ("There are 2 and 1 = 3 r's.", None),
        ],
    );
    check(&questions::steps(), &[("3 + 4 = 7", None), ("Sure! 7", Some(7))]);
}
