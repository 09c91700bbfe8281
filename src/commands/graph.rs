use std::path::PathBuf;

use anyhow::anyhow;
use asiaq_compiler::graph_svg;
use asiaq_ir::Facts;

use super::env::unknown;
use crate::exit::{Exit, Result};
use crate::output;
use crate::project::{self, Project};
use crate::ui::{self, Format};

/// Draws an environment and who reaches whom in it, as SVG
///
/// Metanetworks are rows and zones columns; what is outside stands at the right. The account is not looked at.
#[derive(clap::Args, Debug)]
pub(crate) struct Graph {
    #[command(flatten)]
    project: Project,
    /// The environment; may be left out where there is only one
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The file to write; `-` prints the picture
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

impl Graph {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::sound(self.project.path.as_deref(), Format::Text)?;
        let environments = checked.environments();
        let known: Vec<&str> = environments.iter().map(|env| env.name.as_str()).collect();
        let env = match (&self.env, known.as_slice()) {
            (Some(env), _) => env.as_str(),
            (None, [only]) => only,
            (None, _) => {
                return Err(
                    anyhow!("say which environment: `--env` and one of {}", ui::listed(&known)).into()
                );
            }
        };
        let ir = checked.lower(&Facts::default()).ir;
        let Some(svg) = graph_svg::draw(&ir, env) else { return Err(anyhow!(unknown(env, &known)).into()) };
        output::write_picture(&self.output, &svg)?;
        Ok(Exit::Done)
    }
}
