use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use asiaq_compiler::did_you_mean;
use asiaq_lang::aws_words::{self, Slot};

use crate::exit::{Exit, Result};
use crate::other_commands;
use crate::reference::{self, Page};
use crate::ui::{self, Format, json};

/// Prints the reference of the language and its library, or writes it as a website
///
/// Without NAME the whole reference is printed. The website works without a server and includes each page as
/// Markdown.
#[derive(clap::Args, Debug)]
pub(crate) struct Docs {
    /// The page to print: a kind such as `env`, a template, a diagnostic code, `language` or `commands`
    #[arg(value_name = "NAME", conflicts_with = "output")]
    name: Option<String>,
    /// Writes the reference as a website to this folder
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Output format of the pages
    #[arg(long, value_enum, default_value_t, conflicts_with = "output")]
    format: Format,
}

impl Docs {
    pub(crate) fn run(&self, asiaq: clap::Command) -> Result<Exit> {
        let pages = reference::pages(asiaq);
        if let Some(folder) = &self.output {
            write(folder, &pages)?;
            ui::say(&format!("the reference is in {}\n", folder.join("index.html").display()));
            return Ok(Exit::Done);
        }
        let chosen: Vec<&Page> = match &self.name {
            None => pages.iter().collect(),
            Some(name) => match pages.iter().find(|page| is_called(page, name)) {
                Some(page) => vec![page],
                None => return Ok(unknown(&pages, name)),
            },
        };
        match self.format {
            Format::Json => json::print(&chosen),
            Format::Text => {
                let texts: Vec<&str> = chosen.iter().map(|page| page.markdown.as_str()).collect();
                ui::out(&texts.join("\n"));
            }
        }
        Ok(Exit::Done)
    }
}

/// Whether `name` is the path, the title, or the last part of the path of a page.
fn is_called(page: &Page, name: &str) -> bool {
    page.path == name || page.title == name || page.name() == name
}

fn unknown(pages: &[Page], name: &str) -> Exit {
    ui::error(&anyhow::anyhow!("the reference has no page `{name}`; {}", way_out(pages, name)));
    Exit::External
}

/// Where to read about something that is not the name of a page.
fn way_out(pages: &[Page], name: &str) -> String {
    let lower = name.to_lowercase();
    let lower = lower.strip_prefix("aws_").unwrap_or(&lower);
    let title = format!("\n## `asiaq {lower}`");
    let is_command = pages.iter().any(|page| page.markdown.contains(&title));
    let help = format!("`{lower}` is a command: read `asiaq {lower} --help`");
    match (is_command, reference::about(pages, lower)) {
        (true, Some(read)) => return format!("{help}; {read}"),
        (true, None) => return help,
        (false, Some(read)) => return read,
        (false, None) => {}
    }
    if let Some(help) = aws_words::help(Slot::Kind, name) {
        return help;
    }
    if let Some(instead) = other_commands::instead(lower) {
        return instead.to_owned();
    }
    let heading = format!("\n### `{name}`");
    let with_field: Vec<&Page> = pages.iter().filter(|page| page.markdown.contains(&heading)).collect();
    if !with_field.is_empty() {
        return format!("`{name}` is a field: read {}", reference::commands(&with_field));
    }
    let known: Vec<&str> = pages.iter().map(Page::name).collect();
    did_you_mean(name, &known).map_or_else(
        || "`asiaq docs index` lists all pages".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

fn write(folder: &Path, pages: &[Page]) -> anyhow::Result<()> {
    for file in reference::site(pages) {
        let path = folder.join(file.path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create the folder `{}`", parent.display()))?;
        fs::write(&path, file.text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}
