use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, anyhow};

use crate::engine::{self, Connection};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui;

/// Shows what AWS says in the encoded message of a refused call
///
/// EC2 and other services refuse a call with an encoded authorization message. It says which principal, action and
/// resource the refusal is about, and which statements decided it. Needs the permission `sts:DecodeAuthorizationMessage`
/// in the account of the refused call. Prints JSON.
#[derive(clap::Args, Debug)]
pub(crate) struct Decode {
    /// The message, or a text that contains it, such as the error of a plan. Default: standard input
    #[arg(value_name = "MESSAGE")]
    message: Option<String>,
    #[command(flatten)]
    project: Project,
    /// The account of the program that the call went to. Default: that of the caller
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// The fewest characters of an encoded message; a real one has some hundred.
const SHORTEST: usize = 40;

impl Decode {
    pub(crate) fn run(&self) -> Result<Exit> {
        let text = match &self.message {
            Some(text) if text != "-" => text.clone(),
            Some(_) | None => input()?,
        };
        let message = encoded(&text).ok_or_else(|| {
            anyhow!("there is no encoded message in this text: it is a word of letters, digits, `-` and `_`")
        })?;
        let text = engine::block_on(async |interrupts| {
            let account = self.account.as_deref();
            let path = self.project.path.as_deref();
            let decode = engine::decoded(message, account, path, &self.connection, &interrupts);
            interrupts.guard(Box::pin(decode)).await
        })?;
        let value: serde_json::Value =
            serde_json::from_str(&text).with_context(|| format!("AWS answers no JSON: {text}"))?;
        ui::json::print(&value);
        Ok(Exit::Done)
    }
}

fn input() -> anyhow::Result<String> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        ui::say("Paste the message, then press Ctrl-D:\n");
    }
    let mut text = String::new();
    stdin.read_to_string(&mut text).context("cannot read the message")?;
    Ok(text)
}

/// The encoded message in a text: the longest word of the characters that such a message has.
fn encoded(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
    words.filter(|word| word.len() >= SHORTEST).max_by_key(|word| word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_in_the_words_around_it() {
        let message = "Ab-_9".repeat(20);
        let text = format!(
            "RunInstances: You are not authorized. Encoded authorization failure message: {message} (request 1-2)"
        );
        assert_eq!(encoded(&text), Some(message.as_str()));
        assert_eq!(encoded(&format!("{message}\n")), Some(message.as_str()));
        assert_eq!(encoded("UnauthorizedOperation: no"), None);
    }
}
