//! Markdown as HTML: headings with anchors, and links to the pages of the website.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::colours::coloured;

/// A page as HTML, and the headings in it.
pub(super) struct Markup {
    pub(super) html: String,
    pub(super) headings: Vec<Heading>,
}

/// A heading below the title, with the text below it.
pub(super) struct Heading {
    /// Its anchor.
    pub(super) id: String,
    pub(super) title: String,
    /// The plain text up to the next heading.
    pub(super) text: String,
}

/// Renders `markdown`.
pub(super) fn render(markdown: &str) -> Markup {
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let headings = headings(&events);
    let mut ids = headings.iter().map(|heading| heading.id.clone());
    let mut is_program = false;
    let events = events.into_iter().map(|event| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if is_asq(&info) => {
            is_program = true;
            Event::Html("<pre><code>".into())
        }
        Event::Text(text) if is_program => Event::Html(coloured(&text).into()),
        Event::End(TagEnd::CodeBlock) if is_program => {
            is_program = false;
            Event::Html("</code></pre>\n".into())
        }
        Event::Start(Tag::Heading { level, classes, attrs, .. }) if level != HeadingLevel::H1 => {
            Event::Start(Tag::Heading { level, id: ids.next().map(CowStr::from), classes, attrs })
        }
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: page_of(&dest_url).into(), title, id })
        }
        // HTML in a document is escaped: the sources contain none on purpose.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut output = String::new();
    html::push_html(&mut output, events);
    Markup { html: output, headings }
}

/// Whether a fenced block is a program.
fn is_asq(info: &str) -> bool {
    info.split(' ').next() == Some("asq")
}

/// The headings of a page, in order, with the text below each.
fn headings(events: &[Event<'_>]) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut is_heading = false;
    for event in events {
        match event {
            Event::Start(Tag::Heading { level, .. }) if *level != HeadingLevel::H1 => {
                is_heading = true;
                found.push(Heading { id: String::new(), title: String::new(), text: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => {
                is_heading = false;
                if let Some(heading) = found.last_mut() {
                    heading.id = anchor(&heading.title);
                }
            }
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => {
                if let Some(heading) = found.last_mut() {
                    let of_it = if is_heading { &mut heading.title } else { &mut heading.text };
                    of_it.push_str(text);
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::CodeBlock)
            | Event::SoftBreak => {
                if let Some(heading) = found.last_mut().filter(|heading| !heading.text.ends_with(' ')) {
                    heading.text.push(' ');
                }
            }
            _ => {}
        }
    }
    found
}

/// The anchor of a heading: its words in lower case, joined by dashes.
fn anchor(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// The target of a link on the website.
fn page_of(link: &str) -> String {
    match link.split_once(".md") {
        Some((page, "")) => format!("{page}.html"),
        Some((page, rest)) if rest.starts_with('#') => format!("{page}.html{rest}"),
        _ => link.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_headings() {
        let markup = render("# Top\n\n## The `first` one\n\n[there](../kinds/env.md#cidr) <b>bold</b>\n");
        assert_eq!(
            markup.html,
            "<h1>Top</h1>\n<h2 id=\"the-first-one\">The <code>first</code> one</h2>\n\
             <p><a href=\"../kinds/env.html#cidr\">there</a> &lt;b&gt;bold&lt;/b&gt;</p>\n"
        );
        assert_eq!(markup.headings[0].text.trim(), "there <b>bold</b>");
    }
}
