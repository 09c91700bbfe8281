//! Confirmation on the terminal.

use std::io::IsTerminal;

use anyhow::{Context, anyhow};

use super::Interrupts;
use crate::exit::Result;
use crate::ui;

/// The user's answer; `None` if stdin is not a terminal.
pub(super) async fn answer(question: String, interrupts: &Interrupts) -> Result<Option<String>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let answer =
        async { Ok(tokio::task::spawn_blocking(move || ui::ask(&question)).await.context("cannot ask")?) };
    Ok(Some(interrupts.guard(answer).await?.context("cannot read the answer")?))
}

/// The user's answer; fails if stdin is not a terminal.
pub(super) async fn required(question: String, interrupts: &Interrupts) -> Result<String> {
    answer(question, interrupts).await?.ok_or_else(|| {
        anyhow!(
            "cancelled: there is no terminal for the confirmation, and `--yes` is not set; \
             nothing was changed"
        )
        .into()
    })
}

/// Asks, and fails unless the answer is yes.
pub(crate) async fn yes(question: String, interrupts: &Interrupts) -> Result<()> {
    if is_yes(&required(question, interrupts).await?) {
        Ok(())
    } else {
        Err(anyhow!("cancelled: you did not confirm; nothing was changed").into())
    }
}

/// Whether an answer to a `[y/N]` is a yes.
pub(super) fn is_yes(answer: &str) -> bool {
    matches!(answer.to_lowercase().as_str(), "y" | "yes")
}
