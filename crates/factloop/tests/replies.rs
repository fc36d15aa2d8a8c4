//! Whole replies to whole questions: those with a second statement state none, and ordinary ones are read.

use det::{Answer, extract_under};
use factloop::route;

const HOSTILE: &str = include_str!("data/hostile_replies.tsv");
const BENIGN: &str = include_str!("data/benign_replies.tsv");

/// The ordinary replies that are known to be refused: their working says what the reader does not compute.
const MOST_REFUSED: usize = 17;

/// A line of a table: the question, its right answer, and a reply.
struct Case {
    kind: &'static str,
    question: &'static str,
    right: &'static str,
    reply: String,
}

fn cases(table: &'static str) -> Vec<Case> {
    let case = |line: &'static str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, question, right, reply] = fields[..] else { panic!("four fields: {line}") };
        Case { kind, question, right, reply: reply.replace("\\n", "\n") }
    };
    table.lines().filter(|line| !line.starts_with('#')).map(case).collect()
}

/// Returns what the reader takes from a reply, in words.
fn read(case: &Case) -> Option<String> {
    let Some(routed) = route(case.question) else {
        println!("UNROUTED\t{}", case.question);
        return None;
    };
    extract_under(&case.reply, &routed.contract).map(|answer| match answer {
        Answer::YesNo(true) => "yes".to_owned(),
        Answer::YesNo(false) => "no".to_owned(),
        Answer::Integer(int) => int.to_string(),
        answer => format!("{:?}", answer.to_value()),
    })
}

#[test]
fn replies_with_a_second_statement_are_not_read_as_right() {
    let unseen: Vec<String> = (cases(HOSTILE).iter())
        .filter(|case| read(case).as_deref() == Some(case.right))
        .map(|case| format!("{} · {} · {:?}", case.kind, case.question, case.reply))
        .collect();
    assert!(unseen.is_empty(), "{} unseen:\n{}", unseen.len(), unseen.join("\n"));
}

#[test]
fn ordinary_replies_are_read() {
    let (mut refused, mut seen) = (Vec::new(), 0);
    let all = cases(BENIGN);
    for case in &all {
        match read(case) {
            Some(answer) => {
                assert_eq!(answer, case.right, "{} · {:?}", case.question, case.reply);
                seen += 1;
            }
            None => refused.push(format!("{} · {:?}", case.question, case.reply)),
        }
    }
    println!("ordinary replies: {seen} of {} are read", all.len());
    assert!(refused.len() <= MOST_REFUSED, "{} refused:\n{}", refused.len(), refused.join("\n"));
}
