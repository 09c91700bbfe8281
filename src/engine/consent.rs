//! A person's consent, asked on the terminal.

use std::io::IsTerminal;

use anyhow::{Context, anyhow};

use super::Interrupts;
use crate::exit::Result;
use crate::ui::ask;

/// What a person answers; nothing where there is no terminal to ask on.
pub(super) async fn answer(question: String, interrupts: &Interrupts) -> Result<Option<String>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let answer =
        async { Ok(tokio::task::spawn_blocking(move || ask::line(&question)).await.context("cannot ask")?) };
    Ok(Some(interrupts.guard(answer).await?.context("cannot read the answer")?))
}

/// The same, where nothing goes on without one.
pub(super) async fn required(question: String, interrupts: &Interrupts) -> Result<String> {
    answer(question, interrupts).await?.ok_or_else(|| {
        anyhow!("nothing was changed: there is no terminal to ask on, and `--yes` is not there").into()
    })
}

/// Asks, and comes back only with a yes.
pub(super) async fn yes(question: String, interrupts: &Interrupts) -> Result<()> {
    if is_yes(&required(question, interrupts).await?) {
        Ok(())
    } else {
        Err(anyhow!("nothing was changed: that was not a yes").into())
    }
}

/// Whether an answer to a `[y/N]` is a yes.
pub(super) fn is_yes(answer: &str) -> bool {
    matches!(answer.to_lowercase().as_str(), "y" | "yes")
}
