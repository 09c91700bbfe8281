//! Words of a POSIX shell.

/// A word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.,:=@%+-".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_mean_what_they_say() {
        for text in ["plain", "", "two words", "it's", "$HOME `x` \\", "*", "-n", "a\nb"] {
            let code = format!("printf %s {}", quoted(text));
            let output = std::process::Command::new("sh").args(["-c", &code]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
