//! The colours, by what they mean.

use anstyle::{AnsiColor, Color, Style};

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = colour(AnsiColor::Green);
pub(super) const CHANGED: Style = colour(AnsiColor::Yellow);
#[cfg(feature = "aws")]
pub(super) const REPLACED: Style = colour(AnsiColor::Magenta);
pub(super) const BAD: Style = colour(AnsiColor::Red);
pub(super) const ERROR: Style = BAD.bold();
#[cfg(feature = "aws")]
pub(super) const WARNING: Style = CHANGED.bold();

/// `text` in `style`.
pub(super) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}
