//! Programs as HTML with syntax highlighting.

use std::fmt::Write as _;

use asiaq_compiler::ide::{Analysis, TokenKind};
use asiaq_compiler::{Files, Workspace};

/// The name of the program.
const NAME: &str = "infra.asq";

/// A program, and nothing beside it.
struct Alone<'t>(&'t str);

impl Files for Alone<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        if path == NAME { Ok(self.0.to_owned()) } else { Err(format!("there is no file `{path}`")) }
    }
}

/// The program, or the part of one.
pub(super) fn coloured(text: &str) -> String {
    let Ok(workspace) = Workspace::load(&[NAME.to_owned()], &Alone(text)) else { return escaped(text) };
    let analysis = Analysis::new(workspace);
    let Some(file) = analysis.file(NAME) else { return escaped(text) };
    let mut html = String::new();
    let mut at = 0;
    for token in analysis.tokens(file) {
        let range = token.span.range();
        html.push_str(&escaped(text.get(at..range.start).unwrap_or_default()));
        at = range.end;
        let word = escaped(text.get(range).unwrap_or_default());
        // Writing to memory does not fail.
        let _ = match class(token.kind) {
            Some(class) => write!(html, "<span class=\"{class}\">{word}</span>"),
            None => write!(html, "{word}"),
        };
    }
    html.push_str(&escaped(text.get(at..).unwrap_or_default()));
    html
}

/// The CSS class of a token.
fn class(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::Keyword | TokenKind::Kind | TokenKind::Type | TokenKind::Protocol => Some("keyword"),
        TokenKind::Environment
        | TokenKind::Envtype
        | TokenKind::Network
        | TokenKind::Hostclass
        | TokenKind::Let
        | TokenKind::Declaration => Some("name"),
        TokenKind::Number | TokenKind::Address | TokenKind::Word => Some("value"),
        TokenKind::String | TokenKind::Interpolation => Some("text"),
        TokenKind::Comment | TokenKind::Documentation => Some("comment"),
        TokenKind::Field | TokenKind::Operator => None,
    }
}

/// Escapes text for HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::coloured;

    #[test]
    fn words_are_coloured_by_what_they_are() {
        assert_eq!(
            coloured("env ci {\n  zones = 3 // three\n  tags = { a = \"<b>\" }\n}\n"),
            "<span class=\"keyword\">env</span> <span class=\"name\">ci</span> {\n  zones = \
             <span class=\"value\">3</span> <span class=\"comment\">// three</span>\n  tags = { a = \
             <span class=\"text\">&quot;&lt;b&gt;&quot;</span> }\n}\n"
        );
    }
}
