//! URIs and paths of documents.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// The identity of a document, so that two spellings of a URI are one document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A file on disk, or one that will be.
    Disk(PathBuf),
    /// A document that only the client has, such as `untitled:Untitled-1`.
    Client(String),
}

impl Place {
    /// The place a URI means.
    pub(super) fn of(uri: &str) -> Self {
        match path(uri) {
            Some(path) => Self::Disk(tidy(&path)),
            None => Self::Client(uri.to_owned()),
        }
    }

    /// Its URI.
    pub(super) fn uri(&self) -> String {
        match self {
            Self::Disk(path) => uri(path),
            Self::Client(uri) => uri.clone(),
        }
    }
}

/// The path without `.` and `..`, as the compiler names files.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

/// The path of a `file:` URI.
fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let slash = rest.find('/')?;
    let (host, path) = rest.split_at_checked(slash)?;
    if !host.is_empty() && host != "localhost" {
        return None;
    }
    let path = decoded(path)?;
    // `/c:/work` is `c:/work`.
    let drive = path.strip_prefix('/').filter(|rest| rest.as_bytes().get(1) == Some(&b':'));
    Some(PathBuf::from(drive.filter(|_| cfg!(windows)).unwrap_or(&path)))
}

/// Decodes `%20` and the like; `None` if the result is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push(hex(high)? * 16 + hex(low)?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, after) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn uri(path: &Path) -> String {
    let path = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let mut uri = if path.starts_with('/') { "file://" } else { "file:///" }.to_owned();
    for byte in path.bytes() {
        let character = char::from(byte);
        let is_plain = character.is_ascii_alphanumeric() || "/-._~".contains(character);
        // Writing to a string does not fail.
        let _ = if is_plain { uri.write_char(character) } else { write!(uri, "%{byte:02X}") };
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_file_are_one_place() {
        let place = Place::Disk(PathBuf::from("/a b/ü.asq"));
        for uri in
            ["file:///a%20b/%C3%BC.asq", "file:///a b/ü.asq", "file://localhost/a%20b/./x/../%c3%bc.asq"]
        {
            assert_eq!(Place::of(uri), place);
        }
        assert_eq!(place.uri(), "file:///a%20b/%C3%BC.asq");
    }

    #[test]
    fn what_is_no_file_of_this_machine_is_the_clients() {
        for uri in
            ["untitled:Untitled-1", "file://elsewhere/a.asq", "file:///%ff", "file:///%4", "git:/a.asq", ""]
        {
            assert_eq!(Place::of(uri), Place::Client(uri.to_owned()));
            assert_eq!(Place::of(uri).uri(), uri);
        }
    }
}
