//! The examples and counter-examples that stand beside the productions.

use super::pattern::Node;
use super::rules::GRAMMAR;
use super::*;

fn shown(prompt: &str) -> String {
    route(prompt).map_or_else(|| "-".to_owned(), |routed| routed.answer.to_string())
}

#[test]
fn every_example_has_its_reading_and_no_counter_example_has_one() {
    for Example { specification, prompt, answer } in examples() {
        let routed = route(prompt);
        let found = routed.as_ref().map(|routed| routed.answer.to_string());
        assert_eq!(found.as_deref(), answer, "{prompt}");
        assert!(routed.is_none_or(|routed| routed.specification == specification), "{prompt}");
    }
}

#[test]
fn every_rule_that_a_production_names_exists() {
    fn visit(node: &Node) {
        match node {
            Node::Rule(name) => GRAMMAR.rule(name).iter().for_each(visit),
            Node::Sequence(parts) | Node::Choice(parts) => parts.iter().for_each(visit),
            Node::Optional(inner) => visit(inner),
            Node::Word(_) | Node::Mark(_) | Node::Operand(_) => {}
        }
    }
    GRAMMAR.whole.iter().for_each(|(_, _, node)| visit(node));
}

#[test]
fn an_operand_that_could_be_mistaken_is_refused_with_the_reason() {
    let refusal = |prompt: &str| match read(prompt) {
        Reading::Refused(refusal) => refusal,
        other => panic!("{prompt}: {other:?}"),
    };
    assert_eq!(refusal("How many о's are in good?"), OperandRefusal::Unlike { found: 'о' });
    assert_eq!(refusal("How many o's are in gооd?"), OperandRefusal::Unlike { found: 'о' });
    assert_eq!(refusal("How many i's are in İstanbul?"), OperandRefusal::Unlike { found: 'İ' });
    assert_eq!(refusal("How many s's are in straße?"), OperandRefusal::Alike { letter: 's', found: 'ß' });
    assert_eq!(refusal("How many e's are in café?"), OperandRefusal::Alike { letter: 'e', found: 'é' });
    assert_eq!(shown("How many é's are in résumé?"), "letter_count(résumé, é)");
    assert_eq!(shown("How many r's are in résumé?"), "letter_count(résumé, r)");
}

#[test]
fn the_reading_is_told_in_words() {
    let reading = |prompt: &str| route(prompt).expect(prompt).reading;
    assert_eq!(
        reading("How many R's are in strawberry? Add 4."),
        "the letter r in \"strawberry\", counted, plus 4"
    );
    assert_eq!(reading("gcd(12, 18)"), "the greatest common divisor of 12 and 18");
    assert_eq!(reading("Subtract 1 from 3."), "3 minus 1");
}
