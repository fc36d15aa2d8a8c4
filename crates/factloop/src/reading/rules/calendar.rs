//! Dates and years of the Gregorian calendar.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

pub(super) const WEEKDAY: Rules = Rules {
    specification: Specification::Weekday,
    fact: None,
    productions: &[
        production(
            "(what|which) (day of the week|weekday) (is|was|will be) @date",
            "day_of_week(date)",
            "the day of the week of {date} in the Gregorian calendar",
        ),
        production(
            "on (what|which) (day of the week|weekday) (does|did|will) @date fall",
            "day_of_week(date)",
            "the day of the week of {date} in the Gregorian calendar",
        ),
        production(
            "[<asks_value>] the (day of the week|weekday) of @date",
            "day_of_week(date)",
            "the day of the week of {date} in the Gregorian calendar",
        ),
    ],
    examples: &[
        ("What day of the week is 2024-02-29?", "day_of_week(2024-02-29)"),
        ("Which day of the week was 20 July 1969?", "day_of_week(1969-07-20)"),
        ("On what day of the week does 25 December 2030 fall?", "day_of_week(2030-12-25)"),
    ],
    counter_examples: &[
        "What day is 2024-02-29?",
        "What day of the week is 2023-02-29?",
        "What day of the week is 02/03/2024?",
        "What day of the week was 29 February?",
        "What day of the week is 2024-02-29 not?",
        "What day of the week is the day after 2024-02-29?",
        "What day of the week was 4 July 1066?",
        "What day of the week is 2024-2-29?",
        "What day of the week is February 29 2024?",
        "What day of the week is 29 February 24?",
        "What day of the week is 2024-02-29 or 2024-03-01?",
        "What day of the year is 2024-02-29?",
        "What day of the week is today?",
        "What day of the week is 2024-13-01?",
    ],
};

pub(super) const LEAP_YEAR: Rules = Rules {
    specification: Specification::LeapYear,
    fact: None,
    productions: &[
        production(
            "(is|was) [the year] @a a leap year [or not|<one_of_two>]",
            "is_leap_year(a)",
            "whether {a} is a leap year of the Gregorian calendar",
        ),
        production(
            "will [the year] @a be a leap year",
            "is_leap_year(a)",
            "whether {a} is a leap year of the Gregorian calendar",
        ),
        production(
            "is it true that [the year] @a (is|was) a leap year",
            "is_leap_year(a)",
            "whether {a} is a leap year of the Gregorian calendar",
        ),
        production(
            "<asks_clause> <whether> [the year] @a (is|was) a leap year [or not]",
            "is_leap_year(a)",
            "whether {a} is a leap year of the Gregorian calendar",
        ),
    ],
    examples: &[
        ("Is 2024 a leap year?", "is_leap_year(2024)"),
        ("Was 1900 a leap year?", "is_leap_year(1900)"),
        ("Will 2100 be a leap year?", "is_leap_year(2100)"),
        ("Tell me if the year 2000 was a leap year.", "is_leap_year(2000)"),
    ],
    counter_examples: &[
        "Is 2024 not a leap year?",
        "Wasn't 1900 a leap year?",
        "Was 1500 a leap year?",
        "Is 24 a leap year?",
        "Is 2024 or 2028 a leap year?",
        "Is this year a leap year?",
        "Is 2024 a leap year in the Julian calendar?",
        "Is 2024 a leap second year?",
        "Is 2024 the next leap year?",
        "Was 400 BC a leap year?",
        "Is 2024 a leap year and a century?",
        "Is -2024 a leap year?",
        "Is 2024 a leap day?",
    ],
};

pub(super) const DAYS_APART: Rules = Rules {
    specification: Specification::DaysApart,
    fact: None,
    productions: &[
        production(
            "how many days after @from is @to",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
        production(
            "how many days before @to is @from",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
        production(
            "how many days apart are @from and @to",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
        production(
            "how many days apart are @to and @from",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
        production(
            "how many days (pass|passed|will pass) from @from to @to",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
        production(
            "[<asks_value>] the difference in days between @from and @to",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
        production(
            "[<asks_value>] the difference in days between @to and @from",
            "days_between(from, to)",
            "the days from {from} to {to}",
        ),
    ],
    examples: &[
        ("How many days after 2024-02-28 is 2024-03-01?", "days_between(2024-02-28, 2024-03-01)"),
        ("How many days before 25 December 2024 is 1 December 2024?", "days_between(2024-12-01, 2024-12-25)"),
        ("How many days apart are 2024-03-01 and 2024-02-28?", "days_between(2024-02-28, 2024-03-01)"),
        (
            "What is the difference in days between 2000-01-01 and 2024-01-01?",
            "days_between(2000-01-01, 2024-01-01)",
        ),
    ],
    counter_examples: &[
        "How many days are between 2024-02-28 and 2024-03-01?",
        "How many days are there from 2024-02-28 to 2024-03-01?",
        "How many days after 2024-03-01 is 2024-02-28?",
        "How many days before 2024-02-28 is 2024-03-01?",
        "How many business days after 2024-02-28 is 2024-03-01?",
        "How many weeks apart are 2024-02-28 and 2024-03-01?",
        "How many days apart are 2024-02-30 and 2024-03-01?",
        "How many days apart are 02/03/2024 and 03/03/2024?",
        "How many days after 2024-02-28 is Easter?",
        "How many days apart are 2024-02-28 or 2024-03-01?",
        "How many days are left until 2024-03-01?",
        "How many days after 2024-02-28 is not 2024-03-01?",
    ],
};

pub(super) const DATE_LATER: Rules = Rules {
    specification: Specification::DateLater,
    fact: None,
    productions: &[
        production(
            "(what|which) date (is|was) @a days after @date",
            "add_days(date, a)",
            "the date {a} days after {date}",
        ),
        production(
            "(what|which) date (is|was) @a days before @date",
            "add_days(date, subtract(0, a))",
            "the date {a} days before {date}",
        ),
        production(
            "[<asks_value>] the date @a days after @date",
            "add_days(date, a)",
            "the date {a} days after {date}",
        ),
        production(
            "[<asks_value>] the date @a days before @date",
            "add_days(date, subtract(0, a))",
            "the date {a} days before {date}",
        ),
    ],
    examples: &[
        ("What date is 30 days after 2024-02-28?", "add_days(2024-02-28, 30)"),
        ("Which date was 10 days before 5 March 2024?", "add_days(2024-03-05, subtract(0, 10))"),
        ("What is the date 100 days after 1 January 2024?", "add_days(2024-01-01, 100)"),
    ],
    counter_examples: &[
        "What date is 30 business days after 2024-02-28?",
        "What date is 30 days from 2024-02-28?",
        "What date is 30 days after today?",
        "What date is 3 months after 2024-02-28?",
        "What date is -3 days after 2024-02-28?",
        "What date is 30 days after 2023-02-29?",
        "What date is 30 or 31 days after 2024-02-28?",
        "What date is more than 30 days after 2024-02-28?",
        "What date is 30 days after 02/03/2024?",
        "What date is 2.5 days after 2024-02-28?",
    ],
};
