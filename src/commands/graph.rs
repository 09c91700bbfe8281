use std::path::PathBuf;

use anyhow::anyhow;
use asiaq_compiler::graph_svg;
use asiaq_ir::Facts;

use crate::exit::{Exit, Result};
use crate::output;
use crate::project::{self, Project};
use crate::ui::{self, Format};

/// Draws an environment and the allowed connections in it, as SVG
///
/// Metanetworks are rows and zones are columns; external networks are on the right. Does not access AWS.
#[derive(clap::Args, Debug)]
pub(crate) struct Graph {
    #[command(flatten)]
    project: Project,
    /// The environment. Default: the only one of the project
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The file to write; `-` prints the SVG
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

impl Graph {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::answering(self.project.path.as_deref(), Format::Text)?;
        let environments = checked.environments();
        let known: Vec<&str> = environments.iter().map(|env| env.name.as_str()).collect();
        let env = match (&self.env, known.as_slice()) {
            (Some(env), _) => env.as_str(),
            (None, [only]) => only,
            (None, []) => return Err(anyhow!("the program declares no environment").into()),
            (None, _) => {
                return Err(
                    anyhow!("select an environment: add `--env` with one of {}", ui::listed(&known)).into()
                );
            }
        };
        let ir = checked.lower(&Facts::default()).ir;
        let Some(svg) = graph_svg::draw(&ir, env) else {
            return Err(anyhow!(project::unknown_environment(env, &known)).into());
        };
        output::write_picture(&self.output, &svg)?;
        ui::say(&ui::from_program());
        Ok(Exit::Done)
    }
}
