//! An endpoint that cannot be used ends the question with one line; the ledger stays whole.

mod common;

use std::net::TcpListener;
use std::time::Duration;

use common::home::Home;
use synthetic::stub::{Step, Stub, chunked_head, says, whole};

fn ask(base: &str) -> [&str; 6] {
    ["ask", "Is 7 a prime number?", "--model-name", "small", "--model", base]
}

#[test]
fn addresses_are_checked_before_anything_is_sent() {
    let home = Home::new("endpoint-address");
    home.run(["ask", "Hi", "--model", "http://localhost:1/v1"]).is_refused(&["refused the connection"]);
    home.run(ask("http://me:sesame@localhost/v1")).is_refused(&["user name or password"]);
    home.run(ask("http://localhost:notaport/v1")).is_refused(&["not a URL"]);
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn failures_leave_a_ledger_that_verifies() {
    let home = Home::new("endpoint-failures");
    let config = home.write("quick.toml", "[remote]\nstall_timeout_seconds = 0.3\n");
    let config = ["--config", config.to_str().expect("UTF-8")];

    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let unreachable = format!("http://{free}/v1");
    home.run(ask(&unreachable)).is_refused(&["refused the connection", &unreachable, "start the server"]);

    let garbage = Stub::start(|_| whole("200 OK", "text/html", b"<html>Welcome</html>"));
    home.run(ask(&garbage.base())).is_refused(&["not a chat completion", "<html>Welcome", &garbage.base()]);

    let stalls =
        Stub::start(|_| vec![chunked_head("text/event-stream"), Step::Wait(Duration::from_secs(20))]);
    let ended = home.run(ask(&stalls.base()).iter().chain(&config));
    ended.is_refused(&["stalled: 0.3 s of silence", &stalls.base()]);

    let ended = home.run_with(ask(&garbage.base()), &[("OPENAI_API_KEY", "ses\tame")]);
    ended.is_refused(&["the key has characters", "OPENAI_API_KEY"]);

    let verified = home.run(["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn the_key_is_sent_and_appears_nowhere_else() {
    let home = Home::new("endpoint-key");
    let key = [("OPENAI_API_KEY", "sesame-0123")];
    let answers = Stub::start(|_| says("It is.\nAnswer: yes"));
    let ended = home.run_with(ask(&answers.base()), &key);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(answers.seen()[0].headers["authorization"], "Bearer sesame-0123");

    let refuses = Stub::start(|_| whole("401 Unauthorized", "text/plain", b"no such key: sesame-0123"));
    let refused = home.run_with(ask(&refuses.base()), &key);
    refused.is_refused(&["HTTP 401", "no such key: [key]", "check the variable OPENAI_API_KEY"]);

    let shown = home.run(["ledger", "show", "--json"]);
    for text in [&ended.out, &ended.err, &refused.err, &shown.out] {
        assert!(!text.contains("sesame"), "{text}");
    }
    for file in files(&home.ledger()) {
        let content = std::fs::read(&file).expect("a file of the ledger");
        assert!(!content.windows(6).any(|window| window == b"sesame"), "{}", file.display());
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn the_proxy_that_the_environment_names_is_used() {
    let home = Home::new("endpoint-proxy");
    let proxy = Stub::start(|_| whole("502 Bad Gateway", "text/plain", b"no such host"));
    let address = proxy.base();
    let ended =
        home.run_with(ask("http://model.example/v1"), &[("HTTP_PROXY", address.trim_end_matches("/v1"))]);
    ended.is_refused(&["gives no connection", "http://model.example/v1"]);
    assert_eq!(proxy.seen()[0].path, "model.example:80");
}
