//! User data of instances: values for the software on the instance, and scripts that cloud-init runs at the first boot.
//!
//! Values alone are lines `key="value"`, and one script alone is itself. Anything else is a MIME multi-part message, whose
//! first part stores the values in [`VALUES_FILE`] at every boot. Text that is longer than EC2 allows is sent compressed
//! with gzip, which cloud-init undoes.

mod message;

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

pub use message::{Contents, Script, contents};

/// Most bytes of user data before they are encoded (EC2 user guide, "Run commands when you launch an EC2 instance").
pub const LIMIT: usize = 16 * 1024;

/// The file in which instances with scripts find their values, for a shell to source.
pub const VALUES_FILE: &str = "/etc/asiaq.env";

/// The bytes that every gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes of the longest text that is read from compressed user data.
const LONGEST: u64 = 16 << 20;

/// User data as it is sent, before it is encoded: compressed if it is longer than [`LIMIT`] and cloud-init reads it.
/// Values alone are read as they are.
pub fn sent(text: &str) -> Cow<'_, [u8]> {
    if text.len() <= LIMIT || !message::is_for_cloud_init(text) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    match encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()) {
        Ok(compressed) => Cow::Owned(compressed),
        // Writing to memory does not fail.
        Err(_) => Cow::Borrowed(text.as_bytes()),
    }
}

/// The text of user data as it was sent. Bytes that are not UTF-8 are replaced, so binary data shows as a difference.
pub fn received(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    let is_read =
        bytes.starts_with(&GZIP) && GzDecoder::new(bytes).take(LONGEST).read_to_end(&mut text).is_ok();
    String::from_utf8_lossy(if is_read { &text } else { bytes }).into_owned()
}

/// User data with these values, which are lines `key="value"`, and scripts.
pub fn text(values: &str, scripts: &[Script<'_>]) -> String {
    match scripts {
        [] => values.to_owned(),
        [only] if values.is_empty() => only.text.clone().into_owned(),
        _ => message::text(values, scripts),
    }
}

/// Stands in user data for the endpoint of the resource at an address, which AWS has not assigned yet. No value of a
/// program has a `$`.
pub fn endpoint_place(address: &str) -> String {
    format!("$(endpoint {address})")
}

/// The lines `key="value"` in user data.
pub fn values(text: &str) -> impl Iterator<Item = &str> {
    contents(text).values.lines()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_sent_compressed_and_read_again() {
        let short = "#!/bin/sh\necho x\n";
        assert_eq!(sent(short), short.as_bytes());
        let long = "#!/bin/sh\n".to_owned() + &"echo x\n".repeat(10_000);
        let bytes = sent(&long);
        assert!(bytes.len() < 1_000, "{}", bytes.len());
        assert_eq!(sent(&long), bytes, "the same text is the same bytes");
        assert_eq!(received(&bytes), long);
        assert_eq!(received(short.as_bytes()), short);
        let values = "a=\"b\"\n".repeat(10_000);
        assert_eq!(sent(&values), values.as_bytes(), "a shell reads it as it is");
        assert_eq!(received(b"\x1f\x8bnot gzip"), "\u{1f}\u{fffd}not gzip");
    }
}
