//! Places of documents in replies, and replies that state several documents.

use super::{Document, document};

#[test]
fn a_document_is_found_where_replies_put_it() {
    let table = [
        (" {\"a\": 1}\n", "{\"a\": 1}"),
        ("Here it is:\n```json\n{\"a\": [1]}\n```\nDone.", "{\"a\": [1]}"),
        ("Here it is: ```json\n{\"a\": [1]}\n```", "{\"a\": [1]}"),
        ("```json {\"a\": [1]}```", "{\"a\": [1]}"),
        ("~~~\n{\"a\": \"```\"}\n~~~", "{\"a\": \"```\"}"),
        ("````json\n{\"a\": \"```\"}\n````", "{\"a\": \"```\"}"),
        ("```json\n{\"a\": 1}", "{\"a\": 1}"),
        ("```python\nprint({\"b\": 2})\n```\nprints\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("As [1] says:\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("```json\n{\"a\": 1}\n```\nor, in one line, {\"a\":1}", "{\"a\": 1}"),
        ("```\n5\n```", "5"),
        ("Sure: {\"a\": \"}\"} and so on.", "{\"a\": \"}\"}"),
        ("{\"a\": 1}, that is {\"a\":1.0}", "{\"a\": 1}"),
        ("{a} means {\"a\": 1}", "{\"a\": 1}"),
        ("\"a [b] c\"", "\"a [b] c\""),
        (" 5\n", "5"),
        ("the list [1, 2] it is", "[1, 2]"),
        ("{\"a\": 1}\nNote: a is the count. No other member is wanted.", "{\"a\": 1}"),
        ("Wait, I count again: {\"a\": 1}", "{\"a\": 1}"),
        ("From\n```yaml\na: 1\n```\nfollows\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("As in\n```json\n{\"a\": ...}\n```\nit is\n```json\n{\"a\": 1}\n```\nIt waits.", "{\"a\": 1}"),
        ("```json\n{\"a\": 1}\n```\n```python\nwait = 2\n```", "{\"a\": 1}"),
        ("Here is the number.\n```json\n3\n```\nIt is 3.", "3"),
        ("{\"a\": [\n1,\n2\n]}\nThat is it.", "{\"a\": [\n1,\n2\n]}"),
        // A looser notation that says the same, and one that says nothing of the members.
        ("{\"a\": 1}, which is {a: 1} in short", "{\"a\": 1}"),
        ("{\"a\": 1}\n<a>1</a>", "{\"a\": 1}"),
        ("{\"a\": 1}\n- a: the count of r's", "{\"a\": 1}"),
        ("{\"a\": 1}\nb: 2", "{\"a\": 1}"),
        ("The set {x | x > 2} gives {\"a\": 1}", "{\"a\": 1}"),
        ("```js\nconst result = {a: 1};\n```\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("```python\na = 4\nprint({'a': a})\n```\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("```js\nfunction f(x) {a: 4}\n```\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        // What the reply calls an example is not its answer, if another document follows.
        ("For example:\n```json\n{\"a\": 2}\n```\nThe answer:\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("An example of the form: `{\"a\": 2}`.\n\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("A document such as {\"b\": 2} would not do: {\"a\": 1}", "{\"a\": 1}"),
        ("A list, e.g. [1, 2], is another thing.\n{\"a\": 1}", "{\"a\": 1}"),
        ("**Example**\n\n```\n[1]\n```\n**Answer**\n\n```\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("Here is an example: {\"a\": 1}", "{\"a\": 1}"),
        // These are no JSON, and the judgement says so.
        ("```json\n{\"a\": }\n```", "{\"a\": }"),
        ("so {a} it is", "{a}"),
    ];
    for (reply, stated) in table {
        assert_eq!(document(reply), Document::Stated(stated), "{reply:?}");
    }
}

/// Each piece, repeated, once took quadratic time: hours at the largest size of a reply. The length changes nothing
/// about what is stated. No time is asserted; with the old search the test would not end.
#[test]
fn a_long_reply_of_one_piece_states_what_a_short_one_does() {
    let pieces = [
        "```\n```\n",
        "~~~\n~~~\n",
        "```a```",
        "``` ",
        "{} ",
        "{ ",
        "[1] ",
        "} ",
        "\"{",
        "`",
        "````\n```\n",
        "```\nx\n```\n",
        "{a: 4",
        "{a: 1} ",
        "<b>",
        "<b>1</b>",
        "b: 4\n",
        "{'",
    ];
    let block = "\n```json\n{\"a\": 1}\n```";
    let mut stated = 0;
    for piece in pieces {
        // Both numbers are odd, because fences and quotation marks come in pairs.
        let (short, long) = (piece.repeat(3) + block, piece.repeat(((1 << 20) / piece.len()) | 1) + block);
        match (document(&short), document(&long)) {
            (Document::Stated(short), Document::Stated(long)) if short == "{\"a\": 1}" => {
                assert_eq!(long, short, "{piece:?}");
                stated += 1;
            }
            (Document::Stated(_), Document::Stated(_)) => {}
            (short, long) => assert_eq!(short, long, "{piece:?}"),
        }
    }
    assert!(stated > 3, "{stated}");
}

#[test]
fn documents_that_differ_state_none() {
    for reply in [
        "{\"a\": 1} {\"b\": 2}",
        "For example {\"a\": 1}. Another example: {\"a\": 2}",
        "{\"a\": 1}\nFor example:\n{\"a\": 2}",
        "For example, not this: {\"a\": 3}. It is {\"a\": 1}\nor {\"a\": 2}",
        "It is not {\"a\": 1}. It is {\"a\": 2}.",
        "{\"a\": 1}\n```\n{\"a\": 2}\n```",
        "```\n{\"a\": 2}\n```\nno, {\"a\": 1}",
        "```\n{}\n```\n```\n[]\n```",
        "```json\n{\"a\": 1}\n```\nBetter:\n```json\n{\"a\": 2}\n```",
        "{\"a\": 1} or {\"a\": ",
        "[1] says {\"a\": 1}",
        "{\"a\": 1}\nCorrection: a is 2",
        "{\"a\": 1}. Wait, a is 2.",
        "{\"a\": 1}\n\n**Actually**, it is 2.",
        "{\"a\": 1}\n- No: 2",
        "{\"a\": 1}\nOn second thought, a should be 2.",
        "{\"a\": 1}\n5",
        "\"x\"\n{\"a\": 1}",
        "```json\n{\"a\": 1}\n```\nSorry, a is 2.",
        "```json\n{\"a\": 1}\n```\n```yaml\na: 2\n```",
        "```json\n{\"a\": 1}\n```\n```json\n{\"a\": 2,}\n```",
        "```json\n{\"a\": 1}\n```\n```python\nf()\n```\nOops, 2.",
        "```json\n3\n```\nNo: it is 4",
        "```json\n3\n```\nIt is 4.",
        "It is 4.\n```json\n3\n```",
        "```json\n3\n```\n4",
        "```json\ntrue\n```\nIt is false.",
        "```json\n\"a\"\n```\n\"b\"",
        // The same in looser notations.
        "{\"a\": 3}\n{a: 4}",
        "{a: 4}\n{\"a\": 3}",
        "{'a': 4} {\"a\": 3}",
        "{\"a\": 3} or {\"a\": 4,}",
        "{\"a\": 3} {a = 4}",
        "{\"a\": 3} {a: 3, b: 1}",
        "{\"a\": 3}\n{a: 4",
        "{\"a\": 3}\n{'a': 4",
        "{\"a\": 3}\n<a>4</a>",
        "<r><a>4</a></r> {\"a\": 3}",
        "{\"a\": 3}\na: 4",
        "{\"a\": 3}\n- **a** = 4",
        "[1, 2] and [1, 3,]",
        "```json\n{\"a\": 3}\n```\n{a: 4}",
        "{a: 4}\n```json\n{\"a\": 3}\n```",
        "```json\n{\"a\": 3}\n```\n{'a': 4}",
        "```json\n{\"a\": 3}\n```\n<a>4</a>",
        "```json\n{\"a\": 3}\n```\na: 4",
        "```json\n{\"a\": 3}\n```\n```\n{\"a\": 4",
        "```json\n{\"a\": 3}\n```\n```\n{a: 4",
        "```json\n{\"a\": 3}\n```\n```js\n{a: 4}\n```",
        "```js\n{a: 4}\n```\n```json\n{\"a\": 3}\n```",
        "```js\nconst result = {a: 4};\n```\n```json\n{\"a\": 3}\n```",
        "```json\n{\"a\": 3}\n```\n```python\nreturn {'a': 4}\n```",
        "```json\n{\"a\": 3}\n```\n```ruby\n{a => 4}\n```",
        "```\na: 4\n```\n```json\n{\"a\": 3}\n```",
        "```xml\n<a>4</a>\n```\n```json\n{\"a\": 3}\n```",
        "```yaml\na: 4\n```\n```json\n{\"a\": 3}\n```",
        "{\"a\": 3}\n```js\n{a: 4}\n```",
        "{\"a\": 3}\n```\n{a: 4",
    ] {
        assert_eq!(document(reply), Document::Several, "{reply:?}");
    }
    for reply in ["{\"a\": {\"b\": 1}", "none", "", "```"] {
        assert_eq!(document(reply), Document::Absent, "{reply:?}");
    }
}
