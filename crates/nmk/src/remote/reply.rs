//! A reply, put together from bytes in whatever pieces they come.

use abi::Stop;

use super::sse::Events;
use super::wire::{Completion, message_of};

/// A reply that is being received.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    form: Form,
    heard: Heard,
}

/// What is wrong with a reply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is neither an event stream nor a JSON object, or its JSON is not the protocol's.
    Garbage(Vec<u8>),
    /// Its text is not UTF-8.
    NotUtf8,
    /// The server reports an error in it.
    Reported(String),
    /// It ends before it says that it ends.
    Truncated,
    /// It ends without any text.
    Empty(Stop),
}

#[derive(Debug, Default)]
enum Form {
    /// Only white space was seen.
    #[default]
    Unknown,
    Stream(Events),
    Whole(Vec<u8>),
}

#[derive(Debug, Default)]
struct Heard {
    text: String,
    stop: Option<Stop>,
    done: bool,
}

impl Reply {
    /// Takes more bytes; calls `progress` with every piece of text in them.
    pub(crate) fn push(&mut self, bytes: &[u8], progress: &mut dyn FnMut(&str)) -> Result<(), Fault> {
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
            Form::Stream(events) => events.push(bytes, &mut |data| self.heard.event(data, progress)),
        }
    }

    /// The text and why it ended.
    pub(crate) fn finish(mut self, progress: &mut dyn FnMut(&str)) -> Result<(String, Stop), Fault> {
        match &mut self.form {
            Form::Unknown => return Err(Fault::Truncated),
            Form::Stream(events) => events.finish(&mut |data| self.heard.event(data, progress))?,
            Form::Whole(whole) => {
                self.heard.completion(whole, progress)?;
                // A whole reply that parses is not cut short, whatever it says of its end.
                self.heard.done = true;
            }
        }
        let Heard { text, stop, done } = self.heard;
        let stop = match (stop, done) {
            (Some(stop), _) => stop,
            (None, true) => Stop::End,
            (None, false) => return Err(Fault::Truncated),
        };
        if text.trim().is_empty() { Err(Fault::Empty(stop)) } else { Ok((text, stop)) }
    }

    /// Settles the form by the first byte that is not white space. Servers mislabel their replies, so
    /// the declared content type is not asked.
    fn recognise<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(bytes.len());
        let bytes = &bytes[start..];
        self.form = match bytes.first() {
            None => Form::Unknown,
            Some(b'{') => Form::Whole(Vec::new()),
            Some(b'd' | b'e' | b'i' | b'r' | b':' | 0xef) => Form::Stream(Events::default()),
            Some(_) => return Err(Fault::Garbage(bytes.to_vec())),
        };
        Ok(bytes)
    }
}

impl Heard {
    fn event(&mut self, data: &[u8], progress: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        // What follows the end mark, or is empty, says nothing.
        if self.done || data.is_empty() {
            return Ok(());
        }
        if data == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        self.completion(data, progress)
    }

    fn completion(&mut self, json: &[u8], progress: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        let json = str::from_utf8(json).map_err(|_| Fault::NotUtf8)?;
        let completion: Completion =
            serde_json::from_str(json).map_err(|_| Fault::Garbage(json.as_bytes().to_vec()))?;
        if let Some(error) = completion.error.filter(|error| !error.is_null()) {
            return Err(Fault::Reported(message_of(&error)));
        }
        // No choice at all is a usage report or a keep-alive.
        if let Some(choice) = completion.choices.first() {
            let text = choice.text();
            if !text.is_empty() {
                progress(text);
                self.text.push_str(text);
            }
            self.stop = choice.stop().or(self.stop);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<(String, Stop), Fault> {
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
        let error = br#"data: {"error":{"message":"overloaded"}}"#;
        assert_eq!(read(&[error]), Err(Fault::Reported("overloaded".to_owned())));
        assert_eq!(read(&[b"data: [DONE]\n\n"]), Err(Fault::Empty(Stop::End)));
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
