//! A server that replays answers of EC2, and of services that speak as it does or in JSON, for what the emulator cannot show: pages, failures, states on the
//! way, calls it lacks. It keeps the calls it got.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// One answer to a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// Success, with this inside the response element.
    Ok(&'static str),
    /// Success of a service that speaks JSON: the whole answer.
    Json(&'static str),
    /// The same, at this time.
    JsonAt(&'static str, &'static str),
    /// Status and answer of a service whose calls are methods and paths, which then are the actions.
    Rest(u16, &'static str),
    /// A refusal: code and message.
    Error(&'static str, &'static str),
    /// A refusal at this time: time and code.
    ErrorAt(&'static str, &'static str),
    /// A refusal as the load balancers' service says it.
    Refused(&'static str, &'static str),
    /// The same, as a service says it that speaks JSON.
    JsonError(&'static str, &'static str),
    /// A failure of the server: HTTP status and code.
    Status(u16, &'static str),
    /// The connection ends without an answer.
    Lost,
}

/// What EC2 says to a call that has nothing to tell.
pub(crate) const OK: Answer = Answer::Ok("<return>true</return>");

/// One call that arrived: the form fields, `Action` among them; `Action` and
/// `Body` of a service that takes no forms.
pub(crate) type Call = BTreeMap<String, String>;

/// The server; its thread ends with the process.
pub(crate) struct Replay {
    pub(crate) endpoint: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Replay {
    /// Answers each action with its answers in order; the last one of an action stays.
    pub(crate) fn start(script: &[(&'static str, Answer)]) -> Self {
        let mut answers: BTreeMap<&str, VecDeque<Answer>> = BTreeMap::new();
        for (action, answer) in script {
            answers.entry(action).or_default().push_back(*answer);
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        let answers = Mutex::new(answers);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &answers, &kept);
            }
        });
        Self { endpoint, calls }
    }

    /// The calls of an action, in order.
    pub(crate) fn calls(&self, action: &str) -> Vec<Call> {
        self.calls.lock().unwrap().iter().filter(|call| call["Action"] == action).cloned().collect()
    }

    /// The actions called, in order.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.calls.lock().unwrap().iter().map(|call| call["Action"].clone()).collect()
    }
}

fn serve(
    mut stream: TcpStream,
    answers: &Mutex<BTreeMap<&'static str, VecDeque<Answer>>>,
    calls: &Mutex<Vec<Call>>,
) {
    let call = read(&stream);
    let Some(action) = call.get("Action").cloned() else { return };
    let is_ec2 = call.get("Version").is_none_or(|version| version == "2016-11-15");
    calls.lock().unwrap().push(call);
    let answer = match answers.lock().unwrap().get_mut(action.as_str()) {
        Some(left) if left.len() > 1 => left.pop_front().unwrap(),
        Some(left) => left[0],
        None => Answer::Error("InvalidAction", "not in the script"),
    };
    let refusal = |code: &str, message: &str| {
        if !is_ec2 {
            let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            return format!("<ErrorResponse>{error}<RequestId>req-1</RequestId></ErrorResponse>");
        }
        format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>req-1</RequestID></Response>"
        )
    };
    let (status, body) = match answer {
        Answer::Ok(inside) => (200, format!("<{action}Response>{inside}</{action}Response>")),
        Answer::Rest(status, body) => (status, body.to_owned()),
        Answer::Json(body) | Answer::JsonAt(_, body) => (200, body.to_owned()),
        Answer::Error(code, message) => (400, refusal(code, message)),
        Answer::ErrorAt(_, code) => (400, refusal(code, "replayed")),
        Answer::Refused(code, message) => (
            400,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>req-1</RequestId></ErrorResponse>"
            ),
        ),
        Answer::JsonError(code, message) => {
            (400, format!(r#"{{"__type": "{code}", "message": "{message}"}}"#))
        }
        Answer::Status(status, code) => (status, refusal(code, "replayed")),
        Answer::Lost => return,
    };
    let date = match answer {
        Answer::JsonAt(date, _) | Answer::ErrorAt(date, _) => format!("Date: {date}\r\n"),
        _ => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {status} Replayed\r\nContent-Type: text/xml\r\nConnection: close\r\n\
         x-amzn-requestid: req-1\r\n{date}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
}

fn read(stream: &TcpStream) -> Call {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut target = None;
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.to_ascii_lowercase().starts_with("x-amz-target:") {
            target = line.trim().rsplit('.').next().map(ToOwned::to_owned);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    if let Some(action) = target {
        return Call::from([("Action".to_owned(), action), ("Body".to_owned(), body)]);
    }
    if !body.starts_with("Action=") {
        let mut words = first.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let action = format!("{method} {}", path.split('?').next().unwrap_or_default().trim_end_matches('/'));
        return Call::from([("Action".to_owned(), action), ("Body".to_owned(), body)]);
    }
    body.split('&').filter_map(|field| field.split_once('=')).map(|(k, v)| (plain(k), plain(v))).collect()
}

fn plain(encoded: &str) -> String {
    let mut bytes = encoded.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(plain).unwrap()
}
