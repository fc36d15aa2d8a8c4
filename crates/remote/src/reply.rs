//! One reply, read from bytes that arrive in pieces of any size.

use abi::{Step, Stop};
use text::{ReasonedReply, ReasoningMarkup, StreamedReply};

use crate::completion::{Completion, Said};
use crate::events::Events;

/// A reply that is arriving: its form, and the text so far.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    form: Form,
    received: Received,
}

/// A reply that has arrived to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    /// The answer, without thoughts. Empty if the model stated none.
    pub(crate) text: String,
    /// The thoughts; empty if there are none.
    pub(crate) thoughts: String,
    /// The reason why generation stopped.
    pub(crate) stop: Stop,
    /// The number of generated tokens that the server states.
    pub(crate) used: Option<u64>,
    /// The number of tokens of the prompt that the server states.
    pub(crate) prompted: Option<u64>,
    /// The server's word for the end, if it is none that is known. It is taken for the model's own end.
    pub(crate) unknown_end: Option<String>,
}

/// A reply that is not a whole chat completion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The reply is neither an event stream nor a JSON object, or is JSON of another protocol. Has the bytes
    /// in question.
    Garbage(Vec<u8>),
    /// The text is not UTF-8.
    NotUtf8,
    /// The server reports an error inside the reply, with this message.
    Reported(String),
    /// The reply ends before its end mark.
    Truncated,
    /// The reply ends by itself without any text.
    Empty,
}

/// The form of a reply, which its first byte decides.
#[derive(Debug, Default)]
enum Form {
    /// Only white space has arrived.
    #[default]
    Unknown,
    /// A stream of events.
    Stream(Events),
    /// One JSON object, of which these bytes have arrived.
    Whole(Vec<u8>),
}

/// The text so far, and what the server has said about the end of the reply.
#[derive(Debug, Default)]
struct Received {
    text: String,
    /// The number of events with text.
    pieces: u64,
    /// The parts of `text` that were told. None if there is no text yet.
    streamed: Option<StreamedReply>,
    stop: Option<Stop>,
    /// The number of generated tokens that the server states, the largest if it states several.
    used: Option<u64>,
    /// The number of tokens of the prompt that the server states.
    prompted: Option<u64>,
    /// The thoughts that the server took apart itself.
    thoughts: String,
    refusal: String,
    calls_tool: bool,
    /// The server's word for the end, if it is none that is known.
    unknown_end: Option<String>,
    /// True once the end mark of the stream has arrived.
    done: bool,
}

impl Reply {
    /// Reads more bytes and calls `progress` with every step that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], progress: &mut dyn FnMut(Step<'_>)) -> Result<(), Fault> {
        let bytes = match self.form {
            Form::Unknown => self.recognise(bytes)?,
            Form::Stream(_) | Form::Whole(_) => bytes,
        };
        match &mut self.form {
            Form::Unknown => Ok(()),
            Form::Whole(whole) => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
            Form::Stream(events) => events.push(bytes, &mut |data| self.received.event(data, progress)),
        }
    }

    /// Returns the whole reply. The caller has no more bytes.
    pub(crate) fn finish(mut self, progress: &mut dyn FnMut(Step<'_>)) -> Result<Whole, Fault> {
        match &mut self.form {
            Form::Unknown => return Err(Fault::Truncated),
            Form::Stream(events) => events.finish(&mut |data| self.received.event(data, progress))?,
            Form::Whole(whole) => {
                if !self.received.completion(whole, progress)? {
                    return Err(Fault::Garbage(std::mem::take(whole)));
                }
                // An object that parses is complete, even if it does not say why it ended.
                self.received.done = true;
            }
        }
        self.received.whole()
    }

    /// Decides the form by the first byte that is not white space, and returns the bytes from there on. Fails
    /// if no form begins with that byte.
    ///
    /// The declared content type is ignored, because servers mislabel their replies.
    fn recognise<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        // A byte order mark may stand before either form.
        let bytes = bytes.trim_ascii_start();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        self.form = match bytes.first() {
            None => Form::Unknown,
            Some(b'{') => Form::Whole(Vec::new()),
            Some(b'd' | b'e' | b'i' | b'r' | b':' | 0xef) => Form::Stream(Events::default()),
            Some(_) => return Err(Fault::Garbage(bytes.to_vec())),
        };
        Ok(bytes)
    }
}

impl Received {
    /// Reads the data of one event.
    fn event(&mut self, data: &[u8], progress: &mut dyn FnMut(Step<'_>)) -> Result<(), Fault> {
        // Events after the end mark, and empty ones, carry nothing.
        if self.done || data.is_empty() {
            return Ok(());
        }
        if data == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        self.completion(data, progress).map(|_| ())
    }

    /// Reads one JSON object: a whole completion, or a part of one. Returns false if it has nothing of the protocol.
    fn completion(&mut self, json: &[u8], progress: &mut dyn FnMut(Step<'_>)) -> Result<bool, Fault> {
        let json = str::from_utf8(json).map_err(|_| Fault::NotUtf8)?;
        let completion: Completion =
            serde_json::from_str(json).map_err(|_| Fault::Garbage(json.as_bytes().to_vec()))?;
        // Some servers count up in every event, and others report once at the end.
        self.used = self.used.max(completion.used());
        self.prompted = self.prompted.max(completion.prompted());
        if let Some(message) = completion.reported() {
            return Err(Fault::Reported(message));
        }
        // An object without a choice is a report of usage or a keep-alive.
        let Said { text, thoughts, refusal, calls_tool, stop, broken_by, unknown_end } = completion.said();
        if let Some(word) = broken_by {
            return Err(Fault::Reported(format!("the server ended the reply with `finish_reason` {word}")));
        }
        self.unknown_end = unknown_end.or(self.unknown_end.take());
        if !text.is_empty() || !thoughts.is_empty() {
            self.pieces += 1;
            // Servers that state no figure meanwhile send a token in each event, or a few.
            progress(Step::Tokens(self.used.unwrap_or(0).max(self.pieces)));
        }
        if !text.is_empty() {
            self.text.push_str(&text);
            let streamed =
                self.streamed.get_or_insert_with(|| StreamedReply::new(ReasoningMarkup::default()));
            streamed.tell(&self.text, progress);
        }
        if !thoughts.is_empty() {
            progress(Step::Thought(&thoughts));
            self.thoughts.push_str(&thoughts);
        }
        self.refusal.push_str(&refusal);
        self.calls_tool |= calls_tool;
        self.stop = stop.or(self.stop);
        Ok(completion.is_of_the_protocol())
    }

    /// Returns the whole reply, with the thoughts taken apart from the answer.
    fn whole(self) -> Result<Whole, Fault> {
        let stop = match (self.stop, self.done) {
            (Some(stop), _) => stop,
            (None, true) => Stop::End,
            (None, false) => return Err(Fault::Truncated),
        };
        let ReasonedReply { answer, thoughts, calls_tool } = ReasoningMarkup::default().split(&self.text);
        let states_nothing = answer.trim().is_empty();
        let stop = match stop {
            // Some servers say "stop" all the same. What stands beside a refusal or a call is no answer.
            Stop::End if !self.refusal.trim().is_empty() => Stop::Refusal,
            Stop::End if self.calls_tool || (states_nothing && calls_tool) => Stop::ToolCall,
            stop => stop,
        };
        let thoughts = [self.thoughts, thoughts];
        let thoughts = thoughts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
        let thoughts = thoughts.collect::<Vec<_>>().join("\n");
        let text = if states_nothing && stop == Stop::Refusal { self.refusal } else { answer };
        if text.trim().is_empty() && thoughts.is_empty() && stop == Stop::End {
            return Err(Fault::Empty);
        }
        let (used, prompted, unknown_end) = (self.used, self.prompted, self.unknown_end);
        Ok(Whole { text, thoughts, stop, used, prompted, unknown_end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<(String, Stop), Fault> {
        whole(pieces).map(|whole| (whole.text, whole.stop))
    }

    fn whole(pieces: &[&[u8]]) -> Result<Whole, Fault> {
        let mut reply = Reply::default();
        for piece in pieces {
            reply.push(piece, &mut |_| {})?;
        }
        reply.finish(&mut |_| {})
    }

    const STREAM: &[u8] = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
        : keep-alive\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"sév\"},\"finish_reason\":null}]}\r\n\r\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"en\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"total_tokens\":9}}\n\ndata: [DONE]\n\n"
        .as_bytes();

    #[test]
    fn a_stream_reads_the_same_in_every_split() {
        for split in 0..=STREAM.len() {
            let (text, stop) = read(&[&STREAM[..split], &STREAM[split..]]).expect("a whole reply");
            assert_eq!((text.as_str(), stop), ("séven", Stop::End), "split at {split}");
        }
    }

    #[test]
    fn the_servers_count_of_tokens_is_read_and_its_absence_is_none() {
        let event = |usage: &str| {
            let text = "{\"delta\":{\"content\":\"7\"},\"finish_reason\":\"stop\"}";
            format!("data: {{\"choices\":[{text}]{usage}}}\n\ndata: [DONE]\n\n")
        };
        let table = [
            (",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":9}", Some(9)),
            (",\"usage\":{\"completion_tokens\":0}", Some(0)),
            ("", None),
            (",\"usage\":null", None),
            (",\"usage\":{\"total_tokens\":9}", None),
            (",\"usage\":{\"completion_tokens\":-1}", None),
            (",\"usage\":{\"completion_tokens\":\"9\"}", None),
            (",\"usage\":\"many\"", None),
        ];
        for (usage, used) in table {
            let stream = event(usage);
            assert_eq!(whole(&[stream.as_bytes()]).map(|whole| whole.used), Ok(used), "{usage}");
        }
        let apart = event("").replace(
            "data: [DONE]",
            "data: {\"choices\":[],\"usage\":{\"completion_tokens\":4}}\n\ndata: [DONE]",
        );
        assert_eq!(whole(&[apart.as_bytes()]).map(|whole| whole.used), Ok(Some(4)));
    }

    #[test]
    fn a_stream_that_is_cut_before_its_end_is_truncated() {
        let end = STREAM.windows(6).position(|window| window == b"\"stop\"").expect("the reason");
        for cut in 0..end {
            let fault = read(&[&STREAM[..cut]]).expect_err("it did not end");
            // A cut inside an event leaves JSON that does not parse, or a character that does not decode.
            assert!(
                matches!(fault, Fault::Truncated | Fault::Garbage(_) | Fault::NotUtf8),
                "cut at {cut}: {fault:?}"
            );
        }
    }

    #[test]
    fn replies_are_told_apart() {
        let whole = br#" {"choices":[{"message":{"content":"7"},"finish_reason":"length"}]}"#;
        assert_eq!(read(&[whole]), Ok(("7".to_owned(), Stop::Length)));
        let marked = [&b"\xef\xbb\xbf"[..], whole].concat();
        assert_eq!(read(&[&marked]), Ok(("7".to_owned(), Stop::Length)));
        let error = br#"data: {"error":{"message":"overloaded"}}"#;
        assert_eq!(read(&[error]), Err(Fault::Reported("overloaded".to_owned())));
        assert_eq!(read(&[b"data: [DONE]\n\n"]), Err(Fault::Empty));
        assert_eq!(read(&[b" \n "]), Err(Fault::Truncated));
        assert_eq!(
            read(&[b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n\n"]),
            Err(Fault::NotUtf8)
        );
        for garbage in
            [&b"<html>"[..], b"\x00\x01", b"[]", b"data: nonsense\n\n", b"{\"choices\":7}", b"{\"cho"]
        {
            assert!(matches!(read(&[garbage]), Err(Fault::Garbage(_))), "{garbage:?}");
        }
    }
}
