//! The worker's ends of its two pipes: frames from standard input and to standard output, without a buffer, so that no
//! byte of what follows is taken from an interpreter.

use abi::Value;

/// Reads a frame of at most `most` bytes. None if the pipe is closed, or the frame is longer.
pub(crate) fn read_frame(most: usize) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    fill(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    let mut frame = vec![0; Some(length).filter(|length| *length <= most)?];
    fill(&mut frame)?;
    Some(frame)
}

fn fill(mut into: &mut [u8]) -> Option<()> {
    while !into.is_empty() {
        match rustix::io::read(rustix::stdio::stdin(), &mut *into) {
            Ok(0) => return None,
            Ok(count) => into = &mut into[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
    Some(())
}

/// Writes a frame. Where this fails, the parent is gone and nobody is left to be told.
pub(crate) fn write_frame(value: &Value) {
    write_bytes(&abi::encode(value));
}

/// Writes a frame that is encoded already.
pub(crate) fn write_bytes(bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a frame is under its limit");
    let frame = [&length.to_le_bytes(), bytes].concat();
    let mut left = frame.as_slice();
    while let Ok(count @ 1..) = rustix::io::write(rustix::stdio::stdout(), left) {
        left = &left[count..];
    }
}
