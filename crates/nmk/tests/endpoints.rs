//! Ten servers, each asked in ten ways: the right answer comes, or the right cause is named. The table is printed.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::home::{Ended, Home};
use serde_json::json;
use synthetic::stub::servers::{KEY, Server};
use synthetic::stub::{Step, Stub, chunked, whole, whole_with};

const SCHEMA: &str =
    r#"{"type": "object", "required": ["colour"], "properties": {"colour": {"enum": ["blue"]}}}"#;
const GRAPH: &str = "[[task]]\nname = \"draft\"\noperation = \
    \"model.draft\"\nanswer = true\nprompt = \"Say hello.\"\n";

/// A way to ask, and what must come of it.
struct Case {
    name: &'static str,
    words: Vec<String>,
    key: Option<&'static str>,
    wanted: Wanted,
}

/// The end of a run that is right.
enum Wanted {
    /// The answer, with exit code 0, and parts that the diagnostics must all have.
    Answer(&'static str, &'static [&'static str]),
    /// No answer, this exit code, and diagnostics with all of these parts.
    Cause(i32, Vec<&'static str>),
}

impl Wanted {
    fn is(&self, ended: &Ended) -> bool {
        match self {
            Self::Answer(answer, parts) => {
                ended.code == 0
                    && ended.out.trim_end() == *answer
                    && parts.iter().all(|part| ended.err.contains(part))
            }
            Self::Cause(code, parts) => {
                ended.code == *code
                    && ended.out.is_empty()
                    && parts.iter().all(|part| ended.err.contains(part))
            }
        }
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Returns the ten ways in which a server that works is asked.
fn cases(server: Server, origin: &str, schema: &str, graph: &str) -> Vec<Case> {
    let address = server.address(origin);
    let bare = match server {
        Server::Azure => address.clone(),
        _ => origin.to_owned(),
    };
    let without_scheme = address.trim_start_matches("http://").to_owned();
    let key = server.wants_a_key().then_some(KEY);
    let case = |name, list: &[&str], wanted| Case { name, words: words(list), key, wanted };
    let ask = |name, prompt: &str, flags: &[&str], wanted| {
        let list = [&["ask", prompt, "--model", &address, "--model-name", "small"], flags].concat();
        case(name, &list, wanted)
    };
    let unknown = ["no model `absent`", "small"];
    let unnamed = match server.models() {
        [_] => Wanted::Answer("12", &["the endpoint has one model, which is asked: small"]),
        _ => Wanted::Cause(2, vec!["none is given", "--model-name", "small", server.models()[1]]),
    };
    let keyless = match server {
        Server::Azure => Wanted::Cause(2, vec!["401", "invalid subscription key", "OPENAI_API_KEY"]),
        _ if server.wants_a_key() => {
            Wanted::Cause(2, vec!["401", "Incorrect API key provided.", "OPENAI_API_KEY"])
        }
        _ => Wanted::Answer("12", &["evidence: oracle"]),
    };
    let gcd = "What is the gcd of 84 and 36?";
    vec![
        ask("a question that is checked", gcd, &[], Wanted::Answer("12", &["evidence: oracle"])),
        ask(
            "an answer under a schema",
            "Which colour?",
            &["--schema", schema],
            Wanted::Answer("{\"colour\":\"blue\"}", &["evidence: schema · contract · 1 generation · "]),
        ),
        ask("conversation", "Good morning!", &[], Wanted::Answer("Hello there.", &["evidence: unverified"])),
        case(
            "a graph",
            &["run", graph, "--model", &address, "--model-name", "small"],
            Wanted::Answer("Hello there.", &["committed at"]),
        ),
        ask(
            "an answer that is cut",
            gcd,
            &["--max-new", "2"],
            Wanted::Cause(1, vec!["cut off", "raise --max-new"]),
        ),
        ask("thoughts on", gcd, &["--thinking", "on"], Wanted::Answer("12", &["evidence: oracle"])),
        case(
            "a name that is unknown",
            &["ask", gcd, "--model", &address, "--model-name", "absent"],
            Wanted::Cause(2, unknown.to_vec()),
        ),
        case("no name", &["ask", gcd, "--model", &address], unnamed),
        case(
            "an address without its path",
            &["ask", gcd, "--model", &bare, "--model-name", "small"],
            Wanted::Answer("12", &["evidence: oracle"]),
        ),
        case(
            "an address without its scheme",
            &["ask", gcd, "--model", &without_scheme, "--model-name", "small"],
            Wanted::Answer("12", &["evidence: oracle"]),
        ),
        Case {
            key: None,
            ..case("no key", &["ask", gcd, "--model", &address, "--model-name", "small"], keyless)
        },
    ]
}

/// Returns the faults of a server that is broken.
fn faults(origin: &str) -> Vec<Case> {
    let address = Server::Broken.address(origin);
    let table: [(&'static str, &'static str, i32, &[&str]); 11] = [
        ("choices null with an error", "null", 2, &["reported an error", "upstream went away"]),
        ("choices null", "nothing", 2, &["not a chat completion", "choices"]),
        ("an error event", "event", 2, &["reported an error", "out of memory"]),
        ("a stream that is cut", "cut", 2, &["cut off before its end"]),
        ("a page of a proxy", "html", 2, &["HTTP 502", "Bad Gateway"]),
        ("half an object", "json", 2, &["not a chat completion", "mess"]),
        ("an empty reply", "empty", 2, &["has no text"]),
        ("a redirect", "redirect", 2, &["HTTP 302: `http://example.com/`", "not followed"]),
        ("a long wait", "busy", 2, &["asks to wait 86400 s", "loading the model"]),
        ("an end by an error", "finish", 2, &["reported an error", "finish_reason"]),
        ("a full disk", "disk", 2, &["HTTP 500", "the disk is full"]),
    ];
    let case = |(name, fault, code, parts): (&'static str, &str, i32, &[&'static str])| Case {
        name,
        words: words(&[
            "ask",
            &format!("Hello? fault:{fault}"),
            "--model",
            &address,
            "--model-name",
            "small",
        ]),
        key: None,
        wanted: Wanted::Cause(code, parts.to_vec()),
    };
    table.into_iter().map(case).collect()
}

#[test]
fn ten_servers_answer_or_name_the_cause() {
    let home = Home::new("endpoints");
    let schema = home.write("work/colour.json", SCHEMA).display().to_string();
    let graph = home.write("work/hello.toml", GRAPH).display().to_string();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for server in Server::ALL {
        let requests = AtomicUsize::new(0);
        let stub = Stub::start(move |seen| server.reply(seen, &requests));
        let cases = match server {
            Server::Broken => faults(&stub.origin()),
            server => cases(server, &stub.origin(), &schema, &graph),
        };
        for Case { name, words, key, wanted } in cases {
            let variables: Vec<(&str, &str)> = key.map(|key| ("OPENAI_API_KEY", key)).into_iter().collect();
            let ended = home.run_with(&words, &variables);
            let is_right = wanted.is(&ended);
            count += 1;
            let shown = if ended.code == 0 {
                ended.out.trim_end()
            } else {
                ended.err.lines().next().unwrap_or_default()
            };
            println!("{} · {name} · {} · {shown}", server.name(), if is_right { "right" } else { "WRONG" });
            if !is_right {
                wrong.push(format!("{} · {name}: {ended:?}", server.name()));
            }
        }
    }
    println!("{count} cases, {} wrong", wrong.len());
    assert!(count >= 80 && wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

#[test]
fn a_wait_is_shown_and_a_refusal_is_remembered() {
    let home = Home::new("endpoints-wait");
    let (requests, graph) = (
        AtomicUsize::new(0),
        "[[task]]\nname = \"a\"\noperation = \"model.draft\"\nprompt = \"Say hello.\"\n",
    );
    let groq = Stub::start({
        let requests = AtomicUsize::new(0);
        move |seen| Server::Groq.reply(seen, &requests)
    });
    let address = Server::Groq.address(&groq.origin());
    let key = [("OPENAI_API_KEY", KEY)];
    let waited =
        home.run_with(["ask", "Good morning!", "--model", &address, "--model-name", "small", "--json"], &key);
    assert_eq!(waited.code, 0, "{waited:?}");
    assert!(waited.err.contains("asks to wait 0.05 s, HTTP 429: `Rate limit reached"), "{waited:?}");
    assert_eq!(waited.json()["usage"], json!({"prompt_tokens": 9, "tokens": 5, "counted": "endpoint"}));

    // Two drafts of one process: the second request is sent at once as the first one was taken.
    let openai = Stub::start(move |seen| Server::OpenAi.reply(seen, &requests));
    let address = Server::OpenAi.address(&openai.origin());
    let second = graph.replace("\"a\"", "\"b\"") + "after = [\"a\"]\nanswer = true\n";
    let path = home.write("work/two.toml", format!("{graph}{second}"));
    let path = path.display().to_string();
    let ended =
        home.run_with(["run", &path, "--model", &address, "--model-name", "small", "--workers", "1"], &key);
    assert_eq!(ended.code, 0, "{ended:?}");
    let seen: Vec<_> = openai.seen().iter().map(|seen| seen.json()).collect();
    let sent = seen.iter().map(|body| (body.get("max_tokens").is_some(), body.get("temperature").is_some()));
    assert_eq!(sent.collect::<Vec<_>>(), [(true, true), (false, true), (false, false), (false, false)]);

    // A configuration says so from the start.
    let config = "[endpoint]\nmax_tokens = \"max_completion_tokens\"\ntemperature = false\nsystem_role = \"developer\"\n";
    let config = home.write("work/own.toml", config).display().to_string();
    let before = openai.seen().len();
    let list = ["ask", "Good morning!", "--model", &address, "--model-name", "small", "--config", &config];
    assert_eq!(home.run_with(list, &key).code, 0);
    let seen = openai.seen();
    assert_eq!(seen.len(), before + 1);
    assert_eq!(seen[before].json()["messages"][0]["role"], "developer");
}

/// A model that never thinks takes no choice of thinking under any name, and the first refusal says so for all of them.
#[test]
fn a_choice_of_thinking_is_left_out_where_the_model_cannot_think() {
    let home = Home::new("endpoints-thinking");
    let ollama = Stub::start({
        let requests = AtomicUsize::new(0);
        move |seen| Server::Ollama.reply(seen, &requests)
    });
    let address = Server::Ollama.address(&ollama.origin());
    let model = ["--model", &address, "--model-name", "llama3.2", "--thinking", "on"];
    let ended = home.run([&["ask", "What is the gcd of 84 and 36?"], &model[..]].concat());
    assert_eq!((ended.code, ended.out.as_str()), (0, "12\n"), "{ended:?}");
    assert!(ended.err.contains("takes no choice of thinking: `\"llama3.2\" does not support"), "{ended:?}");
    let sent: Vec<_> = ollama.seen().iter().map(|seen| seen.json()).collect();
    let has = |key: &str| sent.iter().map(|body| body.get(key).is_some()).collect::<Vec<_>>();
    assert_eq!(
        (has("reasoning_effort"), has("chat_template_kwargs")),
        (vec![true, false], vec![true, false])
    );
}

#[test]
fn a_proxy_variable_that_cannot_be_read_is_named() {
    let home = Home::new("endpoints-proxy");
    let stub = Stub::start(|_| blue());
    let ask = |base: &str, variables: &[(&str, &str)]| {
        home.run_with(["ask", "Hi", "--model", base, "--model-name", "m"], variables)
    };
    for (variable, content) in
        [("HTTPS_PROXY", "no such scheme://user:sesame@x"), ("all_proxy", "http://one:99999")]
    {
        let refused = ask("http://model.example/v1", &[(variable, content), ("http_proxy", &stub.origin())]);
        refused.is_refused(&[variable, "is not the address of a proxy"]);
        assert!(!refused.err.contains("sesame"), "{refused:?}");
        // This machine is reached without a proxy.
        let here = ask(&stub.base(), &[(variable, content)]);
        assert_eq!(here.code, 0, "{here:?}");
    }
}

#[test]
fn the_last_words_of_a_server_are_shown() {
    let home = Home::new("endpoints-words");
    let ask = |stub: &Stub| {
        let base = stub.base();
        home.run_with(["ask", "Hi", "--model", &base, "--model-name", "m"], &[("OPENAI_API_KEY", KEY)])
    };
    // A server that never stops asking for a short wait is given up, with its words and without the key.
    let busy = Stub::start(|_| {
        whole_with("429 Too Many Requests", &["Retry-After: 0"], &json!({"error": "slow down, sesame"}))
    });
    let ended = ask(&busy);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{ended:?}");
    assert!(ended.err.contains("asks to wait 0 s, HTTP 429: `slow down, [key]`"), "{ended:?}");
    assert!(!ended.err.contains(KEY), "{ended:?}");
    assert_eq!(busy.seen().len(), 16);
    // A date is compared with the server's own clock.
    let headers = ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: Sun, 06 Nov 1994 09:49:37 GMT"];
    let dated =
        Stub::start(move |_| whole_with("503 Service Unavailable", &headers, &json!({"error": "loading"})));
    ask(&dated).is_refused(&["asks to wait 3600 s, HTTP 503: `loading`"]);
    // Where something is to be paid, waiting helps nobody.
    let bare = Stub::start(|_| whole_with("429 Too Many Requests", &[], &json!({"error": "out of quota"})));
    ask(&bare).is_refused(&["HTTP 429: `out of quota`"]);
    assert_eq!(bare.seen().len(), 1);
    // Without a stated wait a busy server is asked again after a second.
    let requests = AtomicUsize::new(0);
    let busy = Stub::start(move |_| match requests.fetch_add(1, Ordering::Relaxed) {
        0 => whole_with("503 Service Unavailable", &[], &json!({"error": "overloaded"})),
        _ => blue(),
    });
    let ended = ask(&busy);
    assert_eq!((ended.code, busy.seen().len()), (0, 2), "{ended:?}");
    let told = "is busy and states no wait, so it is asked again in 1 s, HTTP 503: `overloaded`";
    assert!(ended.err.contains(told), "{ended:?}");
    // A refusal inside a reply that has begun with success is a refusal.
    let inside = Stub::start(|seen| match seen.json().get("seed") {
        Some(_) => whole_with("200 OK", &[], &json!({"error": {"message": "unknown parameter: seed"}})),
        None => blue(),
    });
    let ended = ask(&inside);
    assert_eq!((ended.code, inside.seen().len()), (0, 2), "{ended:?}");
    let long = Stub::start(|_| {
        let words = "This model's maximum context length is 2048 tokens; you asked for 1024 in max_tokens.";
        whole_with("400 Bad Request", &[], &json!({"error": {"message": words}}))
    });
    ask(&long).is_refused(&["maximum context length is 2048", "lower --max-new"]);
    assert_eq!(long.seen().len(), 1);
}

#[test]
fn addresses_and_certificates_are_named_rightly() {
    let home = Home::new("endpoints-named");
    let refused = |words: &[&str], variables: &[(&str, &str)], parts: &[&str]| {
        home.run_with([&["ask", "Hi"], words].concat(), variables).is_refused(parts);
    };
    refused(
        &["--model", "api.example.com/v1"],
        &[],
        &["begins with its scheme", "https://api.example.com/v1"],
    );
    refused(&["--model", "http://h/v1?key=x"], &[], &["query"]);
    let plain = Stub::start(|_| whole("200 OK", "text/plain", b""));
    let encrypted = plain.base().replace("http://", "https://");
    refused(&["--model", &encrypted, "--model-name", "m"], &[], &["closed the connection", "speaks https"]);
    // The proxy is named, and not the endpoint behind it.
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let proxy = format!("http://me:sesame@{closed}");
    for (variable, address) in [
        ("HTTP_PROXY", "http://plain.example/v1"),
        ("https_proxy", "https://plain.example/v1"),
        ("ALL_PROXY", "https://plain.example/v1"),
    ] {
        let named = format!("the proxy {closed} gives no connection");
        let ended = home
            .run_with(["ask", "Hi", "--model", address, "--model-name", "m"], &[(variable, proxy.as_str())]);
        ended.is_refused(&[&named, "refused", "NO_PROXY"]);
        assert!(!ended.err.contains("sesame"), "{ended:?}");
    }
    let bad = home.write("work/bad.pem", "nothing").display().to_string();
    let https = ["--model", "https://localhost:9/v1", "--model-name", "m"];
    refused(&[&https[..], &["--ca-file", &bad]].concat(), &[], &["--ca-file", "bad.pem", "no certificate"]);
    refused(&https, &[("SSL_CERT_FILE", &bad)], &["SSL_CERT_FILE", "no certificate"]);
    refused(&[&https[..], &["--ca-file", "/none.pem"]].concat(), &[], &["/none.pem", "cannot be read"]);
    home.write("work/nmk.toml", "[endpoint]\nca_file = \"x.pem\"\n");
    refused(&https, &[], &["endpoint.ca_file", "may not be stated"]);
    home.write("work/nmk.toml", "model = \"localhost:9/v1\"\n");
    refused(&[], &[], &["may not be stated", "--model"]);
    home.write("work/nmk.toml", "[endpoint]\nsystem_role = \"boss\"\n");
    refused(&https, &[], &["endpoint.system_role", "`boss`", "developer"]);
}

#[test]
fn a_server_is_told_about_the_schema_until_it_refuses() {
    let home = Home::new("endpoints-schema");
    let schema = home.write("work/colour.json", SCHEMA).display().to_string();
    let stub = Stub::start(|seen| match seen.json().get("response_format") {
        Some(_) => whole(
            "400 Bad Request",
            "application/json",
            br#"{"error": {"message": "response_format is not supported"}}"#,
        ),
        None => blue(),
    });
    let base = stub.base();
    let ended = home.run(["ask", "Which?", "--schema", &schema, "--model", &base, "--model-name", "m"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, "{\"colour\":\"blue\"}\n"), "{ended:?}");
    let seen = stub.seen();
    let sent = &seen[0].json()["response_format"]["json_schema"]["schema"];
    assert_eq!(sent, &serde_json::from_str::<serde_json::Value>(SCHEMA).expect("JSON"));
    assert!(seen.len() == 2 && seen[1].body.contains("JSON Schema"), "the prompt has it in any case");
    // A refusal that names nothing is shown as it is, and not tried again.
    let stub = Stub::start(|_| {
        whole("400 Bad Request", "application/json", br#"{"error": {"message": "I do not like it"}}"#)
    });
    let base = stub.base();
    home.run(["ask", "Hi", "--model", &base, "--model-name", "m"])
        .is_refused(&["HTTP 400", "`I do not like it`"]);
    assert_eq!(stub.seen().len(), 1);
}

fn blue() -> Vec<Step> {
    let event =
        json!({"choices": [{"delta": {"content": "{\"colour\":\"blue\"}"}, "finish_reason": "stop"}]});
    chunked("text/event-stream", format!("data: {event}\n\ndata: [DONE]\n\n").as_bytes(), 7)
}
