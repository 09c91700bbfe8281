//! A run of bakes: what it begins with, several at once, and what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use asiaq_aws::Aws;
use asiaq_compiler::{Bakery, Base, Logging, Recipe, did_you_mean};
use asiaq_ir::{ImageFact, ImageQuery, Need, Needs, RegionFacts, Scope, image_name};
use asiaq_runtime::{Accounts, BAKE_TAG, BAKERY_TAG, BakePlace, Baked, PlannedBake, SettledBake};
use futures::stream::{self, StreamExt as _};

use super::leftovers::{self, BY_TAG, OF_IMAGE, TOKENS_TAG, UNTIL_TAG, Verdict, now, verdict};
use super::logs::Logs;
use super::overlay::Overlay;
use super::placeholders;
use super::recipe::Job;
use super::steps::{Failed, Finished, Named, Run, RunKey, RunOptions, complete_image, make_image};
use crate::engine::accounts::{Asked, Connected};
use crate::engine::connect::connect_to_declared;
use crate::engine::{EnvironmentsRequest, Interrupts, account, holder, ssh_keygen};
use crate::exit::Result;
use crate::{project, ui};

/// Tag with the stage of an AMI.
const STAGE_TAG: &str = "stage";
/// Most characters of the key and of the value of a tag (EC2 user guide, "Tag restrictions").
const TAG_KEY: usize = 128;
const TAG_VALUE: usize = 256;
/// Instance types where the program sets none, by architecture of the base AMI.
const USUAL_TYPES: &[(&str, &str)] = &[("x86_64", "m7i.large"), ("arm64", "m7g.large")];

/// What is to be baked.
#[derive(Debug)]
pub(crate) struct BakeRequest<'a> {
    pub(crate) environments: EnvironmentsRequest<'a>,
    /// Images and hostclasses; every hostclass that has a bake where empty.
    pub(crate) names: &'a [String],
    /// Stage of the AMIs, in place of the usual one.
    pub(crate) stage: Option<&'a str>,
    /// Whether no environment is to use the AMIs by itself.
    pub(crate) is_private: bool,
    /// The AMI that the bakes start from, in place of the program's.
    pub(crate) source: Option<&'a str>,
    /// Further tags of the AMIs.
    pub(crate) tags: &'a [(String, String)],
}

/// A run of bakes that can begin.
#[derive(Debug)]
pub(crate) struct BakeSession {
    aws: Accounts<Aws>,
    project: String,
    bakery: Arc<Bakery>,
    place: BakePlace,
    jobs: Vec<Job>,
    /// `user@host` of this run.
    owner: String,
}

/// Checks the program, and finds out all that bakes need.
pub(crate) async fn bake_session(request: BakeRequest<'_>, interrupts: &Interrupts) -> Result<BakeSession> {
    let EnvironmentsRequest { path, connection, format, .. } = request.environments;
    let checked = project::named(path, format)?;
    let Some(bakery) = checked.bakery() else {
        return Err(
            anyhow!("the project has no `bakery`: add `bakery {{ env = NAME }}` to the project").into()
        );
    };
    let known = checked.recipes();
    let recipes = chosen(&known, request.names)?;
    let envs = [bakery.env.clone()];
    let asked = Asked { envs: &envs, ..Asked::default() };
    let Connected { aws, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let project = checked.project().to_owned();
    let secrets = placeholders::known(&checked);
    let hostclasses: Vec<String> =
        known.iter().flat_map(|recipe| recipe.hostclasses.clone()).chain(checked.hostclasses()).collect();
    let prepare = async {
        let scope = Scope::environment(&bakery.env);
        let member = aws.of(scope.borrowed());
        let (cloud, own) = (&member.cloud, member.account.as_str());
        let place = cloud.bake_place(&bakery.region, &project, &bakery.env, &bakery.network).await;
        let place = account::answered("find where bakes run", place)?.ok_or_else(|| {
            anyhow!(
                "the metanetwork `{}` of `{}` does not exist yet: run `asiaq apply --env {}`",
                bakery.network,
                bakery.env,
                bakery.env
            )
        })?;
        let repo = repo(cloud, &project, &bakery).await?;
        let sources = sources(&recipes, request.source);
        let facts = cloud.base_images(&bakery.region, &needs(&bakery, &sources)).await;
        let facts = account::answered("look up the base AMIs", facts)?;
        let version = version(project::root(path));
        let bakery = Arc::new(bakery.clone());
        let logging = checked.logging();
        let maker = Maker {
            bakery: &bakery,
            logging: logging.as_ref(),
            facts: &facts,
            own,
            request: &request,
            version,
            hostclasses: &hostclasses,
            secrets: &secrets,
            repo,
        };
        let jobs: Vec<Job> = recipes
            .into_iter()
            .zip(&sources)
            .map(|(recipe, source)| maker.job(recipe, source))
            .collect::<anyhow::Result<_>>()?;
        Ok((place, jobs, bakery))
    };
    let (place, jobs, bakery) = interrupts.guard(Box::pin(prepare)).await?;
    Ok(BakeSession { aws, project, bakery, place, jobs, owner: holder::owner() })
}

/// The recipes that names mean.
fn chosen(known: &[Recipe], names: &[String]) -> anyhow::Result<Vec<Recipe>> {
    if names.is_empty() {
        let all: Vec<Recipe> = known.iter().filter(|recipe| recipe.is_of_hostclass).cloned().collect();
        if all.is_empty() {
            bail!(
                "no hostclass has a block `bake`{}",
                match known {
                    [] => ", and there is no `image`".to_owned(),
                    known => format!("; name an image: {}", ui::listed(&names_of(known))),
                }
            );
        }
        return Ok(all);
    }
    let names: BTreeSet<&String> = names.iter().collect();
    let one = |name: &&String| {
        known.iter().find(|recipe| recipe.name == **name).cloned().ok_or_else(|| {
            let known = names_of(known);
            match did_you_mean(name, &known) {
                Some(near) => anyhow!("nothing says how `{name}` is baked; did you mean `{near}`?"),
                None if known.is_empty() => {
                    anyhow!("nothing says how `{name}` is baked: there is no `bake` and no `image`")
                }
                None => anyhow!("nothing says how `{name}` is baked; there is {}", ui::listed(&known)),
            }
        })
    };
    names.iter().map(one).collect()
}

fn names_of(recipes: &[Recipe]) -> Vec<&str> {
    recipes.iter().map(|recipe| recipe.name.as_str()).collect()
}

/// What each bake starts from.
fn sources(recipes: &[Recipe], source: Option<&str>) -> Vec<Base> {
    let given = source.map(|id| Base::Ami(ImageQuery::Id(id.to_owned())));
    recipes.iter().map(|recipe| given.clone().unwrap_or_else(|| recipe.base.clone())).collect()
}

/// The facts of AMIs that bakes need.
fn needs(bakery: &Bakery, sources: &[Base]) -> Needs {
    let mut needs = Needs::default();
    let mut queries = BTreeSet::new();
    for source in sources {
        match source {
            Base::Image(_) => drop(needs.facts.insert(Need::HostclassImages)),
            Base::Ami(query) => drop(queries.insert(query.clone())),
        }
    }
    needs.images.insert(bakery.region.clone(), queries);
    needs
}

/// The private address of an instance of the hostclass that has the packages.
async fn repo(cloud: &Aws, project: &str, bakery: &Bakery) -> anyhow::Result<Option<String>> {
    let Some(repo) = &bakery.repo else { return Ok(None) };
    let address = cloud.address_of_host(&bakery.region, project, &bakery.env, repo).await;
    match account::answered("list the instances", address)? {
        Some(address) => Ok(Some(address.to_string())),
        None => bail!("no instance of `{repo}` runs in `{}`, and scripts get its address", bakery.env),
    }
}

/// Branch and commit of the program, where it is in a repository of git.
fn version(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let branch = git(&["rev-parse", "--abbrev-ref", "HEAD"])?;
    Some(format!("{branch}-{}", git(&["rev-parse", "--short", "HEAD"])?))
}

/// Makes jobs of recipes.
struct Maker<'m> {
    bakery: &'m Arc<Bakery>,
    logging: Option<&'m Logging>,
    facts: &'m RegionFacts,
    /// The account of the bakery.
    own: &'m str,
    request: &'m BakeRequest<'m>,
    version: Option<String>,
    hostclasses: &'m [String],
    /// The secrets of the environments that run them.
    secrets: &'m placeholders::Known,
    repo: Option<String>,
}

impl Maker<'_> {
    fn job(&self, recipe: Recipe, source: &Base) -> anyhow::Result<Job> {
        let base = self.base(source)?.clone();
        if !base.is_available {
            bail!("the AMI {} that `{}` starts from is not available", base.id, recipe.name);
        }
        let given = recipe.instance_type.clone().or_else(|| self.bakery.instance_type.clone());
        let usual = USUAL_TYPES.iter().find(|(architecture, _)| base.architecture == *architecture);
        let instance_type = match (given, usual) {
            (Some(given), _) => given,
            (None, Some((_, usual))) => (*usual).to_owned(),
            (None, None) => bail!(
                "{} is built for {}: set the `type` of an instance that runs it in the `bakery`",
                base.id,
                base.architecture
            ),
        };
        let known: Vec<&str> = self.hostclasses.iter().map(String::as_str).collect();
        let overlay = match &recipe.files {
            Some(files) => {
                let mut overlay = Overlay::read(Path::new(files), &recipe.hostclasses, &known)?;
                let found = placeholders::problems(&overlay, &recipe.name, self.secrets);
                overlay.warnings.extend(found);
                Some(overlay)
            }
            None => None,
        };
        // An image is a base for several hostclasses, each with its own part in logging.
        let logging = self.logging.filter(|_| recipe.is_of_hostclass);
        let logs = logging.and_then(|logging| Logs::of(logging, &recipe.name, overlay.as_ref()));
        let second = now();
        Ok(Job {
            name: format!("{} {second}", recipe.name),
            tags: self.tags(&recipe, &base)?,
            bakery: Arc::clone(self.bakery),
            repo: self.repo.clone(),
            second,
            base,
            instance_type,
            overlay,
            logs,
            recipe,
        })
    }

    /// The AMI that a bake starts from.
    fn base(&self, source: &Base) -> anyhow::Result<&ImageFact> {
        let region = &self.bakery.region;
        let query = match source {
            Base::Image(image) => return self.image(image),
            Base::Ami(query) => query,
        };
        let by_id = |id: &String| self.facts.image_ids.get(id).and_then(Option::as_ref);
        match query {
            ImageQuery::Id(id) => by_id(id).ok_or_else(|| anyhow!("there is no AMI {id} in {region}")),
            ImageQuery::Parameter(name) => {
                let id = self.facts.image_parameters.get(name).and_then(Option::as_ref);
                let id =
                    id.ok_or_else(|| anyhow!("there is no Systems Manager parameter `{name}` in {region}"))?;
                by_id(id).ok_or_else(|| {
                    anyhow!("the parameter `{name}` names {id}, and there is no such AMI in {region}")
                })
            }
            ImageQuery::Named { owner, pattern } => {
                let found = self.facts.named_images.get(owner).and_then(|of| of.get(pattern));
                let newest = found.into_iter().flatten().max_by_key(|image| (&image.created, &image.id));
                newest.ok_or_else(|| anyhow!("no AMI of `{owner}` in {region} has a name like `{pattern}`"))
            }
        }
    }

    /// The newest AMI of an image in the good stage.
    fn image(&self, image: &str) -> anyhow::Result<&ImageFact> {
        let Bakery { region, good_stage, trusted_accounts, .. } = &**self.bakery;
        let named = self.facts.images.iter().filter_map(|fact| {
            let (name, second) = image_name(&fact.name)?;
            (name == image).then_some((second, fact))
        });
        let is_trusted = |fact: &ImageFact| fact.owner == self.own || trusted_accounts.contains(&fact.owner);
        let stage = |fact: &ImageFact| fact.tags.get(STAGE_TAG).cloned();
        let is_private =
            |fact: &ImageFact| fact.tags.get("is_private").is_some_and(|is| is.eq_ignore_ascii_case("true"));
        let mut others = Vec::new();
        let mut usable = Vec::new();
        for (second, fact) in named {
            match stage(fact) {
                _ if !is_trusted(fact) => {
                    others.push(format!(
                        "{} is of account {}, which is not in `trusted_accounts`",
                        fact.id, fact.owner
                    ));
                }
                _ if !fact.is_available => others.push(format!("{} is not available", fact.id)),
                _ if is_private(fact) => others.push(format!("{} is private", fact.id)),
                Some(stage) if stage == *good_stage => usable.push((second, fact)),
                Some(stage) => others.push(format!("{} is in stage `{stage}`", fact.id)),
                None => others.push(format!("{} has no stage", fact.id)),
            }
        }
        let newest = usable.into_iter().max_by_key(|(second, fact)| (*second, &fact.id));
        newest.map(|(_, fact)| fact).ok_or_else(|| match others.as_slice() {
            [] => anyhow!("there is no AMI of image `{image}` in {region} yet: run `asiaq bake {image}`"),
            others => anyhow!(
                "there is no AMI of image `{image}` in stage `{good_stage}` in {region}: {}; `asiaq image promote` puts one \
                 into that stage",
                others.join(", ")
            ),
        })
    }

    /// The tags of an AMI.
    fn tags(&self, recipe: &Recipe, base: &ImageFact) -> anyhow::Result<BTreeMap<String, String>> {
        let owner = holder::owner();
        let baker = owner.split('@').next().unwrap_or_default();
        let private = if self.request.is_private { "True" } else { "False" };
        let hostclass = recipe.hostclasses.first().map_or("", String::as_str);
        let stage = self.request.stage.unwrap_or(&self.bakery.new_stage);
        let own = [
            ("hostclass", Some(hostclass)),
            (STAGE_TAG, Some(stage)),
            ("source_ami", Some(base.id.as_str())),
            ("baker", Some(baker)),
            ("version-asiaq", self.version.as_deref()),
            ("is_private", Some(private)),
            ("productline", recipe.product_line.as_deref()),
        ];
        let mut tags: BTreeMap<String, String> =
            own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
        for (key, value) in
            recipe.tags.iter().chain(self.request.tags.iter().map(|(key, value)| (key, value)))
        {
            if key.starts_with("asiaq:") || key.starts_with("aws:") || own.iter().any(|(own, _)| own == key) {
                bail!("asiaq itself sets the tag `{key}` of AMIs");
            }
            let (most_of_key, most) = (TAG_KEY - OF_IMAGE.len(), TAG_VALUE);
            if key.chars().count() > most_of_key || value.chars().count() > most {
                bail!(
                    "the tag `{key}` is too long: keys have {most_of_key} characters at most, and values {most}"
                );
            }
            tags.insert(key.clone(), value.clone());
        }
        Ok(tags)
    }
}

impl BakeSession {
    /// What will be done.
    pub(crate) fn planned(&self) -> Vec<PlannedBake> {
        self.jobs.iter().map(Job::planned).collect()
    }

    fn cloud(&self) -> &Aws {
        &self.aws.of(Scope::environment(&self.bakery.env).borrowed()).cloud
    }

    /// Finishes or removes what runs have left behind that were killed. With `only_look` it says what would be done.
    pub(crate) async fn settle(&self, only_look: bool) -> anyhow::Result<Vec<SettledBake>> {
        let (cloud, region) = (self.cloud(), self.bakery.region.as_str());
        let instances =
            account::answered("list the instances", cloud.bake_instances(region, &self.project).await)?;
        let keys = account::answered("list the key pairs", cloud.bake_keys(region, &self.project).await)?;
        let has_ended = |tags: &BTreeMap<String, String>| {
            leftovers::has_ended(tags, now(), &self.owner, leftovers::is_running)
        };
        let images = if instances.is_empty() {
            Vec::new()
        } else {
            account::answered("list the AMIs", cloud.bake_images(region, &self.project).await)?
        };
        let mut settled = Vec::new();
        for instance in &instances {
            let tag = |key: &str| instance.tags.get(key).cloned().unwrap_or_default();
            let verdict = verdict(instance, has_ended(&instance.tags), &images);
            let words = match &verdict {
                Verdict::Busy => continue,
                Verdict::Kept => "stays, as `--keep` wanted".to_owned(),
                Verdict::Finish(image) => format!("is terminated, and {image} is finished"),
                Verdict::Image => format!("becomes the AMI `{}`", tag(BAKE_TAG)),
                Verdict::Remove => format!("of `{}` is terminated: its run was killed", tag(BY_TAG)),
            };
            let goes = verdict != Verdict::Kept;
            let mut one =
                SettledBake { bake: tag(BAKE_TAG), instance: instance.id.clone(), image: None, done: words };
            if !only_look {
                let silent = |_: &str| {};
                let metadata_tokens = tag(TOKENS_TAG) != "no";
                match verdict {
                    Verdict::Finish(image) => {
                        complete_image(cloud, region, &image, metadata_tokens, &silent).await?;
                        one.image = Some(image);
                    }
                    Verdict::Image => {
                        account::answered("stop the instance", cloud.stop_bake(region, &instance.id).await)?;
                        let (name, base) = (tag(BAKE_TAG), tag(&format!("{OF_IMAGE}source_ami")));
                        let named = Named { name: &name, base: &base, metadata_tokens };
                        let tags = leftovers::image_tags(&instance.tags);
                        one.image =
                            Some(make_image(cloud, region, &instance.id, named, tags, &silent).await?);
                    }
                    Verdict::Busy | Verdict::Kept | Verdict::Remove => {}
                }
                if goes {
                    account::answered(
                        "terminate an instance",
                        cloud.terminate_bake(region, &instance.id).await,
                    )?;
                }
            }
            settled.push(one);
        }
        for key in keys.iter().filter(|key| has_ended(&key.tags)) {
            if !only_look {
                account::answered("delete a key pair", cloud.delete_bake_key(region, &key.name).await)?;
            }
        }
        Ok(settled)
    }

    /// A new key pair of a run, which is imported.
    async fn new_key(&self, run: &str, by: &str, folder: &Path) -> anyhow::Result<(String, Option<RunKey>)> {
        let (name, key) = (format!("asiaq-bake-{run}"), RunKey::make(folder)?);
        let lifetime = self.bakery.limit + leftovers::ALIVE;
        let tags = [
            (BAKERY_TAG, self.project.clone()),
            (BY_TAG, by.to_owned()),
            (UNTIL_TAG, (now() + lifetime).to_string()),
        ];
        let tags = tags.map(|(key, value)| (key.to_owned(), value)).into();
        let region = self.bakery.region.as_str();
        let imported = self.cloud().import_bake_key(region, &name, &key.line, &tags).await;
        account::answered("import a key pair", imported)?;
        Ok((name, Some(key)))
    }

    /// Does the bakes, some at once. `tell` gets the name of each and what it does.
    pub(crate) async fn run(
        &self,
        options: &RunOptions,
        at_once: usize,
        interrupts: &Interrupts,
        tell: impl Fn(&str, &str) + Sync,
    ) -> Result<Vec<Baked>> {
        if options.keep && self.bakery.key.is_none() {
            return Err(anyhow!(
                "`--keep` needs a `key` in the `bakery`: the key pair of a run is deleted when the run ends"
            )
            .into());
        }
        let private =
            tempfile::Builder::new().prefix("asiaq-bake-").tempdir().context("cannot make a folder")?;
        let id = holder::run();
        let (cloud, region) = (self.cloud(), self.bakery.region.as_str());
        let by = format!("{} {}", self.owner, std::process::id());
        let (key_pair, key) = match self.bakery.key.clone() {
            Some(key) => (key, None),
            None => self.new_key(&id, &by, private.path()).await?,
        };
        let is_own = key.is_some();
        let run = Run {
            cloud,
            project: &self.project,
            place: self.place.clone(),
            id,
            by,
            key_pair: key_pair.clone(),
            key,
            options,
            private: private.path(),
            interrupts,
        };
        let one = async |job: &Job| {
            if interrupts.any() {
                return baked(job, Err(Failed { error: None, left: None, log: None }));
            }
            let tell = |what: &str| tell(&job.recipe.name, what);
            let result = Box::pin(run.bake(job, &tell)).await;
            baked(job, result)
        };
        let all: Vec<Baked> = stream::iter(&self.jobs).map(one).buffered(at_once.max(1)).collect().await;
        if is_own && let Err(error) = cloud.delete_bake_key(region, &key_pair).await {
            ui::warn(&format!(
                "the key pair `{key_pair}` is still there, and the next `asiaq bake` deletes it: {error}"
            ));
        }
        Ok(all)
    }
}

fn baked(job: &Job, result: std::result::Result<Finished, Failed>) -> Baked {
    let (name, image_name) = (job.recipe.name.clone(), job.name.clone());
    match result {
        Ok(Finished { image, kept, left, log }) => {
            if let Some(left) = left {
                ui::warn(&format!("{name}: {left}"));
            }
            if let Some((id, way)) = &kept {
                ui::say(&format!("{name}: {id} is kept: {way}\n"));
            }
            let instance = kept.map(|(id, _)| id);
            Baked { name, image_name, image, instance, error: None, log: Some(log) }
        }
        Err(Failed { error, left, log }) => {
            let why = error.map_or_else(|| "interrupted".to_owned(), |error| format!("{error:#}"));
            let why = match left {
                Some(left) => format!("{why}\n  {left}"),
                None => why,
            };
            Baked { name, image_name, image: None, instance: None, error: Some(why), log }
        }
    }
}

impl RunKey {
    /// Makes a key by the system's own `ssh-keygen`.
    fn make(folder: &Path) -> anyhow::Result<Self> {
        let line = ssh_keygen::make(folder, "ed25519", "asiaq-bake")?;
        let file = folder.join("key");
        let public = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
        Ok(Self { file, public, line })
    }
}
