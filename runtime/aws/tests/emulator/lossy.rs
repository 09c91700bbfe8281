//! A proxy in front of the emulator that loses one answer: the call is done, and its caller never hears.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// Where the proxy listens. It loses the answer to the first call whose head or body names `operation`.
pub(crate) fn endpoint(server: &str, operation: &'static str) -> String {
    let server = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut to_lose = true;
        for mut stream in listener.incoming().flatten() {
            let request = read(&stream);
            let is_it = String::from_utf8_lossy(&request).contains(operation);
            let mut behind = TcpStream::connect(&server).unwrap();
            behind.write_all(&request).unwrap();
            let mut answer = Vec::new();
            // The emulator closes the connection after each answer.
            behind.read_to_end(&mut answer).unwrap();
            if is_it && to_lose {
                to_lose = false;
            } else {
                // Who asked may have gone meanwhile.
                let _ = stream.write_all(&answer);
            }
        }
    });
    endpoint
}

/// A whole request.
fn read(stream: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return request;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        request.extend_from_slice(line.as_bytes());
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request.extend(body);
    request
}
