//! An answer as HTTP has it.

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Lines, those about connection and length left out.
    pub(super) headers: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A whole answer that ended with its connection.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let is_kept = |line: &&str| {
            let line = line.to_ascii_lowercase();
            !["connection:", "content-length:"].iter().any(|name| line.starts_with(name))
        };
        Self {
            status: status.unwrap_or_default(),
            headers: lines.filter(is_kept).map(str::to_owned).collect(),
            body: bytes.get(end + 4..).unwrap_or_default().to_owned(),
        }
    }

    /// The same with another text.
    pub(super) fn with(self, text: String) -> Self {
        Self { body: text.into_bytes(), ..self }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn written(&self) -> Vec<u8> {
        let ours = ["connection: close".to_owned(), format!("content-length: {}", self.body.len())];
        let lines: Vec<&str> = self.headers.iter().chain(&ours).map(String::as_str).collect();
        let head = format!("HTTP/1.1 {} Proxied\r\n{}\r\n\r\n", self.status, lines.join("\r\n"));
        let mut bytes = head.into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}
