//! Formats: what a text of each is, and what it is not.

use det::Schema;

fn refusal(schema: &str) -> String {
    Schema::parse(schema).expect_err(schema).to_string()
}

#[test]
fn formats_are_demands() {
    let table: [(&str, &[&str], &[&str]); 9] = [
        (
            "date",
            &["2024-02-29", "2000-02-29", "1999-12-31", "0001-01-01"],
            &[
                "2023-02-29",
                "1900-02-29",
                "2024-13-01",
                "2024-00-10",
                "2024-04-31",
                "2024-1-01",
                "24-01-01",
                "2024-01-01 ",
                "2024-01-0١",
                "+2024-01-01",
            ],
        ),
        (
            "time",
            &[
                "12:00:00Z",
                "23:59:59.999+05:30",
                "08:30:06z",
                "23:59:60Z",
                "01:29:60+01:30",
                "15:59:60-08:00",
            ],
            &[
                "12:00:00",
                "24:00:00Z",
                "12:60:00Z",
                "12:00:61Z",
                "22:59:60Z",
                "12:00:00.Z",
                "12:00Z",
                "12:00:00+24:00",
                "12:00:00+5:30",
                "1:00:00Z",
                "12:00:00 Z",
            ],
        ),
        (
            "date-time",
            &["2024-02-29T12:00:00Z", "1998-12-31t23:59:60z", "2024-01-01T00:00:00.5-08:00"],
            &[
                "2023-02-29T12:00:00Z",
                "2024-01-01 12:00:00Z",
                "2024-01-01T12:00:00",
                "1998-12-31T23:58:60Z",
                "2024-01-01",
                "2024-01-01TT12:00:00Z",
            ],
        ),
        (
            "email",
            &[
                "a@b",
                "joe.bloggs@example.com",
                "a+b!#$%&'*/=?^_`{|}~-@x.org",
                "\"joe bloggs\"@example.com",
                "\"a\\\"b\"@x",
                "a@[127.0.0.1]",
                "a@[IPv6:::1]",
            ],
            &[
                "a",
                "@b",
                "a@",
                ".a@b.c",
                "a.@b.c",
                "a..b@c.d",
                "a b@c.d",
                "a@b c",
                "a@-b.c",
                "a@[300.0.0.1]",
                "\"a\"b\"@x",
                "é@b.c",
                "a@b@c",
            ],
        ),
        (
            "hostname",
            &["example.com", "a", "1.2", "a-b.c", "xn--4gbwdl.xn--wgbh1c"],
            &["", ".", "a..b", "-a.b", "a-.b", "a_b", "a.b.", "é.com", "a b"],
        ),
        (
            "ipv4",
            &["0.0.0.0", "255.255.255.255"],
            &["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3.4 ", "0x1.2.3.4", ""],
        ),
        (
            "ipv6",
            &["::", "::1", "2001:db8::ff", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"],
            &["", ":", "1::2::3", "12345::", "::g", "1:2:3:4:5:6:7", "fe80::1%eth0", "::1.2.3"],
        ),
        (
            "uri",
            &[
                "http://example.com/a?b=c#d",
                "urn:isbn:0451450523",
                "mailto:a@b.c",
                "http://[::1]:80/",
                "ftp://u:p@h/%20",
                "a:",
                "file:///etc/passwd",
            ],
            &[
                "",
                "example.com",
                "//a/b",
                "/a",
                "http://a b",
                "http://%zz",
                "1a:b",
                "http://[::g]/",
                "http://a:b/",
                "\\\\h\\s",
                "http://a/<>",
                "http://a#b#c",
                "http://é/",
            ],
        ),
        (
            "uuid",
            &[
                "123e4567-e89b-12d3-a456-426614174000",
                "00000000-0000-0000-0000-000000000000",
                "2EB8AA08-AA98-11EA-B4AA-73B441D16380",
            ],
            &[
                "123e4567e89b12d3a456426614174000",
                "123e4567-e89b-12d3-a456-42661417400",
                "{23e4567-e89b-12d3-a456-426614174000}",
                "123e4567-e89b-12d3-a456-42661417400g",
                "123e4567-e89b-12d3-a456-426614174000-",
            ],
        ),
    ];
    for (format, good, bad) in table {
        let schema = Schema::parse(&format!(r#"{{"format":"{format}"}}"#)).unwrap();
        for text in good {
            assert!(schema.check(&det::Value::text(*text)).is_ok(), "{format} refuses {text}");
        }
        for text in bad {
            assert!(schema.check(&det::Value::text(*text)).is_err(), "{format} admits {text:?}");
        }
    }
    for unknown in ["duration", "uri-reference", "regex", "idn-email", "binary", "cuid", "int32"] {
        let error = refusal(&format!(r#"{{"items":{{"format":"{unknown}"}}}}"#));
        assert!(error.contains(&format!("/items has the format {unknown}")), "{error}");
    }
}
