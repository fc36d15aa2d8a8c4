//! A server on this machine that speaks HTTP/1.1 as a test tells it to, or worse.

pub mod servers;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as the stub has read it from the connection.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method, for example `POST`.
    pub method: String,
    /// The path of the request's target.
    pub path: String,
    /// The headers, under their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, which must be UTF-8.
    pub body: String,
}

impl Seen {
    /// Returns the body of the request as JSON.
    ///
    /// # Panics
    /// If the body is not JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the request's body is JSON")
    }
}

/// A step of the stub on a connection, after it has read the request.
#[derive(Clone, Debug)]
pub enum Step {
    /// Send these bytes as they are.
    Send(Vec<u8>),
    /// Keep silent, unless the stub ends first.
    Wait(Duration),
    /// Send these bytes over and over, until the other side hangs up.
    Flood(Vec<u8>),
}

/// A running stub server on a free port, which ends when the value is dropped.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    /// Starts a stub that performs, for every request, the steps that `script` returns.
    ///
    /// # Panics
    /// If the machine gives no port.
    pub fn start(script: impl Fn(&Seen) -> Vec<Step> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let thread = {
            let (seen, ended) = (Arc::clone(&seen), Arc::clone(&ended));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    if ended.load(Ordering::SeqCst) {
                        return;
                    }
                    serve(stream.expect("a connection"), &script, &seen, &ended);
                }
            })
        };
        Self { address, seen, ended, thread: Some(thread) }
    }

    /// Returns the base address of the stub, as a user passes it to `--model`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Returns the scheme, the host and the port of the stub.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests that the stub has read so far, in order.
    ///
    /// # Panics
    /// If the stub panicked.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no thread panicked").clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the stub did not panic");
        }
    }
}

/// Serves one request per connection; a client that hangs up early is no fault of the stub.
fn serve(
    stream: TcpStream,
    script: &dyn Fn(&Seen) -> Vec<Step>,
    seen: &Mutex<Vec<Seen>>,
    ended: &AtomicBool,
) {
    let Some(request) = read_request(&stream) else { return };
    seen.lock().expect("no thread panicked").push(request.clone());
    stream.set_nodelay(true).expect("a socket option");
    for step in script(&request) {
        let sent = match step {
            Step::Send(bytes) => (&stream).write_all(&bytes),
            Step::Wait(duration) => {
                wait(duration, ended);
                Ok(())
            }
            Step::Flood(bytes) => loop {
                if let Err(error) = (&stream).write_all(&bytes) {
                    break Err(error);
                }
            },
        };
        if sent.is_err() {
            return;
        }
    }
    // The last bytes are still on their way when the stream is dropped with input unread.
    drop(stream.shutdown(Shutdown::Write));
}

fn wait(duration: Duration, ended: &AtomicBool) {
    let step = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    while waited < duration && !ended.load(Ordering::SeqCst) {
        std::thread::sleep(step);
        waited += step;
    }
}

fn read_request(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { method, path, headers, body: String::from_utf8(body).expect("UTF-8") })
}

/// Returns the steps of a whole response with a `Content-Length`, in two writes.
#[must_use]
pub fn whole(status: &str, kind: &str, body: &[u8]) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    vec![Step::Send(head.into_bytes()), Step::Send(body.to_vec())]
}

/// Returns the steps of a response with more headers, whose body is JSON.
#[must_use]
pub fn whole_with(status: &str, headers: &[&str], body: &serde_json::Value) -> Vec<Step> {
    let body = body.to_string();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    vec![Step::Send(head.into_bytes()), Step::Send(body.into_bytes())]
}

/// Returns `bytes` in the format gzip, stored as they are and not made shorter.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut chunks = bytes.chunks(0xffff).peekable();
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).expect("a chunk is shorter");
        out.push(u8::from(chunks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&u32::try_from(bytes.len()).expect("a short text").to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Returns the steps of a response in chunked transfer, cut into chunks of `size` bytes wherever that falls.
#[must_use]
pub fn chunked(kind: &str, body: &[u8], size: usize) -> Vec<Step> {
    let mut steps = vec![chunked_head(kind)];
    steps.extend(body.chunks(size).map(chunk));
    steps.push(Step::Send(b"0\r\n\r\n".to_vec()));
    steps
}

/// Returns the step that sends the head of a response in chunked transfer.
#[must_use]
pub fn chunked_head(kind: &str) -> Step {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    Step::Send(head.into_bytes())
}

/// Returns the step that sends one chunk with its length in hexadecimal.
#[must_use]
pub fn chunk(bytes: &[u8]) -> Step {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    Step::Send(chunk)
}

/// Returns an event stream of a model that says `pieces`, as the well-known servers write it. The stream ends
/// with a report of usage.
#[must_use]
pub fn stream(pieces: &[&str], finish: &str) -> Vec<u8> {
    let event = |delta: serde_json::Value, finish: Option<&str>| {
        let choice = serde_json::json!({"index": 0, "delta": delta, "finish_reason": finish});
        let body = serde_json::json!({"id": "c1", "object": "chat.completion.chunk", "choices": [choice]});
        format!("data: {body}\n\n")
    };
    let mut text = event(serde_json::json!({"role": "assistant", "content": ""}), None);
    text += ": keep-alive\n\n";
    for piece in pieces {
        text += &event(serde_json::json!({"content": piece}), None);
    }
    text += &event(serde_json::json!({}), Some(finish));
    text += "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n";
    text += "data: [DONE]\n\n";
    text.into_bytes()
}

/// Returns the reply of an ordinary streaming server whose model says `text`.
#[must_use]
pub fn says(text: &str) -> Vec<Step> {
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    chunked("text/event-stream", &stream(&pieces, "stop"), 4096)
}
