//! Addresses of pages: those that are no address, and those that lead to no public host.

use std::net::IpAddr;

use remote::web::{AddressError, HostPort, PageAddress, SearchAddress, SearchAddressError, SpecialAddress};

use SpecialAddress::{
    Benchmarking, Broadcast, Documentation, Embedded, LinkLocal, Loopback, Multicast, Private, Reserved,
    Shared, Unspecified,
};

/// Addresses with the reason why no page is fetched from them. None stands for the address of a public host.
const ADDRESSES: &[(&str, Option<SpecialAddress>)] = &[
    ("0.0.0.0", Some(Unspecified)),
    ("0.1.2.3", Some(Unspecified)),
    ("0.255.255.255", Some(Unspecified)),
    ("1.0.0.0", None),
    ("1.1.1.1", None),
    ("8.8.8.8", None),
    ("9.255.255.255", None),
    ("10.0.0.0", Some(Private)),
    ("10.255.255.255", Some(Private)),
    ("11.0.0.0", None),
    ("100.63.255.255", None),
    ("100.64.0.0", Some(Shared)),
    ("100.127.255.255", Some(Shared)),
    ("100.128.0.0", None),
    ("126.255.255.255", None),
    ("127.0.0.1", Some(Loopback)),
    ("127.255.255.255", Some(Loopback)),
    ("128.0.0.0", None),
    ("169.253.255.255", None),
    ("169.254.0.0", Some(LinkLocal)),
    ("169.254.169.254", Some(LinkLocal)),
    ("169.255.0.0", None),
    ("172.15.255.255", None),
    ("172.16.0.0", Some(Private)),
    ("172.31.255.255", Some(Private)),
    ("172.32.0.0", None),
    ("192.0.0.1", Some(Reserved)),
    ("192.0.1.0", None),
    ("192.0.2.1", Some(Documentation)),
    ("192.88.99.1", Some(Reserved)),
    ("192.167.255.255", None),
    ("192.168.0.0", Some(Private)),
    ("192.168.255.255", Some(Private)),
    ("192.169.0.0", None),
    ("198.17.255.255", None),
    ("198.18.0.0", Some(Benchmarking)),
    ("198.19.255.255", Some(Benchmarking)),
    ("198.20.0.0", None),
    ("198.51.100.7", Some(Documentation)),
    ("203.0.113.7", Some(Documentation)),
    ("223.255.255.255", None),
    ("224.0.0.1", Some(Multicast)),
    ("239.255.255.255", Some(Multicast)),
    ("240.0.0.1", Some(Reserved)),
    ("255.255.255.254", Some(Reserved)),
    ("255.255.255.255", Some(Broadcast)),
    ("::", Some(Unspecified)),
    ("::1", Some(Loopback)),
    ("::2", Some(Embedded)),
    ("::127.0.0.1", Some(Embedded)),
    ("::ffff:127.0.0.1", Some(Embedded)),
    ("::ffff:8.8.8.8", Some(Embedded)),
    ("::ffff:0:10.0.0.1", Some(Embedded)),
    ("64:ff9b::a00:1", Some(Embedded)),
    ("64:ff9b::808:808", Some(Embedded)),
    ("64:ff9b:1::a00:1", Some(Embedded)),
    ("100::1", Some(Reserved)),
    ("1fff::1", Some(Reserved)),
    ("2000::1", None),
    ("2001::1", Some(Embedded)),
    ("2001:1::1", Some(Reserved)),
    ("2001:2::1", Some(Benchmarking)),
    ("2001:10::1", Some(Reserved)),
    ("2001:1ff::1", Some(Reserved)),
    ("2001:200::1", None),
    ("2001:4860:4860::8888", None),
    ("2001:db8::1", Some(Documentation)),
    ("2001:db9::1", None),
    ("2002:7f00:1::1", Some(Embedded)),
    ("2003::1", None),
    ("2606:4700::1111", None),
    ("2606:4700::5efe:10.0.0.1", Some(Embedded)),
    ("2606:4700::200:5efe:a00:1", Some(Embedded)),
    ("3fff::1", Some(Documentation)),
    ("3fff:1000::1", None),
    ("4000::1", Some(Reserved)),
    ("5f00::1", Some(Reserved)),
    ("fbff::1", Some(Reserved)),
    ("fc00::1", Some(Private)),
    ("fd12:3456::1", Some(Private)),
    ("fe80::1", Some(LinkLocal)),
    ("febf::1", Some(LinkLocal)),
    ("fec0::1", Some(Private)),
    ("feff::1", Some(Private)),
    ("ff02::1", Some(Multicast)),
    ("ffff::1", Some(Multicast)),
];

#[test]
fn every_address_is_public_or_has_its_reason() {
    for (text, expected) in ADDRESSES {
        let address: IpAddr = text.parse().expect(text);
        assert_eq!(SpecialAddress::find(address), *expected, "{text}");
    }
    assert!(ADDRESSES.len() >= 60);
}

#[test]
fn addresses_have_one_form() {
    let good = [
        ("https://example.com", "https://example.com/", "example.com:443"),
        ("HTTP://Example.COM:80/a?b#c", "http://example.com/a?b", "example.com:80"),
        ("http://example.com.:8080/", "http://example.com:8080/", "example.com:8080"),
        ("https://example.com?q=1", "https://example.com/?q=1", "example.com:443"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x", "[::1]:8080"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/", "[::1]:80"),
        ("http://[::ffff:7f00:1]/", "http://[::ffff:127.0.0.1]/", "[::ffff:127.0.0.1]:80"),
        ("http://1.2.3.4/", "http://1.2.3.4/", "1.2.3.4:80"),
        ("http://1.2.3.4.example/", "http://1.2.3.4.example/", "1.2.3.4.example:80"),
        ("https://example.com/é|\"", "https://example.com/%C3%A9%7C%22", "example.com:443"),
        ("https://example.com/a@b", "https://example.com/a@b", "example.com:443"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example:443"),
    ];
    for (text, shown, place) in good {
        let address = PageAddress::parse(text).expect(text);
        assert_eq!((address.to_string().as_str(), address.place().to_string().as_str()), (shown, place));
        assert_eq!(PageAddress::parse(shown).as_ref(), Ok(&address), "{shown}");
    }
}

#[test]
fn what_is_no_address_is_refused_by_name() {
    let long = format!("https://example.com/{}", "a".repeat(2000));
    let name = |error: &AddressError| match error {
        AddressError::NotAnAddress { .. } => "form",
        AddressError::Scheme { .. } => "scheme",
        AddressError::Credentials => "credentials",
        AddressError::Numeric { .. } => "numeric",
        AddressError::Host { .. } => "host",
        AddressError::Port { .. } => "port",
        AddressError::TooLong { .. } => "long",
    };
    let bad = [
        ("", "form"),
        ("example.com", "form"),
        ("//example.com/", "form"),
        ("http://", "form"),
        ("http:///path", "form"),
        ("http://a b/", "form"),
        ("http://a/\r\nHost: b", "form"),
        ("http://example.com\\@10.0.0.1/", "form"),
        ("http://example.com/\u{202e}", "form"),
        ("javascript:alert(1)", "form"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("gopher://127.0.0.1:70/_x", "scheme"),
        ("data://text/plain,x", "scheme"),
        ("http://allowed@10.0.0.1/", "credentials"),
        ("http://127.0.0.1:8080@10.0.0.1/", "credentials"),
        ("https://user:sesame@example.com/", "credentials"),
        ("http://@10.0.0.1/", "credentials"),
        ("http://2130706433/", "numeric"),
        ("http://0x7f000001/", "numeric"),
        ("http://0x7f.1/", "numeric"),
        ("http://0x7f.0.0.0x1/", "numeric"),
        ("http://0177.0.0.1/", "numeric"),
        ("http://127.1/", "numeric"),
        ("http://127.0.1/", "numeric"),
        ("http://127.0.0.1.1/", "numeric"),
        ("http://256.0.0.1/", "numeric"),
        ("http://0x/", "numeric"),
        ("http://1.2.3.4..:80/", "host"),
        ("http://b\u{fc}cher.example/", "host"),
        ("http://\u{2460}27.0.0.1/", "host"),
        ("http://127\u{3002}0\u{3002}0\u{3002}1/", "host"),
        ("http://exa%6dple.com/", "host"),
        ("http://a..b/", "host"),
        ("http://[::1/", "host"),
        ("http://[fe80::1%25eth0]/", "host"),
        ("http://::1/", "host"),
        ("http://[127.0.0.1]/", "host"),
        ("http://example.com:/", "port"),
        ("http://example.com:0/", "port"),
        ("http://example.com:65536/", "port"),
        ("http://example.com:+80/", "port"),
        (long.as_str(), "long"),
    ];
    for (text, expected) in bad {
        let error = PageAddress::parse(text).expect_err(text);
        assert_eq!(name(&error), expected, "{text}: {error}");
        let line = error.to_string();
        assert!(!line.contains("sesame") && !line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn references_lead_where_the_standard_says() {
    let page = PageAddress::parse("https://a.example/b/c?d").expect("an address");
    let cases = [
        ("", "https://a.example/b/c"),
        ("e", "https://a.example/b/e"),
        ("./e", "https://a.example/b/e"),
        ("../e", "https://a.example/e"),
        ("../../../e", "https://a.example/e"),
        ("e/..", "https://a.example/b/"),
        ("/e?f", "https://a.example/e?f"),
        ("?f", "https://a.example/b/c?f"),
        ("//g.example/h", "https://g.example/h"),
        ("http://g.example:81/h", "http://g.example:81/h"),
        (" /e ", "https://a.example/e"),
        ("e:/f", "refused"),
        ("mailto:me", "refused"),
        ("javascript:alert(1)", "refused"),
        ("//user@10.0.0.1/", "refused"),
        ("http:\\\\10.0.0.1", "refused"),
    ];
    for (reference, expected) in cases {
        let found = page.join(reference).map_or_else(|_| "refused".to_owned(), |to| to.to_string());
        assert_eq!(found, expected, "{reference}");
    }
}

#[test]
fn a_search_has_one_place_for_its_query() {
    let search = SearchAddress::parse("https://s.example/search?q={query}&format=json").expect("an address");
    let address = search.with_query("a b&c={query}#é").expect("a short query");
    assert_eq!(
        address.to_string(),
        "https://s.example/search?q=a%20b%26c%3D%7Bquery%7D%23%C3%A9&format=json"
    );
    assert_eq!(search.to_string(), "https://s.example/search?q={query}&format=json");
    assert!(matches!(search.with_query(&"x".repeat(2000)), Err(AddressError::TooLong { .. })));
    for text in [
        "",
        "https://s.example/",
        "https://{query}.example/",
        "https://{query}/",
        "{query}://s.example/",
        "https://s.example/#{query}",
        "https://s.example/?q={query}&r={query}",
    ] {
        assert_eq!(SearchAddress::parse(text), Err(SearchAddressError::Mark), "{text}");
    }
    let address = SearchAddress::parse("https://user@s.example/?q={query}");
    assert_eq!(address, Err(SearchAddressError::Address(AddressError::Credentials)));
}

#[test]
fn a_place_is_a_host_with_its_port() {
    for (text, shown) in
        [("127.0.0.1:8080", "127.0.0.1:8080"), ("[::1]:80", "[::1]:80"), ("A.example:1", "a.example:1")]
    {
        assert_eq!(HostPort::parse(text).expect(text).to_string(), shown);
    }
    for text in [
        "127.0.0.1",
        "http://127.0.0.1:80",
        "127.0.0.1:80/",
        "*:80",
        "[::1]",
        "10.0.0.0/8:80",
        ":80",
        "a@b:1",
    ] {
        assert!(HostPort::parse(text).is_err(), "{text}");
    }
}
