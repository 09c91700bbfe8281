//! The reference as a static website: no server, search in the browser, light and dark colour schemes.

use std::fmt::Write as _;

use serde::Serialize;

use super::colours::escaped;
use super::markup::{self, Markup};
use super::{Page, Section};

/// A file of the website.
pub(crate) struct File {
    /// Its path, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

const FRAME: &str = include_str!("site/frame.html");
const STYLE: &str = include_str!("site/style.css");
const SEARCH: &str = include_str!("site/search.js");

/// An entry of the search index.
#[derive(Serialize)]
struct Entry {
    title: String,
    url: String,
    section: &'static str,
    /// Words of other tools for the same thing.
    words: &'static [&'static str],
    text: String,
}

/// Every page as Markdown and HTML, with the style sheet and the script.
pub(crate) fn site(pages: &[Page]) -> Vec<File> {
    let mut files = Vec::new();
    let mut entries = Vec::new();
    for page in pages {
        let markup = markup::render(&page.markdown);
        entries.extend(found_in(page, &markup));
        files.push(File { path: format!("{}.html", page.path), text: framed(pages, page, &markup.html) });
        files.push(File { path: format!("{}.md", page.path), text: page.markdown.clone() });
    }
    let index = serde_json::to_string(&entries).unwrap_or_default();
    files.push(File { path: "search.js".to_owned(), text: format!("const ENTRIES = {index};\n{SEARCH}") });
    files.push(File { path: "style.css".to_owned(), text: STYLE.to_owned() });
    files
}

/// A page in the common frame.
fn framed(pages: &[Page], page: &Page, html: &str) -> String {
    let root = "../".repeat(page.path.matches('/').count());
    FRAME
        .replace("{{title}}", &escaped(&page.title))
        .replace("{{root}}", &root)
        .replace("{{navigation}}", &navigation(pages, page, &root))
        .replace("{{neighbours}}", &neighbours(pages, page, &root))
        .replace("{{content}}", html)
}

/// The list of all pages; the section of `current` is unfolded.
fn navigation(pages: &[Page], current: &Page, root: &str) -> String {
    let mut html = String::new();
    for section in [Section::Guide, Section::Kinds, Section::Library, Section::Diagnostics] {
        let open = if section == current.section || section != Section::Diagnostics { " open" } else { "" };
        let _ = write!(html, "<details{open}><summary>{}</summary><ul>", section.title());
        for page in pages.iter().filter(|page| page.section == section) {
            let here = if page.path == current.path { " aria-current=\"page\"" } else { "" };
            let title = escaped(&page.title);
            let _ = write!(html, "<li><a href=\"{root}{}.html\"{here}>{title}</a></li>", page.path);
        }
        html.push_str("</ul></details>\n");
    }
    html
}

/// Links to the pages before and after `current`. Diagnostics are looked up, not read one after the other.
fn neighbours(pages: &[Page], current: &Page, root: &str) -> String {
    let read: Vec<&Page> = pages.iter().filter(|page| page.section != Section::Diagnostics).collect();
    let Some(at) = read.iter().position(|page| page.path == current.path) else { return String::new() };
    let link = |page: Option<&&Page>, before: &str, after: &str| {
        page.map_or_else(
            || "<span></span>".to_owned(),
            |page| {
                let title = escaped(&page.title);
                format!("<a href=\"{root}{}.html\">{before}{title}{after}</a>", page.path)
            },
        )
    };
    let before = link(at.checked_sub(1).and_then(|before| read.get(before)), "← ", "");
    let after = link(read.get(at + 1), "", " →");
    format!("<div class=\"neighbours\">{before}{after}</div>\n")
}

/// The search entries of a page and its headings.
fn found_in<'a>(page: &'a Page, markup: &'a Markup) -> impl Iterator<Item = Entry> + 'a {
    let entry = |title: String, url: String, text: String| Entry {
        title,
        url,
        section: page.section.title(),
        words: &[],
        text,
    };
    let mut own = entry(page.title.clone(), format!("{}.html", page.path), page.summary.clone());
    own.words = page.words;
    let below = markup.headings.iter().map(move |heading| {
        let url = format!("{}.html#{}", page.path, heading.id);
        let words = page.words_of_headings.iter().find(|(id, _)| *id == heading.id);
        let title = format!("{} › {}", page.title, heading.title);
        Entry { words: words.map_or(&[], |(_, words)| words), ..entry(title, url, heading.text.clone()) }
    });
    std::iter::once(own).chain(below)
}
