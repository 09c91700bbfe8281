//! Wraps Markdown sentences.

use anstyle::{AnsiColor, Color, Style};

use super::text::{PLAIN, paint};

const CODE: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Cyan)));

/// Text between two spaces: styled pieces. Code is one piece, including its spaces.
type Word = Vec<(Style, String)>;

/// `text` in lines of at most `width` characters, after `first` on the first line and `rest` on the others.
/// Code keeps its backticks; a link is followed by its address, unless that is another page.
pub(super) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut used = first.chars().count();
    let mut is_empty = true;
    for word in words(text) {
        let length: usize = word.iter().map(|(_, piece)| piece.chars().count()).sum();
        if !is_empty && used + 1 + length > width {
            lines.push_str(&line);
            lines.push('\n');
            rest.clone_into(&mut line);
            used = rest.chars().count();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            used += 1;
        }
        for (style, piece) in &word {
            line.push_str(&paint(*style, piece));
        }
        used += length;
        is_empty = false;
    }
    lines + &line + "\n"
}

fn words(text: &str) -> Vec<Word> {
    let text = unlinked(text);
    let mut words: Vec<Word> = vec![Vec::new()];
    for (at, piece) in text.split('`').enumerate() {
        if at % 2 == 1 {
            if let Some(word) = words.last_mut() {
                word.push((CODE, format!("`{piece}`")));
            }
            continue;
        }
        for (at, part) in piece.split(char::is_whitespace).enumerate() {
            if at > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !part.is_empty()) {
                word.push((PLAIN, part.to_owned()));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `[text](address)` as `text (address)`; of a link to another page the text, which is its code.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        match link.split_once("](").and_then(|(name, tail)| Some((name, tail.split_once(')')?))) {
            Some((name, (address, after))) if !name.contains(']') => {
                plain.push_str(name);
                if address.contains("://") {
                    plain.extend([" (", address, ")"]);
                }
                rest = after;
            }
            _ => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, width: usize) -> String {
        anstream::adapter::strip_str(&wrap(text, width, "- ", "  ")).to_string()
    }

    #[test]
    fn lines_fit_and_code_stays_together() {
        assert_eq!(
            plain("write `tcp 22 from all`, or\nnothing", 26),
            "- write `tcp 22 from all`,\n  or nothing\n"
        );
        assert_eq!(
            plain("a_word_that_is_longer_than_a_line x", 10),
            "- a_word_that_is_longer_than_a_line\n  x\n"
        );
    }

    #[test]
    fn links_are_named() {
        assert_eq!(
            plain("see [`x`](x.md), [b](https://b.example/) [c]", 80),
            "- see `x`, b (https://b.example/) [c]\n"
        );
    }
}
