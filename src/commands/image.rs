mod share;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use asiaq_compiler::did_you_mean;
use asiaq_runtime::{HostclassImage, ImageExpiry, newest};
use jiff::Timestamp;
use serde::Serialize;

use crate::engine::{self, ImageSession, Interrupts, Leftover, Way, Writing, age, ago};
use crate::exit::{Exit, Result};
use crate::project::{Project, some_names_and_path};
use crate::ui::{self, Format, images, json};

/// Shows the AMIs of hostclasses, promotes them to another stage, shares them, and deletes old ones
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Image {
    /// Lists the AMIs of hostclasses, with their stages and what uses them
    List(List),
    /// Shows the newest AMI of a hostclass in each account and region
    Latest(Latest),
    /// Lists the hostclasses whose newest AMI in a stage is old, with the AMI that could take its place
    Stragglers(Stragglers),
    /// Writes the stage of an AMI, and records it
    Promote(Promote),
    /// Shares an AMI with the accounts that `image_share` of its account names
    ///
    /// With its snapshots, so that it can be copied there, with the keys that encrypt these, for the Auto Scaling groups there,
    /// and with its tags. Only AMIs of the `bakers` are shared. A run that is interrupted is continued by the next one.
    Share(share::Share),
    /// Deletes AMIs with their snapshots
    ///
    /// An AMI that something uses stays: an instance, a launch template in any version, a launch configuration, a Spot
    /// request, a Systems Manager parameter that the program or a launch template names, or the program itself; in the
    /// account of the AMI, and in those that it is shared with. If one of the AMIs is used, none is deleted.
    Delete(Delete),
    /// Deletes old AMIs of hostclasses in a stage, with their snapshots
    ///
    /// Of each hostclass the newest AMIs stay, and all that are not old enough; so does one that something uses (see
    /// `asiaq image delete`). Snapshots whose AMI an earlier run has deregistered are deleted too.
    Cleanup(Cleanup),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    /// Only AMIs of this hostclass; may be repeated. Default: the hostclasses of the program
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// AMIs of every hostclass, also of those that the program does not declare
    #[arg(long, conflicts_with = "hostclasses")]
    all: bool,
    /// Only AMIs in this stage; may be repeated
    #[arg(long = "stage", value_name = "STAGE")]
    stages: Vec<String>,
    /// Only AMIs of this product line
    #[arg(long, value_name = "NAME")]
    product_line: Option<String>,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Latest {
    /// Hostclass
    #[arg(value_name = "HOSTCLASS")]
    hostclass: String,
    #[command(flatten)]
    project: Project,
    /// Only AMIs in this stage; of several, the first that has one. Default: any stage
    #[arg(long = "stage", value_name = "STAGE")]
    stages: Vec<String>,
    /// Private AMIs too, which no environment uses by itself
    #[arg(long)]
    with_private: bool,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Stragglers {
    #[command(flatten)]
    project: Project,
    /// The stage that ought to be recent; may be repeated, the preferred one first
    #[arg(long = "stage", value_name = "STAGE", required = true)]
    stages: Vec<String>,
    /// Age from which an AMI is old, such as `3d`
    #[arg(long, value_name = "TIME", default_value = "3d", value_parser = age)]
    older_than: Duration,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Promote {
    /// Id of the AMI
    #[arg(value_name = "AMI")]
    image: String,
    #[command(flatten)]
    project: Project,
    /// The stage it gets
    #[arg(long, value_name = "STAGE")]
    stage: String,
    /// Accepts a stage that neither the program nor an AMI has
    #[arg(long)]
    new_stage: bool,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Delete {
    /// Ids of the AMIs; behind them a file, or a folder with .asq files. Default: this folder
    #[arg(value_name = "AMI", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Cleanup {
    #[command(flatten)]
    project: Project,
    /// Only AMIs in this stage
    #[arg(long, value_name = "STAGE")]
    stage: String,
    /// Number of AMIs of each hostclass that stay, the newest
    #[arg(long, value_name = "N", default_value_t = 3)]
    keep: usize,
    /// Only AMIs that are older than this time, such as `14d`
    #[arg(long, value_name = "TIME", default_value = "14d", value_parser = age)]
    older_than: Duration,
    /// Only AMIs of this hostclass, declared or not; may be repeated. Default: the hostclasses of the program
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// Only AMIs of this product line
    #[arg(long, value_name = "NAME")]
    product_line: Option<String>,
    /// An AMI that stays, and does not count for `--keep`; may be repeated
    #[arg(long, value_name = "AMI")]
    except: Vec<String>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

/// What a deletion is about.
#[derive(Debug, Default, Serialize)]
struct Doomed {
    /// Deleted with their snapshots.
    images: Vec<HostclassImage>,
    /// Old enough, and used.
    kept: Vec<HostclassImage>,
    /// Snapshots of images that an earlier run has deregistered.
    left_over: Vec<Leftover>,
}

impl Image {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| match self {
            Self::List(list) => list.run(&interrupts).await,
            Self::Latest(latest) => latest.run(&interrupts).await,
            Self::Stragglers(stragglers) => stragglers.run(&interrupts).await,
            Self::Promote(promote) => promote.run(&interrupts).await,
            Self::Share(share) => share.run(&interrupts).await,
            Self::Delete(delete) => delete.run(&interrupts).await,
            Self::Cleanup(cleanup) => cleanup.run(&interrupts).await,
        })
    }
}

async fn session(path: Option<&Path>, way: &Way, interrupts: &Interrupts) -> Result<ImageSession> {
    let request = way.request(path);
    interrupts.guard(Box::pin(engine::image_session(request, interrupts))).await
}

fn show(found: &[HostclassImage], format: Format) {
    ui::list(format, &found, found.is_empty().then_some("there is no such image"), || images::list(found));
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let look = async {
            let mut found = session.images(&self.hostclasses, self.all).await?;
            found.retain(|image| {
                let is_of = |stage: &String| self.stages.contains(stage);
                (self.stages.is_empty() || image.stage.as_ref().is_some_and(is_of))
                    && (self.product_line.is_none() || image.product_line == self.product_line)
            });
            session.note_uses(&mut found).await?;
            Ok(found)
        };
        let found = interrupts.guard(Box::pin(look)).await?;
        show(&found, self.way.format);
        Ok(Exit::of(session.is_partial()))
    }
}

impl Latest {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let look = async { Ok(session.images(std::slice::from_ref(&self.hostclass), false).await?) };
        let all = interrupts.guard(Box::pin(look)).await?;
        let places: BTreeSet<(&str, &str)> =
            all.iter().map(|one| (one.account.as_str(), one.region.as_str())).collect();
        let is_usable = |image: &&HostclassImage| self.with_private || !image.is_private;
        let mut found = Vec::new();
        for place in places {
            let here = all.iter().filter(|one| (one.account.as_str(), one.region.as_str()) == place);
            let here: Vec<HostclassImage> = here.filter(is_usable).cloned().collect();
            found.extend(newest(&here, &self.hostclass, &self.stages).cloned());
        }
        if found.is_empty() {
            return Err(self.none(&all).into());
        }
        let noted = async {
            session.note_uses(&mut found).await?;
            Ok(found)
        };
        show(&interrupts.guard(Box::pin(noted)).await?, self.way.format);
        Ok(Exit::of(session.is_partial()))
    }

    /// Why there is none.
    fn none(&self, all: &[HostclassImage]) -> anyhow::Error {
        let stages: Vec<&str> = self.stages.iter().map(String::as_str).collect();
        let stage =
            if stages.is_empty() { String::new() } else { format!(" in stage {}", ui::listed(&stages)) };
        let others = all.iter().map(|image| match (&image.stage, image.is_available()) {
            (_, false) => format!("{} is {}", image.id, image.state),
            _ if image.is_private && !self.with_private => format!("{} is private", image.id),
            (Some(stage), true) => format!("{} is in stage `{stage}`", image.id),
            (None, true) => format!("{} has no stage", image.id),
        });
        let others: Vec<String> = others.collect();
        let why = if others.is_empty() { String::new() } else { format!(": {}", others.join(", ")) };
        anyhow::anyhow!("there is no image of `{}`{stage}{why}", self.hostclass)
    }
}

impl Stragglers {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let look = async { Ok(session.images(&[], false).await?) };
        let mut all = interrupts.guard(Box::pin(look)).await?;
        all.retain(|image| !image.is_private);
        let late = session.stragglers(&all, &self.stages, ago(self.older_than));
        ui::list(
            self.way.format,
            &late,
            late.is_empty().then_some("the images of all hostclasses are recent"),
            || images::stragglers(&late),
        );
        Ok(Exit::of(session.is_partial()))
    }
}

impl Promote {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let look = async {
            let all = session.images(&[], true).await?;
            self.refuse_unknown(&session, &all)?;
            Ok(session.image(&all, &self.image)?)
        };
        let image = interrupts.guard(Box::pin(look)).await?;
        let was = image.stage.as_deref().unwrap_or("none");
        show(std::slice::from_ref(&image), self.way.format);
        if image.stage.as_ref() == Some(&self.stage) {
            ui::say(&format!("{} is in stage `{}` already\n", image.id, self.stage));
            return Ok(Exit::Done);
        }
        if !image.is_available() {
            return Err(
                anyhow::anyhow!("{} is `{}`: wait until it is available", image.id, image.state).into()
            );
        }
        if self.writing.dry_run {
            ui::say(&format!("{} would go from stage `{was}` to `{}`\n", image.id, self.stage));
            return Ok(Exit::Changes);
        }
        let question = format!("Promote {} from stage `{was}` to `{}`?", image.id, self.stage);
        self.writing.agreed(&question, interrupts).await?;
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let note = format!("{now}: {was} -> {}, {}", self.stage, session.caller());
        session.promote(&image, &self.stage, &note).await?;
        ui::say(&format!("{} is in stage `{}`\n", image.id, self.stage));
        Ok(Exit::Done)
    }

    /// Refuses a stage that looks like a slip of the pen.
    fn refuse_unknown(&self, session: &ImageSession, all: &[HostclassImage]) -> anyhow::Result<()> {
        if self.stage.trim().is_empty() || self.stage.trim() != self.stage {
            bail!("`{}` is no stage: write a word", self.stage);
        }
        if self.new_stage {
            return Ok(());
        }
        let mut known = session.stages();
        known.extend(all.iter().filter_map(|image| image.stage.clone()));
        if known.contains(&self.stage) {
            return Ok(());
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        match did_you_mean(&self.stage, &known) {
            Some(near) => bail!("there is no stage `{}`; did you mean `{near}`?", self.stage),
            None => bail!(
                "neither `ami_stages` of the program nor an image has the stage `{}`; `--new-stage` accepts it",
                self.stage
            ),
        }
    }
}

impl Delete {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let (ids, path) = some_names_and_path(&self.words);
        let session = session(path, &self.way, interrupts).await?;
        let look = async {
            let (mut images, mut left_over) = (Vec::new(), Vec::new());
            let all = session.images(&[], true).await?;
            let mut leftovers = session.leftovers().await?;
            for id in ids {
                match leftovers.iter().position(|leftover| leftover.image == *id) {
                    Some(place) => left_over.push(leftovers.swap_remove(place)),
                    None => images.push(session.image(&all, id)?),
                }
            }
            images.sort_by(|a, b| a.id.cmp(&b.id));
            images.dedup_by(|a, b| a.id == b.id);
            session.note_uses(&mut images).await?;
            session.note_uses_abroad(&mut images).await?;
            Ok(Doomed { images, left_over, ..Doomed::default() })
        };
        let doomed = interrupts.guard(Box::pin(look)).await?;
        if let Some(used) = doomed.images.iter().find(|image| !image.used_by.is_empty()) {
            let by: Vec<&str> = used.used_by.iter().map(String::as_str).collect();
            return Err(
                anyhow::anyhow!("{} is used by {}; nothing was deleted", used.id, by.join(", ")).into()
            );
        }
        doomed.carry_out(&session, &self.way, &self.writing, interrupts).await
    }
}

impl Cleanup {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let expiry = ImageExpiry {
            stage: self.stage.clone(),
            product_line: self.product_line.clone(),
            keep: self.keep,
            before: ago(self.older_than),
            except: self.except.iter().cloned().collect(),
        };
        let look = async {
            let all = session.images(&self.hostclasses, false).await?;
            let mut expired: Vec<HostclassImage> = expiry.expired(&all).into_iter().cloned().collect();
            session.note_uses(&mut expired).await?;
            let (mut images, mut kept): (Vec<_>, Vec<_>) =
                expired.into_iter().partition(|image| image.used_by.is_empty());
            session.note_uses_abroad(&mut images).await?;
            kept.extend(images.extract_if(.., |image| !image.used_by.is_empty()));
            Ok(Doomed { images, kept, left_over: session.leftovers().await? })
        };
        let doomed = interrupts.guard(Box::pin(look)).await?;
        doomed.carry_out(&session, &self.way, &self.writing, interrupts).await
    }
}

impl Doomed {
    /// Shows what goes and what stays, and deletes it unless it is a dry run.
    async fn carry_out(
        &self,
        session: &ImageSession,
        way: &Way,
        writing: &Writing,
        interrupts: &Interrupts,
    ) -> Result<Exit> {
        let Self { images, kept, left_over } = self;
        match way.format {
            Format::Json => json::print(self),
            Format::Text => {
                if !images.is_empty() {
                    ui::out(&images::doomed(images));
                }
                for image in kept {
                    ui::say(&format!("{} stays: it is used by {}\n", image.id, image.used_by.join(", ")));
                }
                for leftover in left_over {
                    let ids = leftover.snapshots.join(", ");
                    ui::out(&format!("{ids}: left of {}, which is deregistered\n", leftover.image));
                }
            }
        }
        if images.is_empty() && left_over.is_empty() {
            if way.format == Format::Text {
                ui::say("no image is deleted\n");
            }
            return Ok(Exit::of(session.is_partial()));
        }
        if writing.dry_run {
            return Ok(Exit::Changes);
        }
        let of_images: usize = images.iter().map(|image| image.snapshots.len()).sum();
        let snapshots = of_images + left_over.iter().map(|one| one.snapshots.len()).sum::<usize>();
        let question =
            format!("Delete {} images and {snapshots} snapshots? They cannot be restored.", images.len());
        writing.agreed(&question, interrupts).await?;
        for image in images {
            let left = session.delete(image).await?;
            ui::say(&format!("deleted {} with {}\n", image.id, counted(image.snapshots.len() - left.len())));
            say_left(&left);
        }
        for leftover in left_over {
            let left = session.delete_leftover(leftover).await?;
            let gone = leftover.snapshots.len() - left.len();
            ui::say(&format!("deleted {} of {}\n", counted(gone), leftover.image));
            say_left(&left);
        }
        Ok(Exit::of(session.is_partial()))
    }
}

fn counted(snapshots: usize) -> String {
    match snapshots {
        1 => "1 snapshot".to_owned(),
        many => format!("{many} snapshots"),
    }
}

fn say_left(snapshots: &[String]) {
    if !snapshots.is_empty() {
        ui::warn(&format!("{} stays: another image uses it", snapshots.join(", ")));
    }
}
