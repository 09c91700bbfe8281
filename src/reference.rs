//! The reference, generated from the library, the diagnostics and the command line: Markdown pages and a website.

mod colours;
mod command_line;
mod guides;
mod kinds;
mod markup;
mod site;
mod words;

use std::fmt::Write as _;

use asiaq_compiler::Reference;
use serde::Serialize;

use crate::ui;

pub(crate) use site::site;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Page {
    /// Its path without an ending, as in `kinds/env`.
    pub(crate) path: String,
    /// Its name in lists.
    pub(crate) title: String,
    /// One sentence.
    pub(crate) summary: String,
    /// Its part of the reference.
    pub(crate) section: Section,
    /// Words of other tools for what it is about.
    #[serde(skip)]
    pub(crate) words: &'static [&'static str],
    /// Such words for a heading in it, by its anchor.
    #[serde(skip)]
    pub(crate) words_of_headings: &'static [(&'static str, &'static [&'static str])],
    /// Its text, with links to other pages that end in `.md`.
    pub(crate) markdown: String,
}

impl Page {
    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }

    /// Whether `word` is a word of another tool for something on the page.
    pub(crate) fn answers(&self, word: &str) -> bool {
        self.words.contains(&word) || self.words_of_headings.iter().any(|(_, words)| words.contains(&word))
    }
}

/// A part of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Section {
    /// The overview, the command line, and the pages of `docs/`.
    Guide,
    /// The kinds of declarations.
    Kinds,
    /// The standard library.
    Library,
    /// The diagnostic codes.
    Diagnostics,
}

impl Section {
    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Guide => "Guide",
            Self::Kinds => "Kinds",
            Self::Library => "Library",
            Self::Diagnostics => "Diagnostics",
        }
    }
}

/// Every page, the overview first. `asiaq` is the command line to document.
pub(crate) fn pages(asiaq: clap::Command) -> Vec<Page> {
    let reference = Reference::of_library();
    let mut pages = guides::pages(command_line::page(asiaq));
    pages.extend(kinds::pages(&reference));
    pages.extend(diagnostics());
    pages.insert(0, index(&pages));
    pages
}

/// Where to read about a word of another tool, if a page is about it.
pub(crate) fn about(pages: &[Page], word: &str) -> Option<String> {
    let found: Vec<&Page> = pages.iter().filter(|page| page.answers(word)).collect();
    (!found.is_empty()).then(|| format!("read {}", commands(&found)))
}

/// The commands that print pages.
pub(crate) fn commands(pages: &[&Page]) -> String {
    let named = pages.iter().map(|page| page.name());
    ui::listed(&named.map(|name| format!("asiaq docs {name}")).collect::<Vec<_>>())
}

/// A page for each code.
fn diagnostics() -> impl Iterator<Item = Page> {
    asiaq_compiler::pages::pages().map(|page| Page {
        path: format!("diagnostics/{}", page.code),
        title: page.code.to_owned(),
        summary: page.summary(),
        section: Section::Diagnostics,
        words: &[],
        words_of_headings: &[],
        markdown: page.text.to_owned(),
    })
}

/// The overview: every page with its summary.
fn index(pages: &[Page]) -> Page {
    let summary =
        "Guides, every kind of declaration, every template of the library, and every diagnostic.".to_owned();
    let mut markdown = format!("# asiaq reference\n\n{summary}\n");
    let mut section = None;
    for page in pages {
        if section.replace(page.section) != Some(page.section) {
            let _ = write!(markdown, "\n## {}\n\n", page.section.title());
        }
        let summary = if page.summary.is_empty() { String::new() } else { format!(": {}", page.summary) };
        let _ = writeln!(markdown, "- [{}]({}.md){summary}", page.title, page.path);
    }
    Page {
        path: "index".to_owned(),
        title: "Overview".to_owned(),
        summary,
        section: Section::Guide,
        words: &[],
        words_of_headings: &[],
        markdown,
    }
}

/// The first sentence of a text, on one line.
fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or("").replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    paragraph.get(..end).unwrap_or(&paragraph).to_owned()
}
