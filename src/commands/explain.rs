use std::path::{Path, PathBuf};

use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Address, Facts};

use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, explanation, json};

/// Says where a value or a resource comes from
///
/// VALUE is an environment and a field, with the blocks between them joined by dots, as in
/// `staging.mhcbanana.eip`: every place that set it is shown, the winner first. Or it is the address of a
/// resource, as in `ci/intranet/subnet/1`: the resource is shown, and where each field comes from.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq explain [OPTIONS] [PATH] <VALUE>")]
pub(crate) struct Explain {
    /// The project's file or folder; the usual one where only a value is given
    #[arg(value_name = "PATH")]
    first: String,
    /// The value or the address
    #[arg(value_name = "VALUE")]
    second: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Explain {
    pub(crate) fn run(&self) -> Result<Exit> {
        let (path, value) = self.parts();
        let checked = project::sound(path.as_deref(), self.format)?;
        Ok(if value.contains('/') { self.resource(&checked, value) } else { self.value(&checked, value) })
    }

    /// The project and the value, in whichever order they stand.
    fn parts(&self) -> (Option<PathBuf>, &str) {
        match (self.first.as_str(), self.second.as_deref()) {
            (value, None) => (None, value),
            (value, Some(path)) if is_path(path) && !is_path(value) => (Some(PathBuf::from(path)), value),
            (path, Some(value)) => (Some(PathBuf::from(path)), value),
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
            Format::Text => ui::out(&explanation::resource(&address, node)),
            Format::Json => json::print(node),
        }
        Exit::Done
    }
}

fn is_path(word: &str) -> bool {
    Path::new(word).exists() || project::is_project(Path::new(word))
}

fn unknown(what: &str, value: &str, near: Option<&str>) -> Exit {
    let way_out = near.map_or_else(
        || "`asiaq env list` and `asiaq ir` show what there is".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    ui::error(&anyhow::anyhow!("there is no {what} `{value}`; {way_out}"));
    Exit::Surroundings
}
