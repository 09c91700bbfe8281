//! The images of the hostclasses of a program, and what is done with them beside bakes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_compiler::{ImageSharing, did_you_mean};
use asiaq_ir::{ImageQuery, Needs, Scope};
use asiaq_runtime::{HostclassImage, Straggler, stragglers};

use super::project_session::{ProjectSession, open_project_knowing};
use super::{EnvironmentsRequest, Interrupts, account};
use crate::exit::Result;
use crate::ui;

/// The accounts and regions of a program, with the images of hostclasses in them.
#[derive(Debug)]
pub(crate) struct ImageSession {
    session: ProjectSession,
    needs: Needs,
    /// The hostclasses that the program declares or runs, by region and account of their environments.
    run: BTreeMap<(String, String), BTreeSet<String>>,
    /// All of them.
    hostclasses: BTreeSet<String>,
}

/// Checks the program and connects to its accounts.
pub(crate) async fn image_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<ImageSession> {
    image_session_knowing(request, request.envs, interrupts).await
}

/// The same, where the program also has those of the environments `known` that are sandboxes.
pub(super) async fn image_session_knowing(
    request: EnvironmentsRequest<'_>,
    known: &[String],
    interrupts: &Interrupts,
) -> Result<ImageSession> {
    let envs = request.envs;
    let session = open_project_knowing(request, known, interrupts).await?;
    let mut run: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for env in session.checked.environments() {
        if !envs.is_empty() && !envs.contains(&env.name) {
            continue;
        }
        let account = session.aws.of(Scope::environment(&env.name).borrowed()).account.clone();
        let hostclasses = env.pipeline.iter().flat_map(|pipeline| pipeline.stages.iter().flatten().cloned());
        run.entry((env.region, account)).or_default().extend(hostclasses);
    }
    let hostclasses = session.checked.hostclasses();
    Ok(ImageSession { needs: session.checked.needs(), session, run, hostclasses })
}

impl ImageSession {
    pub(super) fn project(&self) -> &ProjectSession {
        &self.session
    }

    /// Whether an account could not be used.
    pub(crate) fn is_partial(&self) -> bool {
        self.session.is_partial
    }

    /// With whom the program shares images.
    pub(super) fn image_shares(&self) -> Vec<ImageSharing> {
        self.session.checked.image_shares()
    }

    /// The stages that the program accepts somewhere.
    pub(crate) fn stages(&self) -> BTreeSet<String> {
        let checked = &self.session.checked;
        let environments = checked.environments();
        let deployed = environments.iter().flat_map(|env| checked.deployables(&env.name));
        // Deploys write these.
        let roles = deployed.flat_map(|what| [what.good_stage, what.bad_stage]);
        checked.image_stages().into_iter().chain(roles).collect()
    }

    /// The identity that writes.
    pub(crate) fn caller(&self) -> &str {
        &self.session.identity.arn
    }

    /// The images of some hostclasses in all accounts and regions, of all declared ones if none is named, or of every
    /// hostclass that the accounts have; ordered by hostclass, the oldest first.
    pub(crate) async fn images(&self, named: &[String], all: bool) -> anyhow::Result<Vec<HostclassImage>> {
        let named: BTreeSet<String> = named.iter().cloned().collect();
        let meant = if named.is_empty() { &self.hostclasses } else { &named };
        let meant = (!all || !named.is_empty()).then_some(meant);
        let mut images = Vec::new();
        for (cloud, _, region) in self.places() {
            images.extend(account::answered("list the images", cloud.images(region, meant).await)?);
        }
        images.sort_by(|a, b| {
            let key = |one: &HostclassImage| {
                (one.hostclass.clone(), one.created, one.region.clone(), one.account.clone(), one.id.clone())
            };
            key(a).cmp(&key(b))
        });
        self.refuse_unknown(&named, &images)?;
        Ok(images)
    }

    /// Refuses a hostclass that is neither declared nor has an image.
    fn refuse_unknown(&self, named: &BTreeSet<String>, images: &[HostclassImage]) -> anyhow::Result<()> {
        let of_images = images.iter().map(|image| &image.hostclass);
        let known: BTreeSet<&str> = self.hostclasses.iter().chain(of_images).map(String::as_str).collect();
        let Some(name) = named.iter().find(|name| !known.contains(name.as_str())) else { return Ok(()) };
        let known: Vec<&str> = known.into_iter().collect();
        match did_you_mean(name, &known) {
            Some(near) => bail!("there is no hostclass `{name}`; did you mean `{near}`?"),
            None => bail!("there is no hostclass `{name}`, and no image of one"),
        }
    }

    /// The image with an id, of `all` that the accounts have.
    pub(crate) fn image(&self, all: &[HostclassImage], id: &str) -> anyhow::Result<HostclassImage> {
        if let Some(image) = all.iter().find(|image| image.id == id) {
            return Ok(image.clone());
        }
        let near = all.iter().find(|image| image.name == id).map(|image| image.id.as_str());
        let known: Vec<&str> = all.iter().map(|image| image.id.as_str()).collect();
        match near.or_else(|| did_you_mean(id, &known)) {
            Some(near) => bail!("there is no image `{id}` of a hostclass; did you mean `{near}`?"),
            None => bail!(
                "there is no image `{id}` of a hostclass in {}: `asiaq image list --all` shows them",
                ui::listed(&self.regions())
            ),
        }
    }

    /// The hostclasses that pipelines run whose newest image in one of `stages` is older than a second since 1970.
    pub(crate) fn stragglers(
        &self,
        images: &[HostclassImage],
        stages: &[String],
        before: i64,
    ) -> Vec<Straggler> {
        let late = self.run.iter().flat_map(|((region, account), hostclasses)| {
            let is_there = |image: &&HostclassImage| image.region == *region && image.account == *account;
            let here: Vec<HostclassImage> = images.iter().filter(is_there).cloned().collect();
            stragglers(&here, (account, region), hostclasses, stages, before)
        });
        late.collect()
    }

    /// Adds to images what uses them in their own accounts, and the program where it names them.
    pub(crate) async fn note_uses(&self, images: &mut [HostclassImage]) -> anyhow::Result<()> {
        for (cloud, owner, region) in self.places() {
            let own: BTreeSet<String> = images
                .iter()
                .filter(|image| image.account == owner && image.region == region)
                .map(|image| image.id.clone())
                .collect();
            let uses = cloud.uses_of_images(region, &own, &self.parameters(region)).await;
            let uses = account::answered("find out what uses the images", uses)?;
            for image in images.iter_mut().filter(|image| own.contains(&image.id)) {
                image.used_by.extend(uses.get(&image.id).into_iter().flatten().cloned());
            }
        }
        for image in images.iter_mut() {
            let is_named = self.needs.images_in(&image.region).any(|query| match query {
                ImageQuery::Id(id) => *id == image.id,
                ImageQuery::Named { .. } | ImageQuery::Parameter(_) => false,
            });
            if is_named {
                image.used_by.insert(0, "the program, which names it".to_owned());
            }
        }
        Ok(())
    }

    /// Adds what uses them in the accounts that they are shared with, as far as asiaq can look there.
    pub(crate) async fn note_uses_abroad(&self, images: &mut [HostclassImage]) -> anyhow::Result<()> {
        for image in images {
            let Some(owner) = self.cloud(&image.account) else { continue };
            let shares = owner.shares_of_image(&image.region, &image.id).await;
            for share in account::answered("read whom an image is shared with", shares)? {
                if share == image.account {
                    continue;
                }
                let Some(cloud) = self.cloud(&share) else {
                    image.used_by.push(match share.as_str() {
                        "all" => "everybody: it is public".to_owned(),
                        share => format!("{share}, which it is shared with, and where asiaq cannot look"),
                    });
                    continue;
                };
                let own = BTreeSet::from([image.id.clone()]);
                let uses = cloud.uses_of_images(&image.region, &own, &self.parameters(&image.region)).await;
                let uses = account::answered("find out what uses an image in another account", uses)?;
                let uses = uses.into_values().flatten();
                image.used_by.extend(uses.map(|by| format!("{by} in account {share}")));
            }
        }
        Ok(())
    }

    /// Writes the stage of an image.
    pub(crate) async fn promote(
        &self,
        image: &HostclassImage,
        stage: &str,
        note: &str,
    ) -> anyhow::Result<()> {
        let cloud = self.owner(image)?;
        account::answered("tag the image", cloud.promote_image(&image.region, &image.id, stage, note).await)
    }

    /// Deletes an image and its snapshots; returns the snapshots that something else uses.
    pub(crate) async fn delete(&self, image: &HostclassImage) -> anyhow::Result<Vec<String>> {
        let cloud = self.owner(image)?;
        let left = cloud.delete_image(&image.region, image).await;
        account::answered(&format!("delete the image {}", image.id), left)
    }

    /// The snapshots of images that an earlier run has not deleted to the end.
    pub(crate) async fn leftovers(&self) -> anyhow::Result<Vec<Leftover>> {
        let mut all = Vec::new();
        for (cloud, account, region) in self.places() {
            let of = account::answered("list the snapshots", cloud.snapshots_left(region).await)?;
            all.extend(of.into_iter().map(|(image, snapshots)| Leftover {
                image,
                account: account.to_owned(),
                region: region.to_owned(),
                snapshots,
            }));
        }
        Ok(all)
    }

    /// Deletes such snapshots; returns those that something else uses.
    pub(crate) async fn delete_leftover(&self, leftover: &Leftover) -> anyhow::Result<Vec<String>> {
        let Some(cloud) = self.cloud(&leftover.account) else {
            bail!("account {} is away", leftover.account)
        };
        let left = cloud.delete_image_snapshots(&leftover.region, &leftover.snapshots).await;
        account::answered(&format!("delete the snapshots of {}", leftover.image), left)
    }

    fn parameters(&self, region: &str) -> BTreeSet<String> {
        let names = self.needs.images_in(region).filter_map(|query| match query {
            ImageQuery::Parameter(name) => Some(name.clone()),
            ImageQuery::Id(_) | ImageQuery::Named { .. } => None,
        });
        names.collect()
    }

    /// Each account with each region, where the regions are asked for.
    fn places(&self) -> impl Iterator<Item = (&Aws, &str, &str)> {
        self.session.aws.each().flat_map(|(member, regions)| {
            let regions = self.session.regions.iter().filter(move |region| regions.contains(*region));
            regions.map(|region| (&member.cloud, member.account.as_str(), region.as_str()))
        })
    }

    fn regions(&self) -> Vec<&str> {
        self.session.regions.iter().map(String::as_str).collect()
    }

    pub(super) fn cloud(&self, account: &str) -> Option<&Aws> {
        self.session.aws.members().find(|member| member.account == account).map(|member| &member.cloud)
    }

    pub(super) fn owner(&self, image: &HostclassImage) -> anyhow::Result<&Aws> {
        self.cloud(&image.account).ok_or_else(|| anyhow!("account {} is away", image.account))
    }
}

/// Snapshots of an image that is deregistered.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Leftover {
    /// The image that they were of.
    pub(crate) image: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// Their ids.
    pub(crate) snapshots: Vec<String>,
}
