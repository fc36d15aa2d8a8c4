//! Errors of the operating system in plain words, for messages that name the path themselves.

use std::io::{Error, ErrorKind};

/// Returns the cause in words, without the number that the operating system has for it.
pub(crate) fn plain(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "a part of the path is a file and no folder".to_owned(),
        ErrorKind::PermissionDenied => "its permissions do not allow it".to_owned(),
        ErrorKind::AlreadyExists => "it is there already; name another file".to_owned(),
        _ => {
            let words = error.to_string();
            words.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::plain;

    #[test]
    fn no_message_has_the_number_of_an_error() {
        for number in 1..=40 {
            let words = plain(&Error::from_raw_os_error(number));
            assert!(!words.is_empty() && !words.contains("os error"), "{number}: {words}");
        }
    }
}
