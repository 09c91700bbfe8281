use std::path::PathBuf;

use crate::exit::{Exit, Result};
use crate::ui::timeline;
use crate::{engine, output};

/// Draws the timeline of a run as SVG, with the duration of each operation and the critical path
///
/// Reads the file that `--events` of `apply`, `destroy`, `up` and `down` wrote. The run may still be in progress or
/// may have been killed.
#[derive(clap::Args, Debug)]
pub(crate) struct Timeline {
    /// The events file
    #[arg(value_name = "EVENTS")]
    events: PathBuf,
    /// The file to write; `-` prints the SVG
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

impl Timeline {
    pub(crate) fn run(&self) -> Result<Exit> {
        let svg = timeline::draw(&engine::read(&self.events)?);
        output::write_picture(&self.output, &svg)?;
        Ok(Exit::Done)
    }
}
