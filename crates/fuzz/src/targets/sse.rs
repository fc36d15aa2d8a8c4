use std::convert::Infallible;

use nmk::remote::events::Events;

/// Checks a stream of server-sent events: it must give the same events for any split into pieces.
pub(super) fn sse(bytes: &[u8]) {
    let whole = events([bytes]);
    assert!(whole.iter().map(Vec::len).sum::<usize>() <= bytes.len());
    assert_eq!(events(bytes.chunks(1)), whole, "byte by byte");
    let middle = bytes.first().map_or(0, |byte| usize::from(*byte).min(bytes.len()));
    let (head, tail) = bytes.split_at(middle);
    assert_eq!(events([head, tail]), whole, "cut at {middle}");
}

fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut take = |data: &[u8]| -> Result<(), Infallible> {
        found.push(data.to_vec());
        Ok(())
    };
    let mut events = Events::default();
    for piece in pieces {
        let Ok(()) = events.push(piece, &mut take);
    }
    let Ok(()) = events.finish(&mut take);
    found
}
