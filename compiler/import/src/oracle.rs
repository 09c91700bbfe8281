//! Python, whose own modules say what a text means.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a program of Python answers about texts; nothing where there is no Python.
pub(crate) fn ask(program: &str, texts: &[String]) -> Option<Value> {
    let python =
        Command::new("python3").args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = python else { return None };
    let question = serde_json::to_vec(texts).unwrap();
    python.stdin.take().unwrap().write_all(&question).unwrap();
    let answer = python.wait_with_output().unwrap();
    assert!(answer.status.success());
    Some(serde_json::from_slice(&answer.stdout).unwrap())
}
