use std::io;

/// Asks on the terminal and waits for one line.
pub(crate) fn line(question: &str) -> io::Result<String> {
    super::say(question);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
