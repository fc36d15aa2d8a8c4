//! HTML as text: what is dropped, what stays apart, and pages that are made to be slow or to swallow what follows.

use std::time::{Duration, Instant};

use remote::web::{Link, links, plain_text, results_from_json};

#[test]
fn a_page_is_read_as_a_person_sees_it() {
    let cases = [
        ("plain", "plain"),
        ("", ""),
        ("a<br>b<p>c</p>d", "a\nb\nc\nd"),
        ("a <b>b</b>\n  <i>c</i>", "a b c"),
        ("x<sup>2</sup>", "x2"),
        ("<p>\n\n a \n\n</p>\n<p> b", "a\nb"),
        ("&lt;b&gt; &amp;amp; &eacute; &#233; &#x1F600; &nosuch;", "<b> &amp; é é 😀 &nosuch;"),
        ("<table><tr><td>1<td>2<tr><th>3</th><th>4</th></table>", "1 2\n3 4"),
        ("<pre>if x:\n\ty = 1\n\n    z</pre>after", "if x:\n    y = 1\n    z\nafter"),
        ("a<script>document.write('</p>b')</script>c", "ac"),
        ("a<script>if (1 < 2) { '<\\/script>' }</script>c", "ac"),
        ("a<style>p{}</style><!-- <p>no</p> -->c", "ac"),
        ("a<noscript><p>no</p></noscript><template>no</template>c", "ac"),
        ("a<svg><svg>no</svg><text>no</text></svg>c", "ac"),
        ("a<iframe><p>no</p></iframe><object>no</object>c", "ac"),
        ("a</script></svg></p>c", "a\nc"),
        ("a<script>never closed", "a"),
        ("a<svg>never closed<p>b", "a"),
        ("<textarea>t<b>u</textarea>", "t<b>u"),
        ("a\u{202e}b\u{200b}\u{1b}[31mc\u{0}", "ab[31mc"),
        ("a<p title='<b>no'>b", "a\nb"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<p hidden=x/>a</p/>b", "a\nb"),
    ];
    for (html, expected) in cases {
        assert_eq!(plain_text(html, 1000).text, expected, "{html}");
    }
    let titled = plain_text("<title>A &amp; <b>B</title><svg><title>no</title></svg><title>C</title>x", 1000);
    assert_eq!(titled.title.as_deref(), Some("A & <b>B"));
    assert_eq!(plain_text("<title> </title>x", 1000).title, None);
}

#[test]
fn a_text_is_cut_at_its_limit_and_says_so() {
    for (most, text, is_cut) in [(0, "", true), (1, "a", true), (3, "a b", false), (4, "a b", false)] {
        let page = plain_text("<p>a</p> b".replace("</p>", "").as_str(), most);
        assert_eq!((page.text.as_str(), page.is_cut), (text, is_cut), "{most}");
    }
    assert!(!plain_text("", 0).is_cut);
}

#[test]
fn links_have_their_text() {
    let link =
        |title: &str, reference: &str| Link { title: title.to_owned(), reference: reference.to_owned() };
    let html = "<a href=/a>One <b>two</b></a><a name=x>no</a><A HREF='b?x&amp;y'>Three<a href=\"c\"></a><a href=d>open";
    let expected = [link("One two", "/a"), link("Three", "b?x&y"), link("", "c"), link("open", "d")];
    assert_eq!(links(html), expected);
    assert_eq!(links(&"<a href=x>y</a>".repeat(2000)).len(), 500);
}

#[test]
fn a_page_that_is_made_to_be_slow_takes_its_time_in_proportion() {
    let parts = [
        "<",
        "<a ",
        "<a b=c ",
        "&am",
        "&#x",
        "<!--",
        "<!--->",
        "<![CDATA[",
        "</",
        "<script><!--<script>",
        "<a href=x>",
        "<div>",
        "<svg>",
        "</svg>",
        "<title>",
        "<pre>\n",
        " \n",
        "<a href='",
        "&",
        "\u{0}",
        "<table><tr><td>",
    ];
    for part in parts {
        let page = part.repeat((1 << 20) / part.len());
        let started = Instant::now();
        let text = plain_text(&page, usize::MAX);
        let found = links(&page);
        assert!(found.len() <= 500 && text.text.len() <= 4 * page.len());
        assert!(started.elapsed() < Duration::from_secs(5), "{part:?} took {:?}", started.elapsed());
    }
    for part in ["[", "{\"results\":", "{\"results\": [{\"url\": \"http://a/\"}, "] {
        assert_eq!(results_from_json(&part.repeat((1 << 20) / part.len()), 4), None, "{part}");
    }
}
