//! The event-stream format: from bytes to the data of events.

/// A reader that splits a byte stream into events. The events do not depend on the pieces in which bytes
/// arrive.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    started: bool,
}

impl Events {
    /// Reads more bytes and calls `event` with the data of every event that they complete.
    ///
    /// # Errors
    /// Returns the first error of `event`. The rest of the bytes is not read then.
    pub fn push<E>(&mut self, bytes: &[u8], event: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => self.end_line(event)?,
                byte => self.line.push(byte),
            }
        }
        Ok(())
    }

    /// Ends the stream. An event that lacks its blank line counts as complete.
    pub fn finish<E>(&mut self, event: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if !self.line.is_empty() {
            self.end_line(event)?;
        }
        self.end_event(event)
    }

    fn end_line<E>(&mut self, event: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let line = std::mem::take(&mut self.line);
        let line = match self.started {
            false => line.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&line),
            true => &line,
        };
        self.started = true;
        if line.is_empty() {
            return self.end_event(event);
        }
        // A line without a colon is a field without a value. A comment is a field with an empty name.
        let (name, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        if name == b"data" {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
            self.has_data = true;
        } else if name == b"error" && value.starts_with(b"{") {
            // One server ends a stream with a field of this name instead of an event.
            self.end_event(event)?;
            event(&[b"{\"error\":", value, b"}"].concat())?;
        }
        Ok(())
    }

    fn end_event<E>(&mut self, event: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if !std::mem::take(&mut self.has_data) {
            return Ok(());
        }
        event(&std::mem::take(&mut self.data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b"\xef\xbb\xbf: hello\r\nevent: x\r\ndata: one\r\n\r\ndata:two\ndata: three\n\n\
        id: 4\n\nretry\rdata:  four\r\rdata\n\ndata: [DONE]";

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut found = Vec::new();
        let mut events = Events::default();
        let mut take = |data: &[u8]| -> Result<(), std::convert::Infallible> {
            found.push(String::from_utf8_lossy(data).into_owned());
            Ok(())
        };
        for piece in pieces {
            events.push(piece, &mut take).expect("infallible");
        }
        events.finish(&mut take).expect("infallible");
        found
    }

    #[test]
    fn a_field_with_an_error_is_an_event_of_its_own() {
        let stream = b"data: one\n\nerror: {\"code\":500}\n\ndata: two\n\nerror: none\n\n";
        assert_eq!(events(&[stream]), ["one", "{\"error\":{\"code\":500}}", "two"]);
    }

    #[test]
    fn every_split_gives_the_same_events() {
        let expected = ["one", "two\nthree", " four", "", "[DONE]"];
        assert_eq!(events(&[STREAM]), expected);
        for first in 0..STREAM.len() {
            for second in first..STREAM.len() {
                let pieces = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
                assert_eq!(events(&pieces), expected, "split at {first} and {second}");
            }
        }
    }
}
