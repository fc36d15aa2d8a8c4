use nmk::remote::excerpt::is_unsafe;
use nmk::remote::web::{
    PageAddress, SearchAddress, SearchResult, links, plain_text, results_from_html, results_from_json,
};

use super::text;

/// The most characters of a page, and the most results, that are asked for.
const MOST: (usize, usize) = (500, 4);

/// Checks what a stranger's page or address leads to: an accepted address is accepted again as the same one, a text is
/// clean and within its limit, and results are few and lead to addresses.
pub(super) fn web(bytes: &[u8]) {
    let text = text(bytes);
    let base = PageAddress::parse("https://search.example/a/b?c").expect("an address");
    for address in [PageAddress::parse(&text), base.join(&text)].into_iter().flatten() {
        is_address(&address);
    }
    if let Ok(search) = SearchAddress::parse(&text)
        && let Ok(address) = search.with_query("a b&c=d#e@f/../g")
    {
        is_address(&address);
        let plain = search.with_query("q").expect("a shorter query");
        assert_eq!(plain.place(), address.place(), "a query changes the host: {text}");
    }
    let page = plain_text(&text, MOST.0);
    let title = page.title.unwrap_or_default();
    for shown in [&page.text, &title] {
        assert!(shown.chars().count() <= MOST.0);
        assert!(!shown.chars().any(|c| c != '\n' && is_unsafe(c)), "{shown:?}");
    }
    assert!(links(&text).len() <= 500);
    let json = results_from_json(&text, MOST.1).unwrap_or_default();
    for found in [json, results_from_html(&text, &base, MOST.1)] {
        assert!(found.len() <= MOST.1);
        for SearchResult { address, title, snippet } in &found {
            is_address(address);
            assert!(!format!("{title}{snippet}").chars().any(is_unsafe));
        }
    }
}

fn is_address(address: &PageAddress) {
    let shown = address.to_string();
    assert!(shown.is_ascii() && shown.len() <= 1024 && !shown.contains([' ', '#', '\\']), "{shown}");
    let authority = shown.split('/').nth(2).unwrap_or_default();
    assert!(!authority.is_empty() && !authority.contains('@'), "{shown}");
    assert!(address.path().starts_with('/') && address.place().port() > 0, "{shown}");
    let again = PageAddress::parse(&shown).unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert_eq!(&again, address, "{shown}");
}
