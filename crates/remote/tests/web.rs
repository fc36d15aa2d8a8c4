//! Pages of a server on this machine that lies, floods, redirects and stalls; each fault is named, with a remedy.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use remote::web::{FetchedPage, HostPort, PageAddress, SearchAddress, Web, WebError, WebFault, WebLimits};
use synthetic::stub::{Seen, Step, Stub, chunk, chunked, chunked_head, gzip, whole};

const LIMITS: WebLimits = WebLimits { total: Duration::from_millis(1500), max_bytes: 64 << 10 };
const HTML: &str = "text/html; charset=utf-8";

fn web(allowed: &[&str]) -> Web {
    let started = Instant::now();
    let allowed = allowed.iter().map(|place| HostPort::parse(place).expect("a place")).collect();
    Web::new(LIMITS, allowed, None, move || started.elapsed())
}

fn place(stub: &Stub) -> String {
    stub.origin().trim_start_matches("http://").to_owned()
}

/// Fetches `path` from a server that follows `script`, which is allowed.
fn fetch(path: &str, script: impl Fn(&Seen) -> Vec<Step> + Send + 'static) -> Result<FetchedPage, WebError> {
    let stub = Stub::start(script);
    let address = PageAddress::parse(&format!("{}{path}", stub.origin())).expect("an address");
    let started = Instant::now();
    let fetched = web(&[&place(&stub)]).page(&address, 2500);
    assert!(started.elapsed() < Duration::from_secs(4), "it took {:?}", started.elapsed());
    fetched
}

/// Checks that a page is not fetched, and that the line names the fault, the address and the way out.
fn check(expected: &str, remedy: &str, script: impl Fn(&Seen) -> Vec<Step> + Send + 'static) -> WebFault {
    let error = fetch("/page", script).expect_err(expected);
    let line = error.to_string();
    assert_eq!(error.fault.word(), expected, "{line}");
    assert!(line.contains(remedy) && line.contains("(http://"), "`{remedy}` is not in: {line}");
    assert!(!line.chars().any(char::is_control), "it is not one clean line: {line:?}");
    *error.fault
}

fn redirect(status: &str, to: &str) -> Vec<Step> {
    let head =
        format!("HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    vec![Step::Send(head.into_bytes())]
}

fn head(lines: &str) -> Step {
    Step::Send(format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{lines}\r\n").into_bytes())
}

#[test]
fn a_page_comes_as_text_with_its_digest() {
    let html = "<html><head><title>A  page</title><script>if (a < b) document.write('<p>no</p>')</script></head>\
                <body><h1>Sum</h1><p>2 &lt; 3 &amp; so\n on</p><pre>def f():\n    return 1</pre>\
                <style>p { color: red }</style><ul><li>one<li>two</ul></body></html>";
    let page = fetch("/page?x=1", move |_| whole("200 OK", HTML, html.as_bytes())).expect("a page");
    assert_eq!(page.content.title.as_deref(), Some("A page"));
    assert_eq!(page.content.text, "Sum\n2 < 3 & so on\ndef f():\n    return 1\n- one\n- two");
    assert_eq!((page.bytes, page.content.is_cut, page.is_lossy), (html.len(), false, false));
    assert_eq!(page.digest, abi::Digest::hash_blob(html.as_bytes()));
    assert!(page.address.to_string().ends_with("/page?x=1"));
}

#[test]
fn a_request_gives_nothing_away() {
    let stub = Stub::start(|seen: &Seen| match seen.path.as_str() {
        "/a" => {
            let head = "HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: id=1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            vec![Step::Send(head.as_bytes().to_vec())]
        }
        _ => whole("200 OK", HTML, b"<p>b</p>"),
    });
    let address = PageAddress::parse(&format!("{}/a", stub.origin())).expect("an address");
    let page = web(&[&place(&stub)]).page(&address, 100).expect("a page");
    assert!(page.address.to_string().ends_with("/b"));
    let seen = stub.seen();
    assert_eq!(seen.len(), 2);
    for request in seen {
        assert_eq!(request.method, "GET");
        for header in ["cookie", "authorization", "referer", "proxy-authorization", "origin"] {
            assert!(!request.headers.contains_key(header), "{header}: {request:?}");
        }
        assert_eq!(request.headers["accept-encoding"], "identity");
        assert_eq!(request.headers["host"], place(&stub));
    }
}

#[test]
fn a_special_address_is_refused_before_a_connection() {
    let stub = Stub::start(|_| whole("200 OK", HTML, b"secret"));
    let port = place(&stub).rsplit(':').next().expect("a port").to_owned();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "127.0.0.2",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ];
    for host in hosts {
        let address = PageAddress::parse(&format!("http://{host}:{port}/")).expect(host);
        let error = web(&["127.0.0.1:1", "example.com:80"]).page(&address, 100).expect_err(host);
        assert_eq!(error.fault.word(), "refused_address", "{host}: {error}");
        assert!(error.to_string().contains("web.allow"), "{error}");
    }
    assert_eq!(stub.seen().len(), 0);
    // An allowed place is one host at one port: the same machine by another name is another place.
    let address = PageAddress::parse(&format!("http://localhost:{port}/")).expect("an address");
    assert!(web(&[&place(&stub)]).page(&address, 100).is_err());
    assert!(web(&[&format!("localhost:{port}")]).page(&address, 100).is_ok());
    let other = PageAddress::parse("http://127.0.0.1:1/").expect("an address");
    assert!(matches!(
        *web(&[&place(&stub)]).page(&other, 100).expect_err("another port").fault,
        WebFault::Special { .. }
    ));
}

#[test]
fn a_redirect_is_checked_like_an_address() {
    let inner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let secret = inner.local_addr().expect("it is bound");
    inner.set_nonblocking(true).expect("a socket option");
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let to = format!("http://{secret}/latest/meta-data");
        check("refused_address", "web.allow", move |_| redirect(status, &to));
    }
    for to in [
        "http://169.254.169.254/",
        "http://10.0.0.1/",
        "//192.168.1.1/x",
        "http://[::ffff:10.0.0.1]/",
        "http://[fd00::1]/",
    ] {
        check("refused_address", "web.allow", move |_| redirect("302 Found", to));
    }
    for to in [
        "http://allowed@10.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://0x7f000001/",
        "http://127.1/",
    ] {
        check("bad_redirect", "another page", move |_| redirect("302 Found", to));
    }
    assert!(inner.accept().is_err(), "nobody connected");
}

#[test]
fn a_chain_of_redirects_has_an_end() {
    let hop = |most: usize| {
        move |seen: &Seen| match seen.path.trim_start_matches("/page").parse::<usize>().unwrap_or(0) {
            number if number < most => redirect("302 Found", &format!("/page{}", number + 1)),
            _ => whole("200 OK", HTML, b"<p>there</p>"),
        }
    };
    assert_eq!(fetch("/page", hop(5)).expect("five are followed").content.text, "there");
    check("too_many_redirects", "another page", hop(6));
    check("too_many_redirects", "another page", |_| redirect("302 Found", "/page"));
    check("status", "correct the address", |_| redirect("300 Multiple", "/other"));
    check("status", "correct the address", |_| whole("302 Found", HTML, b"no location"));
    check("status", "correct the address", |_| whole("404 Not Found", HTML, b"<p>not here</p>"));
}

#[test]
fn a_length_that_is_not_true_is_found_out() {
    let fault = check("truncated", "another page", |_| {
        vec![head("Content-Length: 100\r\n"), Step::Send(b"<p>half".to_vec())]
    });
    assert_eq!(fault, WebFault::Truncated { received: 7 });
    check("truncated", "another page", |_| vec![head("Content-Length: 100\r\n")]);
    check("truncated", "another page", |_| vec![chunked_head(HTML), chunk(b"<p>half")]);
    check("too_large", "web.max_page_bytes", |_| vec![head("Content-Length: 99999999999\r\n")]);
    // Beyond the stated length nothing is read.
    let page =
        fetch("/page", |_| vec![head("Content-Length: 8\r\n"), Step::Send(b"<p>a</p><p>more</p>".to_vec())]);
    assert_eq!(page.expect("a page").content.text, "a");
    for length in ["-1", "x", "1, 2", "18446744073709551616"] {
        let error = fetch("/page", move |_| {
            vec![head(&format!("Content-Length: {length}\r\n")), Step::Send(b"<p>a</p>".to_vec())]
        });
        assert!(matches!(error.expect_err(length).fault.word(), "not_http" | "no_connection"), "{length}");
    }
}

#[test]
fn a_body_without_end_ends_at_a_limit() {
    check("too_large", "web.max_page_bytes", |_| {
        vec![head("Connection: close\r\n"), Step::Flood(vec![b'a'; 4096])]
    });
    check("too_large", "web.max_page_bytes", |_| chunked(HTML, &vec![b'a'; 70 << 10], 1 << 10));
    let drip = |_: &Seen| {
        let mut steps = vec![chunked_head(HTML)];
        for _ in 0..200 {
            steps.extend([chunk(b"<p>"), Step::Wait(Duration::from_millis(50))]);
        }
        steps
    };
    check("timeout", "web.timeout_seconds", drip);
    const LONG: Step = Step::Wait(Duration::from_secs(30));
    check("timeout", "web.timeout_seconds", |_| vec![LONG]);
    check("timeout", "web.timeout_seconds", |_| {
        vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Ty".to_vec()), LONG]
    });
    // Each hop is quick, and the limit is that of all of them.
    check("timeout", "web.timeout_seconds", |_| {
        let mut steps = vec![Step::Wait(Duration::from_millis(600))];
        steps.extend(redirect("302 Found", "/page"));
        steps
    });
}

#[test]
fn a_header_is_small_and_is_http() {
    let large = |_: &Seen| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Large: {}\r\n\r\n",
            "x".repeat(64 << 10)
        );
        vec![Step::Send(head.into_bytes())]
    };
    check("large_header", "another page", large);
    check("large_header", "another page", |_| {
        vec![
            Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
            Step::Flood(b"X-More: and more of it\r\n".repeat(100)),
        ]
    });
    check("not_http", "check the port", |_| vec![Step::Send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec())]);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let address = PageAddress::parse(&format!("http://{closed}/")).expect("an address");
    let error = web(&[&closed.to_string()]).page(&address, 100).expect_err("nobody listens");
    assert_eq!(error.fault.word(), "no_connection", "{error}");
}

#[test]
fn only_text_is_read() {
    for kind in ["image/png", "application/octet-stream", "application/pdf", "", "video/mp4; charset=utf-8"] {
        check("wrong_type", "HTML, JSON or text", move |_| whole("200 OK", kind, b"x"));
    }
    check("wrong_type", "HTML, JSON or text", |_| {
        vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".to_vec())]
    });
    check("wrong_charset", "UTF-8", |_| whole("200 OK", "text/html; charset=shift_jis", b"x"));
    for encoding in ["br", "deflate", "zstd", "gzip, gzip"] {
        check("wrong_encoding", "another page", move |_| {
            vec![
                head(&format!("Content-Encoding: {encoding}\r\nContent-Length: 1\r\n")),
                Step::Send(b"x".to_vec()),
            ]
        });
    }
    for kind in [
        "text/plain",
        "application/json",
        "text/html; charset=\"UTF-8\"",
        "application/xhtml+xml",
        "TEXT/HTML;charset=utf-8",
    ] {
        assert_eq!(fetch("/", move |_| whole("200 OK", kind, b"[1]")).expect(kind).content.text, "[1]");
    }
    let lossy = fetch("/", |_| whole("200 OK", "text/plain", b"a\xffb")).expect("a page");
    assert_eq!((lossy.content.text.as_str(), lossy.is_lossy), ("a\u{fffd}b", true));
}

#[test]
fn a_compressed_page_is_counted_as_it_unfolds() {
    let zipped = |body: Vec<u8>| {
        move |_: &Seen| {
            let body = gzip(&body);
            vec![
                head(&format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", body.len())),
                Step::Send(body),
            ]
        }
    };
    assert_eq!(fetch("/", zipped(b"<p>small</p>".to_vec())).expect("a page").content.text, "small");
    check("too_large", "web.max_page_bytes", zipped(vec![b'a'; 70 << 10]));
    // Sixteen megabytes of one letter, in less than twenty kilobytes.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'a'; 16 << 20]).expect("memory");
    let bomb = encoder.finish().expect("memory");
    assert!(bomb.len() < 20 << 10);
    check("too_large", "web.max_page_bytes", move |_| {
        vec![
            head(&format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", bomb.len())),
            Step::Send(bomb.clone()),
        ]
    });
}

#[test]
fn a_text_is_cut_and_clean() {
    let page = fetch("/", |_| whole("200 OK", HTML, "é".repeat(10_000).as_bytes())).expect("a page");
    assert_eq!((page.content.text.chars().count(), page.content.is_cut), (2500, true));
    let page =
        fetch("/", |_| whole("200 OK", "text/plain", "a\u{1b}[2J\u{202e}b\u{200b}\r\n\tc\u{0}".as_bytes()))
            .expect("a page");
    assert_eq!((page.content.text.as_str(), page.content.is_cut), ("a[2Jb\n    c", false));
}

#[test]
fn a_search_is_read_from_json_and_from_html() {
    let json = r#"{"results": [{"title": "One", "url": "https://one.example/a", "content": "first"},
        {"title": "No", "url": "javascript:alert(1)"}, {"url": 5}, 7,
        {"title": "Again", "url": "https://one.example/a"},
        {"url": "http://two.example/", "snippet": "second\u001b[0m"}, {"url": "https://three.example/"}]}"#;
    let html = "<a href='/settings'>Settings</a> <a href='https://one.example/a'>One</a>\
        <a href='/l/?uddg=http%3A%2F%2Ftwo.example%2F&x=1'>Two</a> <a href='https://one.example/a'>Again</a>\
        <a href='https://four.example/'><img></a> <a href='https://three.example/'>Three</a>";
    for (kind, body) in [("application/json", json), (HTML, html)] {
        let stub = Stub::start(move |_| whole("200 OK", kind, body.as_bytes()));
        let search = SearchAddress::parse(&format!("{}/s?q={{query}}", stub.origin())).expect("an address");
        let at = search.with_query("a b").expect("a query");
        let results = web(&[&place(&stub)]).search(&at, 2).expect("results");
        let found: Vec<String> = results.found.iter().map(|result| result.address.to_string()).collect();
        assert_eq!(found, ["https://one.example/a", "http://two.example/"], "{kind}");
        assert_eq!(results.digest, abi::Digest::hash_blob(body.as_bytes()));
        assert_eq!(stub.seen()[0].path, "/s?q=a%20b");
    }
    for (kind, body) in [
        ("application/json", "[]"),
        ("application/json", "{\"results\": {}}"),
        ("application/json", "x"),
        ("text/plain", "x"),
    ] {
        let stub = Stub::start(move |_| whole("200 OK", kind, body.as_bytes()));
        let at = PageAddress::parse(&stub.origin()).expect("an address");
        let error = web(&[&place(&stub)]).search(&at, 2).expect_err(body);
        assert_eq!(error.fault.word(), "no_results", "{error}");
    }
}
