use std::path::Path;

use asiaq_runtime::ShareStep;
use serde::Serialize;

use super::session;
use crate::engine::{Interrupts, Sharing, Way, Writing};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, images, json};

#[derive(clap::Args, Debug)]
pub(crate) struct Share {
    /// Id of the AMI
    #[arg(value_name = "AMI")]
    image: String,
    #[command(flatten)]
    project: Project,
    /// Only this account of `image_share`; may be repeated. Default: all of them
    #[arg(long = "to", value_name = "ACCOUNT")]
    to: Vec<String>,
    /// Takes the AMI back: nothing new starts from it there, and what runs goes on
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(Serialize)]
struct Shown<'s> {
    image: &'s str,
    remove: bool,
    steps: &'s [ShareStep],
}

impl Share {
    pub(super) async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let path: Option<&Path> = self.project.path.as_deref();
        let session = session(path, &self.way, interrupts).await?;
        let look = async {
            let all = session.images(&[], true).await?;
            let image = session.image(&all, &self.image)?;
            Ok(session.sharing(image, &self.to, !self.remove).await?)
        };
        let sharing: Sharing = interrupts.guard(Box::pin(look)).await?;
        match self.way.format {
            Format::Json => {
                json::print(&Shown { image: &self.image, remove: self.remove, steps: &sharing.steps });
            }
            Format::Text => ui::out(&images::share_steps(&sharing.steps, !self.remove)),
        }
        if !sharing.is_needed() {
            let how = if self.remove { "shared with none of them" } else { "shared with all of them" };
            ui::say(&format!("{} is {how} already\n", self.image));
            return Ok(Exit::of(session.is_partial()));
        }
        if self.writing.dry_run {
            return Ok(Exit::Changes);
        }
        let question = if self.remove {
            format!("Take {} back? Groups there launch no instances from it any more.", self.image)
        } else {
            format!("Share {}?", self.image)
        };
        self.writing.agreed(&question, interrupts).await?;
        for step in &sharing.steps {
            if interrupts.any() {
                ui::say("stopped; the same command goes on\n");
                return Ok(Exit::Interrupted);
            }
            session.share(&sharing, step).await?;
        }
        session.note_shares(&sharing).await?;
        let done = if self.remove { "is taken back" } else { "is shared" };
        ui::say(&format!("{} {done}\n", self.image));
        Ok(Exit::of(session.is_partial()))
    }
}
