use std::path::PathBuf;

use asiaq_compiler::pages::{self, Page};
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Address, Facts};

use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, explanation, json, page};

/// Explains a diagnostic code, or shows which source lines set a value or a resource
///
/// CODE is the code of a diagnostic, as in `host-bits-set`: shows its page. Without arguments, lists all codes.
///
/// VALUE is an environment or `account/NAME`, blocks and a field joined by dots, as in `staging.mhcbanana.eip` or
/// `account/live.role.web.trust`: shows every source line that sets it, the effective one first. Or it is the address of
/// a resource, as in `ci/intranet/subnet/1` or `account/live/role/web`: shows the resource and the source line of each
/// field.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq explain [OPTIONS] [CODE]\n       asiaq explain [OPTIONS] [PATH] <VALUE>")]
pub(crate) struct Explain {
    /// The project's file or folder. Default: this folder
    #[arg(value_name = "PATH")]
    first: Option<String>,
    /// The code, the value or the resource address
    #[arg(value_name = "CODE|VALUE")]
    second: Option<String>,
    /// Lists all diagnostic codes
    #[arg(long, conflicts_with_all = ["first", "second"])]
    list: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What to explain.
enum Question<'a> {
    List,
    Page(Page),
    Value(Option<PathBuf>, &'a str),
    Resource(Option<PathBuf>, &'a str),
}

impl Explain {
    pub(crate) fn run(&self) -> Result<Exit> {
        match self.question() {
            Question::List => self.list(),
            Question::Page(page) => self.page(page),
            Question::Value(path, value) => {
                let near = if path.is_none() { near_code(value) } else { None };
                let is_code = near.is_some_and(|_| !is_declared(value));
                if let Some(near) = near.filter(|_| is_code) {
                    return Ok(unknown("diagnostic", value, Some(near)));
                }
                return Ok(self.value(&project::answering(path.as_deref(), self.format)?, value));
            }
            Question::Resource(path, address) => {
                return Ok(self.resource(&project::answering(path.as_deref(), self.format)?, address));
            }
        }
        Ok(Exit::Done)
    }

    fn question(&self) -> Question<'_> {
        let (path, word) = match (self.first.as_deref(), self.second.as_deref()) {
            (None, _) => return Question::List,
            (Some(word), None) => (None, word),
            (Some(value), Some(path)) if project::is_path(path) && !project::is_path(value) => {
                (Some(path), value)
            }
            (Some(path), Some(value)) => (Some(path), value),
        };
        let path = path.map(PathBuf::from);
        match pages::page(word) {
            Some(page) if path.is_none() => Question::Page(page),
            _ if is_address(word) => Question::Resource(path, word),
            _ => Question::Value(path, word),
        }
    }

    fn list(&self) {
        match self.format {
            Format::Text => ui::out(&page::list(pages::pages())),
            Format::Json => json::print(&pages::pages().map(page::line).collect::<Vec<_>>()),
        }
    }

    fn page(&self, found: Page) {
        match self.format {
            Format::Text => ui::out(&page::render(found)),
            Format::Json => json::print(&page::data(found)),
        }
    }

    fn value(&self, checked: &Checked, value: &str) -> Exit {
        match (checked.explain(value), self.format) {
            (Ok(found), Format::Text) => ui::out(&explanation::values(&found)),
            (Ok(found), Format::Json) => json::print(&found),
            (Err(near), _) => return unknown("value", value, near.as_deref()),
        }
        Exit::Done
    }

    fn resource(&self, checked: &Checked, value: &str) -> Exit {
        let ir = checked.lower(&Facts::default()).ir;
        let address = Address::parse(value);
        let Some(node) = ir.resources.get(&address) else {
            let known: Vec<&str> = ir.resources.keys().map(Address::as_str).collect();
            return unknown("resource", value, did_you_mean(value, &known));
        };
        match self.format {
            Format::Text => {
                ui::out(&explanation::resource(&address, node));
                ui::out(&format!("\n{}", ui::from_program()));
            }
            Format::Json => {
                json::print(node);
                ui::say(&ui::from_program());
            }
        }
        Exit::Done
    }
}

/// Whether a word is the address of a resource: `account/live` alone is an account, and has values as environments do.
fn is_address(word: &str) -> bool {
    let owner = word.split('.').next().unwrap_or(word);
    match owner.strip_prefix("account/") {
        Some(name) => name.contains('/'),
        None => word.contains('/'),
    }
}

/// The code that is spelled like `word`.
fn near_code(word: &str) -> Option<&'static str> {
    let codes: Vec<&str> = pages::pages().map(|page| page.code).collect();
    did_you_mean(word, &codes)
}

/// Whether the project in this folder has an environment or account `word`.
fn is_declared(word: &str) -> bool {
    project::read(None).is_ok_and(|checked| checked.explain(word).is_ok())
}

fn unknown(what: &str, value: &str, near: Option<&str>) -> Exit {
    let way_out = near.map_or_else(
        || "`asiaq env list`, `asiaq ir` and `asiaq explain --list` list what can be explained".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    ui::error(&anyhow::anyhow!("there is no {what} `{value}`; {way_out}"));
    Exit::External
}
