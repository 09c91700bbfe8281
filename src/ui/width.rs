//! The width of text in characters.

/// The widest line, for legibility, even on a wider terminal.
const WIDEST: usize = 100;
const NARROWEST: usize = 40;

/// The width of a line: that of the terminal, but at most 100. In a pipe that of the variable `COLUMNS`, or 100.
pub(super) fn width() -> usize {
    available().min(WIDEST)
}

/// The width of the terminal, of the variable `COLUMNS`, or 100. Only a table that says more when it is wider uses it.
pub(super) fn available() -> usize {
    let terminal = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    chosen(terminal, std::env::var("COLUMNS").ok().as_deref())
}

fn chosen(terminal: Option<usize>, columns: Option<&str>) -> usize {
    let columns = || columns.and_then(|columns| columns.trim().parse().ok());
    // Some terminals have no size and say 0.
    let known = terminal.filter(|width| *width > 0).or_else(columns).filter(|width| *width > 0);
    known.unwrap_or(WIDEST).max(NARROWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_decides_before_the_variable() {
        assert_eq!(chosen(Some(60), Some("80")), 60);
        assert_eq!(chosen(Some(0), Some("80")), 80);
        assert_eq!(chosen(None, Some("80")), 80);
        assert_eq!(chosen(None, Some("wide")), WIDEST);
        assert_eq!(chosen(None, Some("0")), WIDEST);
        assert_eq!(chosen(None, None), WIDEST);
        assert_eq!(chosen(Some(10), None), NARROWEST);
    }
}
