//! The catalogue of diagnostics: a page for each code, with the mistake, its reason and its fix. The pages are the
//! embedded files of `docs/diagnostics`.

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;

use asiaq_lang::{Code, Severity};

use crate::errors::codes;

/// Every page, in order of code.
const PAGES: &[Page] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code, as in `host-bits-set`.
    pub code: &'static str,
    /// The page as Markdown, its headline included.
    pub text: &'static str,
}

/// The page of `code`, if there is such a code.
pub fn page(code: &str) -> Option<Page> {
    pages().find(|page| page.code == code)
}

/// Every page, in order of code.
pub fn pages() -> impl Iterator<Item = Page> {
    PAGES.iter().copied()
}

impl Page {
    /// The first sentence of the page, as one line of Markdown.
    pub fn summary(&self) -> String {
        let paragraph = self.text.split("\n\n").nth(1).unwrap_or_default().replace('\n', " ");
        match paragraph.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => paragraph,
        }
    }

    /// Whether a program with this mistake is refused.
    pub fn severity(&self) -> Severity {
        codes::find(self.code).map_or(Severity::Error, Code::severity)
    }
}
