use std::path::PathBuf;

use crate::exit::{Exit, Result};
use crate::ui::timeline;
use crate::{engine, output};

/// Draws the events of a run, as SVG: what took how long, and the chain that took longest
///
/// The events are what `--events` of `apply`, `destroy`, `up` and `down` wrote, of a run that is still under way
/// or was killed, too.
#[derive(clap::Args, Debug)]
pub(crate) struct Timeline {
    /// The file of events
    #[arg(value_name = "EVENTS")]
    events: PathBuf,
    /// The file to write; `-` prints the picture
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
