//! The AMI of a run.

use asiaq_ir::{ImageFact, Lookup, Ref, RegionFacts};
use asiaq_lang::Span;

use super::Running;
use crate::errors;
use crate::evaluate::Resolved;
use crate::lower::Lowering;
use crate::lower::missing::{Missing, What};
use crate::model::Environment;

/// The AMI of a run.
pub(super) enum Chosen<'f> {
    /// An AMI of the account, or one that is shared with it.
    Known(&'f ImageFact),
    /// An unknown AMI that the program names.
    Pinned(String),
    /// The newest AMI of a hostclass, by its name, if the account was not read.
    Newest(String),
}

impl Chosen<'_> {
    pub(super) fn reference(&self) -> Ref {
        match self {
            Self::Known(image) => Ref::Id(image.id.clone()),
            Self::Pinned(id) => Ref::Id(id.clone()),
            Self::Newest(hostclass) => Ref::Find(Lookup::Image(hostclass.clone())),
        }
    }

    pub(super) fn fact(&self) -> Option<&ImageFact> {
        match self {
            Self::Known(image) => Some(image),
            Self::Pinned(_) | Self::Newest(_) => None,
        }
    }
}

/// The AMIs to choose from.
struct Wanted<'m> {
    hostclass: &'m str,
    /// The account of the environment, if it is known.
    account: Option<&'m str>,
    /// Other accounts with AMIs.
    trusted: Vec<&'m str>,
    /// Stages, the preferred one first; empty for any stage.
    stages: Vec<&'m str>,
    product_line: Option<&'m str>,
}

impl<'f> Lowering<'f> {
    /// The AMI of a run: the one that the program names, else the newest of its hostclass. Reports if there is none.
    pub(super) fn image(&mut self, running: Running<'_>) -> Option<Chosen<'f>> {
        let Running { env, host, run, .. } = running;
        let facts: Option<&'f RegionFacts> = env.facts(self.facts);
        if let Some(pin) = run.ami.as_ref().or(host.machine.image.id.as_ref()) {
            return self.pinned(running, pin, facts);
        }
        let Some(facts) = facts else { return Some(Chosen::Newest(host.name.clone())) };
        let wanted = Wanted::of(running, self.facts.account.as_deref());
        if let Some(image) = wanted.newest(&facts.images) {
            self.architecture(running, image);
            return Some(Chosen::Known(image));
        }
        if let Some(kept) = renamed(env, facts) {
            let known = facts.images.iter().find(|image| image.id == kept);
            return Some(known.map_or_else(|| Chosen::Pinned(kept.to_owned()), Chosen::Known));
        }
        let near = wanted.why_not(&facts.images);
        let region = env.region.value.clone();
        self.missing.push(Missing {
            span: run.span,
            what: What::Image { hostclass: host.name.clone(), region, near },
            own: env.name.clone(),
        });
        None
    }

    fn pinned(
        &mut self,
        running: Running<'_>,
        pin: &Resolved<String>,
        facts: Option<&'f RegionFacts>,
    ) -> Option<Chosen<'f>> {
        let known = facts.and_then(|facts| facts.images.iter().find(|image| image.id == pin.value));
        let Some(image) = known else { return Some(Chosen::Pinned(pin.value.clone())) };
        if let Some((of, _)) = name_parts(&image.name)
            && of != running.host.name
        {
            let wrong = errors::image_of_another(pin.span(), &image.id, of, &running.host.name);
            self.diagnostics.push(wrong);
            return None;
        }
        self.architecture(running, image);
        Some(Chosen::Known(image))
    }

    /// Reports instance types that cannot run an AMI.
    fn architecture(&mut self, running: Running<'_>, image: &ImageFact) {
        let run = running.run;
        let first = (run.instance_type.value.as_str(), run.instance_type.place(run.span));
        let further = run.types.value.iter().map(|further| (further.value.as_str(), further.span));
        let unfit = std::iter::once(first).chain(further).find(|(name, _)| !fits(name, &image.architecture));
        if let Some((name, span)) = unfit {
            let wrong = errors::image_architecture(span, name, &image.id, &image.architecture);
            self.diagnostics.push(wrong);
        }
    }
}

/// The AMI of the only launch template whose hostclass no longer runs in `env`: that of a renamed hostclass, which
/// keeps its AMI.
fn renamed<'f>(env: &Environment, facts: &'f RegionFacts) -> Option<&'f str> {
    let mut left = facts.template_images.iter().filter_map(|(address, image)| {
        let path = address.as_str().strip_prefix(&env.name)?.strip_prefix("/hostclass/")?;
        let hostclass = path.strip_suffix("/launch-template")?;
        (!env.runs(hostclass)).then_some(image.as_str())
    });
    left.next().filter(|_| left.next().is_none())
}

/// Whether an instance type runs AMIs of an architecture. Default for unknown types: yes.
fn fits(instance_type: &str, architecture: &str) -> bool {
    let known = crate::library::instance_type(instance_type);
    architecture.is_empty()
        || known.is_none_or(|known| known.architecture.split(',').any(|a| a == architecture))
}

impl<'m> Wanted<'m> {
    fn of(running: Running<'m>, looked_at: Option<&'m str>) -> Self {
        let Running { env, host, .. } = running;
        let image = &host.machine.image;
        let stages = image.stages.as_ref().unwrap_or(&env.ami_stages);
        let product_line = image.product_line.as_ref().or(running.product_line());
        Self {
            hostclass: &host.name,
            account: account(env).or(looked_at),
            trusted: env.common.trusted_accounts.iter().map(|account| account.value.as_str()).collect(),
            stages: stages.value.iter().map(|stage| stage.value.trim()).collect(),
            product_line: product_line.map(|line| line.value.as_str()),
        }
    }

    /// The newest AMI of the most preferred stage with an AMI.
    fn newest<'f>(&self, images: &'f [ImageFact]) -> Option<&'f ImageFact> {
        let fit = || images.iter().filter(|image| self.is_one(image) && self.obstacle(image).is_none());
        let newest = |stage: Option<&str>| {
            fit()
                .filter(|image| stage.is_none() || image.tags.get("stage").map(String::as_str) == stage)
                .max_by_key(|image| (name_parts(&image.name).map(|(_, made)| made), &image.id))
        };
        if self.stages.is_empty() { newest(None) } else { self.stages.iter().find_map(|s| newest(Some(s))) }
    }

    /// Whether an AMI belongs to the hostclass, by its name.
    fn is_one(&self, image: &ImageFact) -> bool {
        name_parts(&image.name).is_some_and(|(hostclass, _)| hostclass == self.hostclass)
    }

    /// The reason why an AMI of the hostclass cannot be used, its stage aside.
    fn obstacle(&self, image: &ImageFact) -> Option<String> {
        let tag = |key: &str| image.tags.get(key).map(String::as_str);
        let is_owned = self.account.is_none_or(|account| account == image.owner);
        if !is_owned && !self.trusted.contains(&image.owner.as_str()) {
            return Some(format!(
                "belongs to account {}, which is not one of `trusted_accounts`",
                image.owner
            ));
        }
        if !image.is_available {
            return Some("is not available yet".to_owned());
        }
        if tag("is_private").is_some_and(|private| private.eq_ignore_ascii_case("true")) {
            return Some("is private".to_owned());
        }
        match self.product_line {
            Some(line) if tag("productline") != Some(line) => Some(match tag("productline") {
                Some(other) => format!("is of product line `{other}`, not `{line}`"),
                None => format!("has no tag for product line `{line}`"),
            }),
            Some(_) | None => None,
        }
    }

    /// The AMIs of the hostclass, each with the reason why it cannot be used.
    fn why_not(&self, images: &[ImageFact]) -> Option<String> {
        let newest = images.iter().filter(|image| self.is_one(image));
        let newest = newest.max_by_key(|image| name_parts(&image.name).map(|(_, made)| made))?;
        let why = self.obstacle(newest).unwrap_or_else(|| match newest.tags.get("stage") {
            Some(stage) => format!("is in stage `{stage}`, which is not one of `ami_stages`"),
            None => "has no tag `stage`, and `ami_stages` is set".to_owned(),
        });
        Some(format!("{}, {why}", newest.id))
    }
}

/// The account that an environment must be in.
fn account(env: &Environment) -> Option<&str> {
    env.account.as_ref().map(|account| account.value.as_str())
}

/// The hostclass in the name of an AMI, and the time of its creation in seconds.
fn name_parts(name: &str) -> Option<(&str, u64)> {
    let (hostclass, made) = name.split_once(' ')?;
    Some((hostclass, made.parse().ok()?))
}

/// The place that names the AMI of a run. Default: the place that names its hostclass.
pub(super) fn place(running: Running<'_>) -> Span {
    let pin = running.run.ami.as_ref().or(running.host.machine.image.id.as_ref());
    pin.map_or(running.run.span, Resolved::span)
}
