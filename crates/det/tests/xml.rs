//! Well-formed XML documents are accepted, and every other text is refused at its first fault.

mod common;

use common::judged;
use det::{Contract, Finding, Form, Outcome, Value};
use proptest::prelude::*;

/// Returns the fault for which a document is refused, or None if it is accepted.
fn fault(text: &str) -> Option<String> {
    let judged = judged(&Contract::from_form(Form::Xml), Value::text(text)).expect("a judgement");
    match judged.verdict().outcome() {
        Outcome::Satisfied => None,
        Outcome::Refuted(Finding::NotXml(error)) => Some(error.to_string()),
        Outcome::Refuted(other) => panic!("{text:?}: {other}"),
    }
}

#[test]
fn well_formed_documents_are_accepted() {
    for text in [
        "<a/>",
        "<a></a>",
        "<a ></a >",
        "\u{feff}<a/>",
        " \n<a/>\t\r\n",
        "<?xml version='1.0'?><a/>",
        "<?xml version=\"1.1\" encoding=\"UTF-8\" standalone='yes' ?>\n<a/>",
        "<?xml\tversion = '1.0' standalone = 'no'?><a/>",
        "<!-- - - --><?go?><?go on ?and?><a/><!----><?xml-style?>",
        "<a>text &lt;&gt;&amp;&apos;&quot;&#65;&#x41;&#x1F600;&#00065; ]] &gt;</a>",
        "<a><![CDATA[<&]]]></a>",
        "<a><![CDATA[]]></a>",
        "<a><b x='1' y=\"'\"/>text<b/><!--c--><?p?></a>",
        "<a x = '1'\n y='>'/>",
        "<ä·-.0 _='\u{10ffff}'/>",
        "<p:a xmlns:p='u' p:x='1' x='2'/>",
        "<a xmlns='u' x='1'><b xmlns=''/></a>",
        "<a xmlns:p='u'><b xmlns:p='v' p:x=''/><b p:x=''/></a>",
        "<a xml:lang='en' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<a p:x='' q:x='' xmlns:p='u' xmlns:q='v'/>",
        "<a>\u{7f}\u{85}\u{fffd}</a>",
    ] {
        assert_eq!(fault(text), None, "{text:?}");
    }
}

const ENTITY: &str = "there is no such entity; write &amp; for an ampersand";
const NO_CHARACTER: &str = "the number stands for no character of XML";
const DECLARED: &str = "a document type or another declaration is not allowed";

/// Texts that are not well formed, each with the place and the words of its first fault.
const FAULTS: &[(&str, &str, &str)] = &[
    ("a", "1:1", "a document is one element, and none begins here"),
    ("<!-- -->", "1:9", "a document is one element, and none begins here"),
    ("<a/>\n<b/>", "2:1", "something follows the root element"),
    ("<a/>b", "1:5", "something follows the root element"),
    ("<a>", "1:4", "an element is not closed"),
    ("<a", "1:3", "a tag does not end"),
    ("<a>\n  <b></a>", "2:6", "the end tag has another name than the element that is open"),
    ("<a></A>", "1:4", "the end tag has another name than the element that is open"),
    ("<a></a b>", "1:8", "an end tag has a name and nothing else"),
    ("< a/>", "1:2", "a name should begin here"),
    ("<1/>", "1:2", "a name should begin here"),
    ("<a:/>", "1:4", "a name should begin here"),
    ("<:a/>", "1:2", "a colon stands between a prefix and a name, and nowhere else"),
    ("<a/ >", "1:3", "white space stands before an attribute"),
    ("<a x='1'y='2'/>", "1:9", "white space stands before an attribute"),
    ("<a x/>", "1:5", "the name of an attribute is followed by ="),
    ("<a x=1/>", "1:6", "the value of an attribute stands in quotes"),
    ("<a x='1/>", "1:7", "a value does not end"),
    ("<a x='<'/>", "1:7", "< stands in the value of an attribute"),
    ("<a x='1' x='2'/>", "1:10", "an attribute comes twice"),
    ("<a xmlns='u' xmlns='v'/>", "1:14", "an attribute comes twice"),
    ("<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>", "1:35", "an attribute comes twice"),
    ("<a xmlns:p=' u' xmlns:q='\nu' p:x='' q:x=''/>", "2:11", "an attribute comes twice"),
    ("<a xmlns:p='u' xmlns:q='&#117;' p:x='' q:x=''/>", "1:40", "an attribute comes twice"),
    ("<p:a/>", "1:2", "the prefix is not declared"),
    ("<a p:x=''/>", "1:4", "the prefix is not declared"),
    ("<a><b xmlns:p='u'/><p:b/></a>", "1:21", "the prefix is not declared"),
    ("<xmlns:a/>", "1:2", "xmlns is no prefix of an element"),
    ("<a xmlns:xmlns='u'/>", "1:4", "xmlns and its namespace are not declared"),
    ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "1:4", "xmlns and its namespace are not declared"),
    ("<a xmlns:xml='u'/>", "1:4", "xml is the prefix of its own namespace and of no other"),
    (
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "1:4",
        "xml is the prefix of its own namespace and of no other",
    ),
    ("<a xmlns:p=''/>", "1:4", "a prefix stands for no namespace"),
    ("<a>&b;</a>", "1:4", ENTITY),
    ("<a>&</a>", "1:4", ENTITY),
    ("<a>&amp</a>", "1:4", ENTITY),
    ("<a x='&b;'/>", "1:7", ENTITY),
    ("<a>&#;</a>", "1:4", NO_CHARACTER),
    ("<a>&#x;</a>", "1:4", NO_CHARACTER),
    ("<a>&#+65;</a>", "1:4", NO_CHARACTER),
    ("<a>&#X41;</a>", "1:4", NO_CHARACTER),
    ("<a>&#0;</a>", "1:4", NO_CHARACTER),
    ("<a>&#xd800;</a>", "1:4", NO_CHARACTER),
    ("<a>&#xfffe;</a>", "1:4", NO_CHARACTER),
    ("<a>&#4294967361;</a>", "1:4", NO_CHARACTER),
    ("<a>ä\u{1}</a>", "1:5", "the character is not allowed in XML"),
    ("<a x='\0'/>", "1:7", "the character is not allowed in XML"),
    ("<a><!--\u{ffff}--></a>", "1:8", "the character is not allowed in XML"),
    ("<a>]]></a>", "1:4", "]]> stands outside a CDATA section"),
    ("<a><![CDATA[</a>", "1:13", "a CDATA section does not end"),
    ("<a><![cdata[]]></a>", "1:4", DECLARED),
    ("<!-- -- --><a/>", "1:8", "a comment has -- inside it"),
    ("<!-- ---><a/>", "1:8", "a comment has -- inside it"),
    ("<a/><!--", "1:9", "a comment does not end"),
    ("<?a", "1:4", "white space follows the target of an instruction"),
    ("<?a ><a/>", "1:4", "an instruction does not end"),
    ("<?a:b?><a/>", "1:4", "white space follows the target of an instruction"),
    ("<??><a/>", "1:3", "a name should begin here"),
    ("<?xml?><a/>", "1:3", "an XML declaration stands at the start and nowhere else"),
    ("<a/><?XML ?>", "1:7", "an XML declaration stands at the start and nowhere else"),
    (" <?xml version='1.0'?><a/>", "1:4", "an XML declaration stands at the start and nowhere else"),
    ("<?xml encoding='UTF-8'?><a/>", "1:7", "the XML declaration is malformed here"),
    ("<?xml version='2.0'?><a/>", "1:16", "the XML declaration is malformed here"),
    ("<?xml version='1.'?><a/>", "1:16", "the XML declaration is malformed here"),
    ("<?xml version='1.0' encoding='-'?><a/>", "1:31", "the XML declaration is malformed here"),
    ("<?xml version='1.0' standalone='1'?><a/>", "1:33", "the XML declaration is malformed here"),
    ("<?xml version='1.0'encoding='a'?><a/>", "1:20", "the XML declaration is malformed here"),
    (
        "<?xml version='1.0' standalone='no' encoding='a'?><a/>",
        "1:37",
        "the XML declaration is malformed here",
    ),
    ("<!DOCTYPE a><a/>", "1:1", DECLARED),
    ("<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>", "1:1", DECLARED),
    ("<a><!ELEMENT b ANY></a>", "1:4", DECLARED),
];

#[test]
fn the_first_fault_is_named_with_its_place() {
    for (text, place, what) in FAULTS {
        let (line, column) = place.split_once(':').expect("line and column");
        let expected = format!("line {line}, column {column}: {what}");
        assert_eq!(fault(text), Some(expected), "{text:?}");
    }
}

#[test]
fn bounds_are_refused_like_faults() {
    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let attributes = |count| (0..count).map(|number| format!(" a{number}=''")).collect::<String>();
    let wide = |count: usize| format!("<a{}/>", attributes(count));
    let pieces = |count| format!("<a>{}</a>", "<b/>".repeat(count));
    let long = |bytes: usize| format!("<a>{}</a>", "b".repeat(bytes - 7));
    let cases: [(String, String, &str); 4] = [
        (nested(256), nested(257), "elements nest more than 256 deep"),
        (wide(256), wide(257), "an element has more than 256 attributes"),
        (pieces(999_990), pieces(1_000_000), "the document has more than 1000000 pieces"),
        (long(16 << 20), long((16 << 20) + 1), "the document is longer than 16 MiB"),
    ];
    for (inside, outside, what) in cases {
        assert_eq!(fault(&inside), None, "{what}");
        assert!(fault(&outside).is_some_and(|fault| fault.ends_with(what)), "{what}");
    }
    // Neither the stack nor the time grows with what an attacker nests or repeats.
    assert!(fault(&nested(1_000_000)).is_some());
    assert!(fault(&format!("<a>{}", "&".repeat(1 << 20))).is_some());
}

/// Compares attributes by their namespaces, which takes bounded time even if the namespaces are many and
/// their names are long and have most of their text in common.
#[test]
fn many_long_namespaces_are_told_apart_quickly() {
    let long = "n".repeat(2_000);
    let declared: String = (0..120).map(|number| format!(" xmlns:p{number}='{long}{number}'")).collect();
    let used: String = (0..120).map(|number| format!(" p{number}:x=''")).collect();
    let document = format!("<a{declared}>{}</a>", format!("<b{used}/>").repeat(5_000));
    assert_eq!(fault(&document), None);
}

/// Builds a well-formed document from nested parts.
fn element() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("<b/>".to_owned()),
        Just("&#x1F600;&amp;".to_owned()),
        Just("<!-- - --><?p q?>".to_owned()),
        Just("<![CDATA[<]>]]>".to_owned()),
        "[a-zäß \n]{0,8}",
    ];
    leaf.prop_recursive(6, 64, 4, |inner| {
        (prop::collection::vec(inner, 0..4), "[a-zä]{1,3}", any::<bool>()).prop_map(
            |(parts, name, is_other)| {
                let declared = if is_other { " xmlns:p='u' p:x='&lt;'" } else { " x=\"'\"" };
                format!("<{name}{declared}>{}</{name}>", parts.concat())
            },
        )
    })
}

proptest! {
    #[test]
    fn documents_are_accepted_and_their_pieces_are_not(inner in element(), at in any::<prop::sample::Index>()) {
        let document = format!("<r>{inner}</r>");
        prop_assert_eq!(fault(&document), None);
        let end = at.index(document.len());
        if document.is_char_boundary(end) && end > 0 {
            prop_assert!(fault(&document[..end]).is_some(), "cut at {}", end);
        }
    }

    /// Checks documents with a few changes: an independent reader accepts whatever ours accepts, and ours
    /// refuses what only the other accepts for one of the reasons that the other does not know.
    #[test]
    fn agrees_with_an_independent_reader(
        inner in element(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, part()), 0..4),
    ) {
        let mut text = format!("<r xmlns:q='v'>{inner}</r>");
        for (at, length, part) in changes {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end.max(start), part);
        }
        let other = roxmltree::Document::parse(&text).map(drop);
        match (fault(&text), other) {
            (None, Ok(())) | (Some(_), Err(_)) => {}
            (None, Err(error)) => prop_assert!(false, "{:?} is accepted, but {}", text, error),
            (Some(fault), Ok(())) => {
                let is_ours_alone = OURS_ALONE.iter().any(|what| fault.ends_with(what));
                prop_assert!(is_ours_alone, "{:?} is XML, but {}", text, fault);
            }
        }
    }
}

fn part() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[
        "",
        "",
        "",
        "<a",
        "<p:a",
        ">",
        "/>",
        "</a>",
        "</r>",
        " ",
        " x='",
        " q:x='",
        "'",
        "\"",
        "=",
        "&",
        "&lt;",
        "&#x41;",
        "&#10;",
        "#",
        ";",
        "<!--",
        "-->",
        "-",
        "<![CDATA[",
        "]]>",
        "<?p",
        "?>",
        "?",
        " xmlns:p='u'",
        " xmlns='u'",
        " xmlns:q='u'",
        " q:x=''",
        " p:x=''",
        "p:",
        ":",
        "\u{1}",
        "\u{fffe}",
        "ä",
        "1",
        "xml",
        "<?xml version='1.0'?>",
    ])
}

/// Faults for which only our reader refuses a document, and the independent one does not.
const OURS_ALONE: [&str; 7] = [
    "the XML declaration is malformed here",
    "the number stands for no character of XML",
    "a colon stands between a prefix and a name, and nowhere else",
    "a prefix stands for no namespace",
    "a document type or another declaration is not allowed",
    "white space follows the target of an instruction",
    "an XML declaration stands at the start and nowhere else",
];
