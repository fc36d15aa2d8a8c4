//! Patterns: what matches, and what is refused by name.

use det::Schema;

fn refusal(schema: &str) -> String {
    Schema::parse(schema).expect_err(schema).to_string()
}

#[test]
fn patterns_follow_the_dialect() {
    let table: [(&str, &[&str], &[&str]); 24] = [
        ("b", &["abc", "b"], &["", "ac"]),
        ("^b", &["bc"], &["ab"]),
        ("b$", &["ab"], &["b\n", "bc"]),
        ("^$", &[""], &["a", "\n"]),
        ("", &["", "a"], &[]),
        ("^(a|bc)*$", &["", "abca"], &["b", "acb"]),
        ("^a{2,3}$", &["aa", "aaa"], &["a", "aaaa"]),
        ("^a{2}b{0}c{0,}$", &["aa", "aacc"], &["aab"]),
        ("^a+?b??$", &["aa", "ab"], &["b"]),
        ("^[a-c\\d_-]+$", &["a1_-", "c"], &["d", ""]),
        ("^[^a-c]$", &["d", "\n", "é"], &["a", ""]),
        ("[]", &[], &["a", "]", ""]),
        ("^[^]$", &["a", "\n"], &["", "ab"]),
        ("^.$", &["a", "é", "😀"], &["\n", "\r", "\u{2028}", ""]),
        (r"^\w+\s\D\W\S$", &["ab x-y"], &["ab 1-y", "é x-y"]),
        (r"\bcat\b", &["a cat.", "cat"], &["cats", "concat"]),
        (r"\Bcat", &["concat"], &["cat", "a cat"]),
        (r"^\x41\u0042\u{43}\u{1F600}\uD83D\uDE00\t\cJ\0$", &["ABC😀😀\t\n\0"], &["ABC"]),
        (r"^\^\$\.\*\+\?\(\)\[\]\{\}\|\/\-\@\_$", &["^$.*+?()[]{}|/-@_"], &[""]),
        (r"^(?:a(?<name>b))$", &["ab"], &["a"]),
        ("^(a*)*$", &["", "aaa"], &["b"]),
        ("^(|a)+$", &["", "aa"], &["b"]),
        ("a|^b|c$", &["xa", "b", "xc"], &["xb", "cx"]),
        (r"^[\w-]+[\s\S]$", &["a-b!"], &["!"]),
    ];
    for (pattern, good, bad) in table {
        let quoted = serde_json::Value::from(pattern).to_string();
        let schema = Schema::parse(&format!(r#"{{"pattern":{quoted}}}"#))
            .unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for text in good {
            assert!(schema.check(&det::Value::text(*text)).is_ok(), "{pattern} refuses {text:?}");
        }
        for text in bad {
            assert!(schema.check(&det::Value::text(*text)).is_err(), "{pattern} admits {text:?}");
        }
    }
}

#[test]
fn patterns_outside_the_dialect_are_refused_by_name() {
    for (pattern, words) in [
        ("(?=a)", "lookahead"),
        ("(?!a)", "lookahead"),
        ("(?<=a)", "lookbehind"),
        ("(?<!a)", "lookbehind"),
        (r"(a)\1", "reference to a group"),
        (r"(?<n>a)\k<n>", "reference to a group"),
        (r"\p{L}", "properties of Unicode"),
        (r"[\P{L}]", "properties of Unicode"),
        ("(?i:a)", "flags"),
        ("(?i)a", "flags"),
        ("(", "does not end"),
        ("(a", "does not end"),
        (")", "no group is open"),
        ("[a", "does not end"),
        ("*a", "nothing to repeat"),
        ("a**", "repeated"),
        ("a{2", "{n}"),
        ("a{3,2}", "{n}"),
        ("a{,2}", "{n}"),
        ("{", "backslash"),
        ("a}", "backslash"),
        ("[b-a]", "ends before it begins"),
        (r"[a-\d]", "ends with a character"),
        (r"\", "ends inside an escape"),
        (r"\a", "no such escape"),
        (r"\é", "no such escape"),
        (r"\ud83d", "names a character"),
        (r"\u{110000}", "names a character"),
        (r"\xg0", "two digits"),
        ("^*", "not repeated"),
        (r"\01", "reference"),
    ] {
        let quoted = serde_json::Value::from(pattern).to_string();
        let error = refusal(&format!(r#"{{"items":{{"pattern":{quoted}}}}}"#));
        assert!(error.contains(words) && error.contains("/items/pattern"), "{pattern}: {error}");
    }
    let long = format!(r#"{{"pattern":"{}"}}"#, "a".repeat(5000));
    assert!(refusal(&long).contains("4096"));
    let deep = format!(r#"{{"pattern":"{}{}"}}"#, "(".repeat(40), ")".repeat(40));
    assert!(refusal(&deep).contains("32 groups"));
}
