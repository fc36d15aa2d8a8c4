use abi::{JobId, Origin, Proposal, TaskId, Value};
use det::{Contract, Finding, Form, Outcome, Validators, XmlError, judge};

use super::text;

/// Checks an XML document against another parser. A document that `det` accepts must be accepted by the other
/// parser, and must be refused if it is written twice in a row. A document that only the other parser accepts
/// must be refused for one of the stated reasons.
pub(super) fn xml(bytes: &[u8]) {
    let text = text(bytes);
    let is_accepted_by_other = roxmltree::Document::parse(&text).is_ok();
    match fault(&text) {
        None => {
            // The prefix `xml` is declared without saying so, for elements too; the other parser refuses it there.
            assert!(is_accepted_by_other || text.contains("<xml:"), "accepted, and is no XML");
            assert!(fault(&format!("{text}{text}")).is_some(), "two documents are accepted as one");
        }
        Some(error) => {
            assert!((1..=text.matches('\n').count() + 1).contains(&error.line), "{error}");
            assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{error}");
            assert!(
                !is_accepted_by_other || is_ours_alone(&text, error.what),
                "refused, and is XML: {error}"
            );
        }
    }
}

/// Returns true for a fault that the other parser lets pass. Of the attributes that come twice it lets the
/// declaration of the default namespace pass.
fn is_ours_alone(text: &str, what: &str) -> bool {
    OURS_ALONE.contains(&what) || (what == "an attribute comes twice" && text.matches("xmlns").count() > 1)
}

/// The faults that the other parser lets pass.
const OURS_ALONE: [&str; 9] = [
    "the XML declaration is malformed here",
    "the number stands for no character of XML",
    "a colon stands between a prefix and a name, and nowhere else",
    "a prefix stands for no namespace",
    "a document type or another declaration is not allowed",
    "white space follows the target of an instruction",
    "an XML declaration stands at the start and nowhere else",
    "elements nest more than 256 deep",
    "an element has more than 256 attributes",
];

/// Returns the fault that a judgement finds in a document; `None` if it finds none.
fn fault(text: &str) -> Option<XmlError> {
    let subject = Proposal { value: Value::text(text), origin: Origin::User };
    let task = TaskId { job: JobId(1), number: 0 };
    let contract = Contract::from_form(Form::Xml);
    let judged =
        judge(&Validators::builtin(), task, &contract, Vec::new(), subject).expect("text is shallow");
    match judged.verdict().outcome() {
        Outcome::Satisfied => None,
        Outcome::Refuted(Finding::NotXml(error)) => Some(*error),
        Outcome::Refuted(Finding::Blank) => Some(XmlError { line: 1, column: 1, what: "the reply is blank" }),
        Outcome::Refuted(other) => panic!("{other}"),
    }
}
