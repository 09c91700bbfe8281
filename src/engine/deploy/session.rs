//! A project with the groups of one environment, for deploys.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_compiler::Deployable;
use asiaq_ir::{Address, Scope};
use asiaq_runtime::{Accounts, DeployGroup, DeployStatus, DeployStrategy, Deployed, Host, HostclassImage};

use super::choice::{Pick, choose};
use super::target::{Target, gone};
use crate::engine::images::{ImageSession, image_session_knowing};
use crate::engine::{Connection, EnvironmentsRequest, Interrupts, Log, Part, account};
use crate::exit::Result;
use crate::project::Project;
use crate::ui::Format;

/// How long instances may take where nothing else is said.
const USUAL: Duration = Duration::from_mins(15);

/// What a command about deploys is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeployRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    /// Name of the pipeline; that of the environment where absent.
    pub(crate) pipeline: Option<&'a str>,
    pub(crate) env: &'a str,
    /// Names of hostclasses; all of the pipeline if empty.
    pub(crate) hostclasses: &'a [String],
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
    pub(crate) log: &'a Log,
    /// How long instances may take until they are in service, and again until they are healthy.
    pub(crate) timeout: Duration,
    /// How instances are replaced, where it is not as the program says.
    pub(crate) strategy: Option<DeployStrategy>,
    /// Configuration of `ssh` in place of the person's usual one.
    pub(crate) ssh_config: Option<&'a Path>,
}

impl<'a> DeployRequest<'a> {
    /// About the environment `env`, with the usual time for instances.
    pub(crate) fn new(
        (project, env): (&'a Project, &'a str),
        hostclasses: &'a [String],
        (connection, format): (&'a Connection, Format),
        log: &'a Log,
    ) -> Self {
        Self {
            path: project.path.as_deref(),
            pipeline: None,
            env,
            hostclasses,
            connection,
            format,
            log,
            timeout: USUAL,
            strategy: None,
            ssh_config: None,
        }
    }
}

/// A project, the groups of an environment, and the AMIs of its hostclasses.
#[derive(Debug)]
pub(crate) struct DeploySession<'a> {
    pub(super) request: DeployRequest<'a>,
    pub(super) images: ImageSession,
    /// Name of the pipeline.
    pub(super) pipeline: String,
    /// What can be deployed, in order of the stages.
    pub(super) all: Vec<Deployable>,
    pub(super) region: String,
    /// The AMIs of all hostclasses, as they were when the command began.
    pub(super) amis: Vec<HostclassImage>,
}

/// Checks the program and connects to its accounts.
pub(crate) async fn deploy_session<'a>(
    request: DeployRequest<'a>,
    interrupts: &Interrupts,
) -> Result<DeploySession<'a>> {
    let DeployRequest { path, connection, format, .. } = request;
    let images = EnvironmentsRequest { path, envs: &[], connection, format };
    let images = image_session_knowing(images, &[request.env.to_owned()], interrupts).await?;
    let checked = &images.project().checked;
    let environments = checked.environments();
    let Some(env) = environments.iter().find(|env| env.name == request.env) else {
        let known: Vec<&str> = environments.iter().map(|env| env.name.as_str()).collect();
        return Err(anyhow!(crate::project::unknown_environment(request.env, &known)).into());
    };
    let own = env.pipeline.as_ref().map_or("", |pipeline| pipeline.name.as_str());
    let pipeline = request.pipeline.unwrap_or(own);
    Part { pipeline, hostclasses: request.hostclasses }.paths(&env.name, &environments)?;
    let mut all = checked.deployables(&env.name);
    all.retain(|one| request.hostclasses.is_empty() || request.hostclasses.contains(&one.hostclass));
    for one in &mut all {
        one.is_rolling = request.strategy.map_or(one.is_rolling, |said| said == DeployStrategy::Rolling);
    }
    let (pipeline, region) = (pipeline.to_owned(), env.region.clone());
    let amis = images.images(&[], true).await?;
    Ok(DeploySession { request, images, pipeline, all, region, amis })
}

impl DeploySession<'_> {
    /// The accounts of the program.
    pub(super) fn aws(&self) -> &Accounts<Aws> {
        &self.images.project().aws
    }

    /// The cloud of the environment.
    pub(super) fn cloud(&self) -> &Aws {
        &self.aws().of(Scope::environment(self.request.env).borrowed()).cloud
    }

    /// The cloud of an environment of the program.
    pub(super) fn cloud_of(&self, env: &str) -> &Aws {
        &self.aws().of(Scope::environment(env).borrowed()).cloud
    }

    /// The instances of the program.
    pub(super) async fn hosts(&self) -> Result<Vec<Host>> {
        self.images.project().hosts().await
    }

    pub(super) fn project(&self) -> &str {
        self.images.project().checked.project()
    }

    /// Whether an account of the program could not be used.
    pub(crate) fn is_partial(&self) -> bool {
        self.images.is_partial()
    }

    /// The account of the environment.
    pub(crate) fn account(&self) -> &str {
        &self.aws().of(Scope::environment(self.request.env).borrowed()).account
    }

    pub(super) async fn groups(&self) -> anyhow::Result<Vec<DeployGroup>> {
        let groups = self.cloud().deploy_groups(&self.region, self.project()).await;
        account::answered("list the Auto Scaling groups", groups)
    }

    /// An AMI of a hostclass, as it was when the command began.
    pub(super) fn image(&self, id: &str) -> Option<&HostclassImage> {
        self.amis.iter().find(|one| one.id == id)
    }

    /// The hostclasses that run. Those that are not applied yet are left out.
    pub(crate) async fn targets(&self) -> anyhow::Result<Vec<Target>> {
        self.among(&self.groups().await?).await
    }

    /// The same, among all groups of the project.
    async fn among(&self, groups: &[DeployGroup]) -> anyhow::Result<Vec<Target>> {
        let mut targets = Vec::new();
        for what in &self.all {
            let address = Address::new(self.request.env, &format!("hostclass/{}/group", what.hostclass));
            let is_serving = |group: &&DeployGroup| {
                group.address().as_ref() == Some(&address) && !asiaq_runtime::is_retired(&group.tags)
            };
            let mut serving = groups.iter().filter(is_serving);
            let (Some(serving), None) = (serving.next(), serving.next()) else { continue };
            let open = groups.iter().find_map(|group| {
                let record = group.record()?;
                let is_of = group.name == serving.name || record.group == serving.name;
                is_of.then(|| (group.name.clone(), record))
            });
            let Some(template) = &serving.template else { continue };
            let newest = self.cloud().newest_version(&self.region, &template.template).await;
            let Some((version, image)) = account::answered("read a launch template", newest)? else {
                continue;
            };
            targets.push(Target {
                what: what.clone(),
                serving: serving.clone(),
                open,
                newest: (image, version),
            });
        }
        Ok(targets)
    }

    /// How far the deploys are.
    pub(crate) async fn status(&self) -> anyhow::Result<Vec<DeployStatus>> {
        let groups = self.groups().await?;
        let targets = self.among(&groups).await?;
        Ok(targets.iter().map(|target| target.status(&groups)).collect())
    }

    /// What is deployed: the deploys that are under way, and else what `pick` chooses. With an AMI, only its hostclass.
    pub(crate) async fn chosen(&self, pick: Pick<'_>) -> anyhow::Result<Vec<(Target, HostclassImage)>> {
        let (targets, images) = (self.targets().await?, &self.amis);
        let of_image = |id: &str| self.image(id).map(|one| one.hostclass.clone());
        let only = match pick {
            Pick::Image(id) => Some(of_image(id).ok_or_else(|| {
                anyhow!("there is no AMI `{id}` of a hostclass: `asiaq image list --all` shows them")
            })?),
            Pick::Newest | Pick::Untested => None,
        };
        if let Some(hostclass) = &only
            && !targets.iter().any(|target| target.what.hostclass == *hostclass)
        {
            bail!("`{hostclass}` has no Auto Scaling group in `{}`: run `asiaq apply`", self.request.env);
        }
        let is_meant = |target: &Target| only.as_ref().is_none_or(|only| target.what.hostclass == *only);
        let mut chosen = Vec::new();
        for target in targets.into_iter().filter(is_meant) {
            let image = match &target.open {
                Some((_, record)) => {
                    if let Pick::Image(id) = pick
                        && id != record.image
                    {
                        bail!(
                            "a deploy of {} of `{}` is under way: go on with it, or go back with `asiaq deploy rollback`",
                            record.image,
                            target.what.hostclass
                        );
                    }
                    let image = self.image(&record.image).cloned();
                    Some(image.unwrap_or_else(|| gone(record, &target.what)))
                }
                None => choose(&target.what, images, &target.newest.0, pick)?.cloned(),
            };
            if let Some(image) = image
                && (target.open.is_some() || image.id != target.newest.0)
            {
                chosen.push((target, image));
            }
        }
        Ok(chosen)
    }

    /// What is taken back: the deploys that are under way, or else the last one of each hostclass that is named.
    pub(crate) async fn taken_back(&self) -> anyhow::Result<Vec<(Target, HostclassImage)>> {
        let targets = self.targets().await?;
        if targets.iter().any(|target| target.open.is_some()) {
            let back = targets.into_iter().filter_map(|target| {
                let (_, record) = target.open.as_ref()?;
                let image = self.image(&record.image).cloned();
                let image = image.unwrap_or_else(|| gone(record, &target.what));
                Some((target, image))
            });
            return Ok(back.collect());
        }
        if self.request.hostclasses.is_empty() {
            bail!(
                "no deploy is under way in `{}`: name the `--hostclass` that gets its last AMI back",
                self.request.env
            );
        }
        let mut back = Vec::new();
        for target in targets {
            let hostclass = &target.what.hostclass;
            let Some(last) =
                Deployed::read(&target.serving.tags).filter(|last| last.image == target.newest.0)
            else {
                bail!(
                    "no deploy has put {} of `{hostclass}` in place: there is no way back from it",
                    target.newest.0
                );
            };
            let Some(image) = self.image(&last.before).filter(|one| one.is_available()) else {
                bail!("{}, which `{hostclass}` had before, is gone", last.before);
            };
            back.push((target, image.clone()));
        }
        Ok(back)
    }

    /// The AMIs of each hostclass by what deploys say of them: not tested yet, tested and failed.
    pub(crate) fn candidates(&self) -> BTreeMap<String, Vec<HostclassImage>> {
        let of = |what: &Deployable| {
            let own =
                self.amis.iter().filter(|one| one.hostclass == what.hostclass && one.region == what.region);
            (what.hostclass.clone(), own.cloned().collect())
        };
        self.all.iter().map(of).collect()
    }

    /// Whether an AMI was made before another one, as far as their names say it.
    pub(super) fn is_older(&self, image: &str, than: &str) -> bool {
        let made = |id: &str| {
            let image = self.image(id)?;
            asiaq_ir::image_name(&image.name).map(|(_, made)| made)
        };
        made(image).zip(made(than)).is_some_and(|(image, than)| image < than)
    }
}
