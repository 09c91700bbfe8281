//! Messages on the wire: frames of JSON with a `Content-Length`, read and written on separate threads.
//!
//! A frame that is not a message gets the error response of JSON-RPC; the server continues as long as the frames are
//! well-formed.

use std::io::{self, BufRead, Read as _, Write as _};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// The longest header line, in bytes.
const HEADER: u64 = 4096;

/// The largest message, in bytes.
const LARGEST: u64 = 256 << 20;

/// A frame that was read.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    /// A frame that is not a message, with the error response.
    Junk(Value),
}

/// Sends messages to the client without waiting for it.
#[derive(Clone, Debug)]
pub(super) struct Outbox(Sender<Vec<u8>>);

impl Outbox {
    /// Sends frames to a test.
    #[cfg(test)]
    pub(super) fn to(frames: Sender<Vec<u8>>) -> Self {
        Self(frames)
    }

    pub(super) fn send(&self, message: impl Into<Message>) {
        let mut frame = Vec::new();
        // Writing to memory does not fail; the reader notices when the client is gone.
        if message.into().write(&mut frame).is_ok() {
            let _ = self.0.send(frame);
        }
    }

    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        // All keys are strings, so that this does not fail.
        let params = serde_json::to_value(params).unwrap_or_default();
        self.send(Notification { method: method.to_owned(), params });
    }

    pub(super) fn refuse_junk(&self, answer: &Value) {
        let text = answer.to_string();
        let _ = self.0.send(format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes());
    }
}

/// Starts the writer to standard output. It ends when the last [`Outbox`] is dropped and everything is written.
pub(super) fn writer() -> io::Result<(Outbox, thread::JoinHandle<()>)> {
    let (sender, receiver) = channel();
    let thread = thread::Builder::new().name("lsp-writer".to_owned()).spawn(move || write(&receiver))?;
    Ok((Outbox(sender), thread))
}

fn write(frames: &Receiver<Vec<u8>>) {
    let mut output = io::stdout().lock();
    for frame in frames {
        if output.write_all(&frame).and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}

/// Reads the next message; `None` at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = header(input)? else { return Ok(None) };
    if length > LARGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {length} bytes")));
    }
    let mut body = Vec::new();
    if input.by_ref().take(length).read_to_end(&mut body)? as u64 != length {
        return Ok(None);
    }
    Ok(Some(decode(&body)))
}

/// Reads up to the empty line that ends a header; other lines are skipped.
fn header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        match (line.split_once(':'), length) {
            (Some((name, value)), _) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            (None, Some(length)) if line.is_empty() => return Ok(Some(length)),
            _ => {}
        }
    }
}

fn decode(body: &[u8]) -> Incoming {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => return junk(&Value::Null, ErrorCode::ParseError, &error.to_string()),
    };
    let id = value.get("id").cloned();
    let is_call = value.get("method").is_some();
    let message = match (is_call, &id) {
        (true, Some(_)) => serde_json::from_value(value).map(|request: Request| request.into()),
        (true, None) => serde_json::from_value(value).map(Message::Notification),
        (false, _) => serde_json::from_value(value).map(|response: Response| response.into()),
    };
    let answerable = id.filter(|id| id.is_i64() || id.is_string()).unwrap_or(Value::Null);
    message.map_or_else(
        |error| junk(&answerable, ErrorCode::InvalidRequest, &error.to_string()),
        Incoming::Message,
    )
}

fn junk(id: &Value, code: ErrorCode, message: &str) -> Incoming {
    let error = json!({ "code": code as i32, "message": message });
    Incoming::Junk(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: &[u8]) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(incoming) = read(&mut input).unwrap() {
            seen.push(match incoming {
                Incoming::Message(Message::Request(request)) => format!("{} {}", request.method, request.id),
                Incoming::Message(Message::Notification(notification)) => notification.method,
                Incoming::Message(Message::Response(response)) => format!("answer {}", response.id),
                Incoming::Junk(answer) => format!("junk {} {}", answer["id"], answer["error"]["code"]),
            });
        }
        seen
    }

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn messages_are_told_apart() {
        let input = [
            frame(r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#),
            frame(r#"{"jsonrpc":"2.0","id":"x","method":"b","params":{}}"#),
            frame(r#"{"jsonrpc":"2.0","method":"c"}"#),
            frame(r#"{"jsonrpc":"2.0","id":2,"result":null}"#),
        ];
        assert_eq!(all(input.concat().as_bytes()), ["a 1", "b \"x\"", "c", "answer 2"]);
    }

    #[test]
    fn what_is_no_message_is_answered_and_the_next_one_is_read() {
        let input = [
            frame("{"),
            frame("[]"),
            frame(r#"{"id":1.5,"method":"a"}"#),
            frame(r#"{"id":7,"method":5}"#),
            frame(r#"{"method":"z"}"#),
        ];
        let junk = ["junk null -32700", "junk null -32600", "junk null -32600", "junk 7 -32600", "z"];
        assert_eq!(all(input.concat().as_bytes()), junk);
    }

    #[test]
    fn what_is_no_header_is_passed_over() {
        let input = format!("noise\r\n\r\ncontent-length: x\r\n\r\n{}", frame(r#"{"method":"z"}"#));
        assert_eq!(all(input.as_bytes()), ["z"]);
        assert_eq!(all(b"Content-Length: 5\r\n\r\nabc"), [""; 0]);
        assert!(read(&mut &b"Content-Length: 999999999999\r\n\r\n"[..]).is_err());
    }
}
