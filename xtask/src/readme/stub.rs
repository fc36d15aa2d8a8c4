//! An endpoint on this machine that answers a few prompts and a search, for the commands that need one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::error::Error;

/// Pairs of a part of a prompt and the reply to prompts that contain it. The last one answers all other
/// prompts.
const REPLIES: &[(&str, &str)] = &[
    ("median", MEDIAN),
    ("gcd", "Answer: 12"),
    ("cat", "{\"name\": \"Tom\", \"age\": 3}"),
    ("", "Answer: yes"),
];

/// A program for the contract `docs/median.toml`.
const MEDIAN: &str = "```python
def median(numbers):
    if not numbers:
        raise ValueError('no numbers')
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
```";

/// The reply to every search.
const RESULTS: &str =
    "{\"results\": [{\"title\": \"re\", \"url\": \"https://docs.example/re\", \"content\": \"split\"}]}";

/// Starts the endpoint, and returns the address to pass to `--model`. Its thread ends with the process.
pub(crate) fn start() -> Result<String, Error> {
    start_slow(Duration::ZERO)
}

/// Starts an endpoint that thinks for a while before it answers, about any number of requests at once.
pub(crate) fn start_slow(pause: Duration) -> Result<String, Error> {
    let spawn = |source| Error::Spawn { program: "the stub endpoint".to_owned(), source };
    let listener = TcpListener::bind("127.0.0.1:0").map_err(spawn)?;
    let address = listener.local_addr().map_err(spawn)?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                // A client that hangs up early finds out by itself.
                let _ = serve(&stream, pause);
            });
        }
    });
    Ok(format!("http://{address}/v1"))
}

fn serve(mut stream: &TcpStream, pause: Duration) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let is_search = request.starts_with("GET /search?");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    thread::sleep(pause);
    let body = if is_search { RESULTS.to_owned() } else { reply(&String::from_utf8_lossy(&body)) };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn reply(request: &str) -> String {
    let row = REPLIES.iter().find(|(part, _)| request.contains(part));
    let content = addition(request).unwrap_or_else(|| row.map_or("", |(_, reply)| reply).to_owned());
    let message = json!({"role": "assistant", "content": content});
    json!({"id": "stub", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).to_string()
}

/// Returns a function that adds the number for which a prompt of `nmk solve` asks: "Return 7 more than n."
fn addition(request: &str) -> Option<String> {
    let (before, _) = request.split_once(" more than n.")?;
    let number: u64 = before.rsplit(' ').next()?.parse().ok()?;
    Some(format!("def f(n):\n    return n + {number}"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[test]
    fn a_prompt_is_answered() {
        let address = super::start().unwrap();
        let host = address.trim_start_matches("http://").trim_end_matches("/v1");
        let mut stream = TcpStream::connect(host).unwrap();
        let body = "{\"messages\": [{\"content\": \"the gcd of 84 and 36\"}]}";
        write!(stream, "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("Answer: 12"), "{answer}");
    }
}
