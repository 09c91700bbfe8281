//! Writes SVG elements.

use std::fmt::{self, Display, Write as _};

/// An SVG document being written: elements in drawing order.
#[derive(Clone, Debug)]
pub struct Canvas(String);

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Frame {
    /// X of the right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Y of the lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Y of the middle.
    pub fn middle(&self) -> f64 {
        self.y + self.h / 2.0
    }
}

impl Canvas {
    /// An empty document of this size in pixels, with a background of class `paper`; `style` is CSS.
    pub fn new((w, h): (f64, f64), title: &str, style: &str) -> Self {
        let mut canvas = Self(String::new());
        canvas.line(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" viewBox=\"0 0 {w:.0} {h:.0}\" role=\"img\">"
        ));
        canvas.line(format_args!("<title>{}</title>", Escaped(title)));
        canvas.line(format_args!("<style>\n{style}</style>"));
        canvas.rect("paper", Frame { x: 0.0, y: 0.0, w, h }, 0.0);
        canvas
    }

    /// Ends the document and returns its text.
    pub fn finish(mut self) -> String {
        self.line("</svg>");
        self.0
    }

    /// Writes an element as it is.
    pub fn line(&mut self, line: impl Display) {
        // Writing to memory does not fail.
        let _ = writeln!(self.0, "{line}");
    }

    /// Writes a rectangle whose corners have radius `r`.
    pub fn rect(&mut self, class: &str, Frame { x, y, w, h }: Frame, r: f64) {
        self.line(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{r:.0}\"/>"
        ));
    }

    /// Writes a line of text whose baseline begins at `x` and `y`.
    pub fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.line(format_args!("<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", Escaped(text)));
    }
}

/// Text with the special characters of XML escaped.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'t>(pub &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
