//! What nobody is to see or guess: texts that are typed unseen, and random bytes.

use anyhow::{Context as _, anyhow, bail};
use zeroize::Zeroizing;

/// A text that is typed twice on the terminal and not shown.
pub(crate) fn typed_twice(question: &str) -> anyhow::Result<Zeroizing<String>> {
    let ask = |question: &str| {
        let answer = rpassword::prompt_password(question).context("cannot read from the terminal")?;
        anyhow::Ok(Zeroizing::new(answer))
    };
    let text = ask(question)?;
    if *ask("Again: ")? != *text {
        bail!("the two answers are not the same; nothing was written");
    }
    Ok(text)
}

/// Fills a buffer with bytes from the generator of the operating system.
pub(crate) fn random(buffer: &mut [u8]) -> anyhow::Result<()> {
    getrandom::fill(buffer).map_err(|error| anyhow!("the operating system gives no random numbers: {error}"))
}
