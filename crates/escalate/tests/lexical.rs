//! The lexical look-up: which functions of a catalogue are found for a description, and how many are tried.

use abi::Value;
use escalate::{
    Action, Candidate, Catalogue, CatalogueEntry, GovernedProposal, LookUpSpending, ROUTE_THRESHOLD, Tier,
};
use kpolicy::{Note, Policy, Settings, Unit, UsedSignal};

fn entry(name: &str, description: &str, signature: &str, tier: Tier) -> CatalogueEntry {
    let [name, description, signature] = [name, description, signature].map(str::to_owned);
    CatalogueEntry { name, description, signature, tier }
}

fn catalogue() -> Catalogue {
    Catalogue::new([
        entry("gcd", "The greatest common divisor of two integers.", "gcd(a, b) -> int", Tier::Proven),
        entry("popcount", "The number of one bits of an integer.", "popcount(n) -> int", Tier::Proven),
        entry(
            "count_byte",
            "Count how often a byte occurs in the data.",
            "count_byte(data, byte) -> int",
            Tier::Proven,
        ),
        entry(
            "count_char",
            "Count how often a character occurs in the data.",
            "count_char(data, char) -> int",
            Tier::Proven,
        ),
        entry("datetime", "The date and the time of this machine.", "datetime() -> text", Tier::Checked),
    ])
}

const GCD: (&str, &str) = ("gcd", "Return the greatest common divisor of two integers.");
/// Two functions of the catalogue are about equally near to this one.
const RACE: (&str, &str) = ("count_letter", "Count how often a letter occurs in the data.");
const GIBBERISH: (&str, &str) = ("zzyzx", "Frobnicate xyzzy plugh quux.");

fn unit(number: f64) -> Unit {
    Unit::new(number).expect("a share")
}

fn policy(k_min: u32) -> Policy {
    Policy::new(Settings { k_min, ..Settings::REFERENCE }).expect("within the limits")
}

fn idle() -> LookUpSpending {
    LookUpSpending { importance: Unit::ONE, ..LookUpSpending::reference() }
}

fn governed<'a>(
    catalogue: &'a Catalogue,
    k_min: u32,
    (entry, text): (&str, &str),
    spending: &LookUpSpending,
) -> GovernedProposal<'a> {
    catalogue.governed_propose(&policy(k_min), entry, text, spending)
}

fn names<'a>(candidates: &[Candidate<'a>]) -> Vec<&'a str> {
    candidates.iter().map(|candidate| candidate.entry.name.as_str()).collect()
}

#[test]
fn a_clear_winner_is_routed_alone() {
    let catalogue = catalogue();
    let found = governed(&catalogue, 1, GCD, &idle());
    assert_eq!((found.action(), found.k()), (Action::Route, 1));
    assert_eq!(names(&found.candidates), ["gcd"]);
    let spent = found.audit.spent.as_ref().expect("a decision");
    assert!(spent.uncertainty < Unit::HALF, "{spent:?}");
    assert_eq!((spent.decision.k, spent.decision.used_signal), (1, UsedSignal::ThinDefault));
    assert!(found.audit.to_string().starts_with("the best score is 1.000 and leads by"), "{}", found.audit);
}

#[test]
fn a_close_race_tries_several() {
    let catalogue = catalogue();
    let found = governed(&catalogue, 1, RACE, &idle());
    let spent = found.audit.spent.as_ref().expect("a decision");
    assert!(spent.margin.get() < 0.2 && spent.uncertainty > Unit::HALF, "{spent:?}");
    assert_eq!(found.action(), Action::Route);
    assert!(found.k() > 1 && found.k() == found.candidates.len(), "{found:?}");
    assert_eq!(spent.decision.used_signal, UsedSignal::IndependentDisagreement);
    assert!(found.audit.to_string().contains("independent_disagreement"), "{}", found.audit);
    // There are never more candidates than entries that share a word with the query.
    let spending = LookUpSpending { top_n: 2, ..idle() };
    assert_eq!(governed(&catalogue, 4, RACE, &spending).k(), 2);
}

#[test]
fn gibberish_is_to_be_written() {
    let catalogue = catalogue();
    let found = governed(&catalogue, 1, GIBBERISH, &idle());
    assert_eq!((found.action(), found.k()), (Action::Synthesize, 0));
    assert!(found.candidates.is_empty() && found.audit.spent.is_none());
    assert!(found.audit.best < found.audit.floor, "{:?}", found.audit);
    assert!(found.audit.to_string().contains("below the floor of 0.550"), "{}", found.audit);
    // A floor of 0 makes no candidate of an entry that shares nothing.
    let empty = Catalogue::new([]);
    let spending = LookUpSpending { floor: Unit::ZERO, ..idle() };
    assert_eq!(governed(&empty, 1, GCD, &spending).action(), Action::Synthesize);
}

#[test]
fn no_candidate_is_below_the_floor() {
    let catalogue = catalogue();
    let free = governed(&catalogue, 4, RACE, &idle());
    let scores: Vec<Unit> = free.candidates.iter().map(|candidate| candidate.score).collect();
    assert!(scores.iter().all(|score| *score >= unit(ROUTE_THRESHOLD)), "{scores:?}");
    // The policy admits every entry of the race, and the floor decides.
    let spending = LookUpSpending { floor: scores[0], ..idle() };
    let best = governed(&catalogue, 4, RACE, &spending);
    assert!(
        !best.candidates.is_empty() && best.candidates.iter().all(|one| one.score >= scores[0]),
        "{best:?}"
    );
    let low = governed(&catalogue, 4, RACE, &LookUpSpending { floor: Unit::ZERO, ..idle() });
    assert!(low.k() > free.k(), "{low:?}");
}

#[test]
fn a_busy_machine_tries_one() {
    let catalogue = catalogue();
    let idle_k = governed(&catalogue, 0, RACE, &idle()).k();
    let found = governed(&catalogue, 0, RACE, &LookUpSpending { cost: Unit::ONE, ..idle() });
    let spent = found.audit.spent.as_ref().expect("a decision");
    assert_eq!((found.action(), found.k(), spent.decision.k), (Action::Route, 1, 0));
    assert!(found.k() < idle_k, "{idle_k}");
    assert!(found.audit.to_string().contains("cost_braked"), "{}", found.audit);
}

#[test]
fn a_budget_limits_what_is_tried_and_not_what_was_decided() {
    let catalogue = catalogue();
    let free = governed(&catalogue, 1, RACE, &idle());
    let free = free.audit.spent.expect("a decision").decision.k;
    for (budget, k, note) in
        [(Some(2.0), 2, Note::BudgetClamped), (Some(0.0), 1, Note::BudgetExhausted), (Some(9.0), 2, Note::Ok)]
    {
        let found = governed(&catalogue, 1, RACE, &LookUpSpending { budget, top_n: 2, ..idle() });
        let spent = found.audit.spent.as_ref().expect("a decision");
        assert_eq!((found.action(), spent.decision.k, found.k()), (Action::Route, free, k), "{budget:?}");
        let charge = spent.charge.as_ref().expect("no check is mandatory");
        assert_eq!(charge.note, note);
        assert!(found.audit.to_string().contains(note.word()), "{}", found.audit);
    }
    assert!(free > 2, "{free}");
}

/// Runs the functions that count bytes and characters. The tool gives the same results as the second one.
fn call(name: &str, arguments: &[Value]) -> Option<Value> {
    let [Value::Text(data), Value::Text(wanted)] = arguments else { return None };
    let count = match name {
        "count_byte" => data.bytes().filter(|byte| wanted.as_bytes().contains(byte)).count(),
        "count_char" | "datetime" => data.chars().filter(|char| wanted.contains(*char)).count(),
        _ => return None,
    };
    i64::try_from(count).ok().map(Value::Int)
}

fn case(data: &str, wanted: &str, returns: i64) -> (Vec<Value>, Value) {
    (vec![Value::text(data), Value::text(wanted)], Value::Int(returns))
}

#[test]
fn the_cases_tell_the_right_candidate_from_the_wrong_one() {
    let catalogue = catalogue();
    let found = governed(&catalogue, 1, RACE, &idle());
    let found = names(&found.candidates);
    assert!(found.contains(&"count_byte") && found.contains(&"count_char"), "{found:?}");
    // The wrong one is right about the first case.
    let cases = [case("banana", "a", 3), case("\u{e9}\u{e8}", "\u{e9}", 1)];
    assert!(catalogue.validate_proven("count_byte", &cases[..1], call));
    assert!(!catalogue.validate_proven("count_byte", &cases, call));
    assert!(catalogue.validate_proven("count_char", &cases, call));
    assert!(!catalogue.validate_proven("count_char", &[], call), "without cases nothing is shown");
    // Neither a tool, nor a function without a result, nor one that nobody offers is proven.
    for name in ["datetime", "gcd", "absent"] {
        assert!(!catalogue.validate_proven(name, &cases, call), "{name}");
    }
}

#[test]
fn a_score_is_the_sum_of_its_parts() {
    let lone =
        |name, description, signature| Catalogue::new([entry(name, description, signature, Tier::Proven)]);
    let table = [
        // The name is the same and in the query, and so is every word: 0.4 + 0.6 + 0.2 is more than 1.
        (lone("gcd", "divisor", ""), "gcd", "divisor", 1.0),
        // Half of two words, and no name: 0.6 / 2.
        (lone("", "greatest divisor", ""), "", "least divisor", 0.3),
        // The one word of the smaller side, in the signature: 0.6.
        (lone("", "", "divisor(ab, cd)"), "", "divisor", 0.6),
        // An entry without words shares nothing.
        (lone("", "", ""), "gcd", "divisor", 0.0),
        // One token of two names: 0.4 * 6 / 10 + 0.6 + 0.2 is more than 1.
        (lone("gcd_lcm", "", ""), "gcd", "", 1.0),
        // `abcd` and `abxcd` match in 4 of 9 characters, and in no token.
        (lone("abxcd", "", ""), "abcd", "", 0.4 * 8.0 / 9.0),
    ];
    for (number, (catalogue, entry, text, expected)) in table.into_iter().enumerate() {
        let score = catalogue.propose(entry, text, 1).first().map_or(0.0, |candidate| candidate.score.get());
        assert!((score - expected).abs() < 1e-12, "{number}: {score} {expected}");
    }
}

#[test]
fn the_best_match_reaches_the_threshold() {
    let catalogue = catalogue();
    let best =
        |(entry, text): (&str, &str)| catalogue.best_match(entry, text).map(|found| found.entry.name.clone());
    assert_eq!(best(GCD).as_deref(), Some("gcd"));
    assert_eq!(best(("greatestCommonDivisor", "of two integers")).as_deref(), Some("gcd"));
    assert_eq!(best(GIBBERISH), None);
    let weak =
        catalogue.propose("tell_date", "Say what day of the year an unknown letter was written on.", 1);
    assert!(weak[0].score.get() < ROUTE_THRESHOLD, "{weak:?}");
    assert_eq!(best(("tell_date", "Say what day of the year an unknown letter was written on.")), None);
}

#[test]
fn equal_scores_stand_in_the_order_of_their_names() {
    let twin = |name: &str| entry(name, "Turn a text around.", "", Tier::Proven);
    let names_of = |order: [&str; 3]| {
        let catalogue = Catalogue::new(order.map(twin));
        names(&catalogue.propose("", "turn text around", 5))
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for order in [["aa", "bb", "cc"], ["cc", "aa", "bb"], ["bb", "cc", "aa"]] {
        assert_eq!(names_of(order), ["aa", "bb", "cc"]);
    }
}

/// A text of a megabyte is read once, however many entries there are, and a name of that length is cut before it is
/// compared.
#[test]
fn a_long_text_is_read_once() {
    let long: String = (0..150_000).map(|word| format!("word{word} ")).collect();
    let name = "ab".repeat(500_000);
    let entries = (0..2_000).map(|number| {
        let description = format!("word{number} is wanted");
        entry(&format!("entry{number}"), &description, "", Tier::Proven)
    });
    let catalogue = Catalogue::new(entries.chain([entry(&name, "", "", Tier::Proven)]));
    let found = catalogue.propose(&name, &long, 3);
    assert_eq!((found.len(), found[0].score), (3, Unit::ONE));
    assert_eq!(found[0].entry.name.len(), name.len());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn some_entry() -> impl Strategy<Value = CatalogueEntry> {
        let words = || "[a-c_ A-C]{0,10}|\\PC{0,6}";
        (words(), words(), words(), any::<bool>()).prop_map(|(name, description, signature, is_proven)| {
            entry(&name, &description, &signature, if is_proven { Tier::Proven } else { Tier::Checked })
        })
    }

    proptest! {
        #[test]
        fn scores_are_shares_in_descending_order_and_independent_of_the_catalogues_order(
            entries in prop::collection::vec(some_entry(), 0..8),
            turned in 0..8_usize,
            (wanted, text) in ("[a-c_ A-C]{0,10}|\\PC{0,6}", "[a-c_ A-C]{0,20}|\\PC{0,9}"),
            top_k in 0..9_usize,
        ) {
            let catalogue = Catalogue::new(entries.clone());
            let found = catalogue.propose(&wanted, &text, top_k);
            prop_assert!(found.len() <= top_k.min(entries.len()));
            for candidate in &found {
                prop_assert!(candidate.score > Unit::ZERO && candidate.score <= Unit::ONE);
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].score >= pair[1].score);
                if pair[0].score == pair[1].score {
                    prop_assert!(pair[0].entry <= pair[1].entry);
                }
            }
            let mut other = entries;
            other.reverse();
            let place = turned.min(other.len());
            other.rotate_left(place);
            let other = Catalogue::new(other);
            prop_assert_eq!(other.propose(&wanted, &text, top_k), found);
        }

        #[test]
        fn a_governed_look_up_is_a_beginning_of_the_ranking(
            entries in prop::collection::vec(some_entry(), 0..8),
            (wanted, text) in ("[a-c_]{0,10}", "[a-c_ ]{0,20}"),
            (floor, cost, importance) in (0.0..=1.0, 0.0..=1.0, 0.0..=1.0),
            budget in prop::option::of(-1.0..9.0),
            (k_min, top_n) in (0..3_u32, 0..9_usize),
        ) {
            let catalogue = Catalogue::new(entries);
            let (floor, cost, importance) = (unit(floor), unit(cost), unit(importance));
            let spending = LookUpSpending { floor, top_n, importance, cost, budget, mode: kpolicy::Mode::Reference };
            let found = governed(&catalogue, k_min, (&wanted, &text), &spending);
            let ranked = catalogue.propose(&wanted, &text, top_n);
            prop_assert_eq!(&found.candidates[..], &ranked[..found.k()]);
            let reaches = ranked.first().is_some_and(|best| best.score >= floor);
            prop_assert_eq!(found.action() == Action::Route, reaches);
            prop_assert_eq!(found.audit.spent.is_some(), reaches);
            prop_assert!(!found.audit.to_string().contains("NaN"));
        }
    }
}
