//! The AMIs of a hostclass, which are named after it.

use asiaq_ir::{Address, ImageFact, RegionFacts, image_name};

use crate::lower::machines::Running;
use crate::model::{Account, Environment};

/// The AMIs to choose from.
pub(super) struct Wanted<'m> {
    hostclass: &'m str,
    /// The account of the environment, if it is known.
    account: Option<&'m str>,
    /// Other accounts with AMIs.
    trusted: Vec<&'m str>,
    /// Stages, the preferred one first; empty for any stage.
    stages: Vec<&'m str>,
    product_line: Option<&'m str>,
    /// Stage of AMIs whose tests failed.
    bad: &'m str,
}

impl<'m> Wanted<'m> {
    /// `declared` are the accounts of the program: their AMIs may be used too. `bad` is the stage of AMIs whose tests failed.
    pub(super) fn of(
        running: Running<'m>,
        declared: &'m [Account],
        bad: &'m str,
        looked_at: Option<&'m str>,
    ) -> Self {
        let Running { env, host, .. } = running;
        let image = &host.machine.image;
        let stages = image.stages.as_ref().unwrap_or(&env.ami_stages);
        let trusted = env.common.trusted_accounts.iter().map(|account| account.value.as_str());
        let product_line = image.product_line.as_ref().or(running.product_line());
        Self {
            hostclass: &host.name,
            account: account(env).or(looked_at),
            trusted: trusted.chain(declared.iter().map(|account| account.id.value.as_str())).collect(),
            stages: stages.value.iter().map(|stage| stage.value.trim()).collect(),
            product_line: product_line.map(|line| line.value.as_str()),
            bad,
        }
    }

    /// The newest AMI of the most preferred stage with an AMI.
    pub(super) fn newest<'f>(&self, images: &'f [ImageFact]) -> Option<&'f ImageFact> {
        let fit = || images.iter().filter(|image| self.is_one(image) && self.obstacle(image).is_none());
        let newest = |stage: Option<&str>| {
            fit()
                .filter(|image| stage.is_none() || image.tags.get("stage").map(String::as_str) == stage)
                .max_by_key(|image| (image_name(&image.name).map(|(_, made)| made), &image.id))
        };
        if self.stages.is_empty() { newest(None) } else { self.stages.iter().find_map(|s| newest(Some(s))) }
    }

    /// Whether an AMI belongs to the hostclass, by its name.
    fn is_one(&self, image: &ImageFact) -> bool {
        image_name(&image.name).is_some_and(|(hostclass, _)| hostclass == self.hostclass)
    }

    /// The reason why an AMI of the hostclass cannot be used, apart from the stages that are asked for.
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
        if self.stages.is_empty() && tag("stage") == Some(self.bad) {
            return Some(format!("is in stage `{}`: it did not pass its tests", self.bad));
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
    pub(super) fn why_not(&self, images: &[ImageFact]) -> Option<String> {
        let newest = images.iter().filter(|image| self.is_one(image));
        let newest = newest.max_by_key(|image| image_name(&image.name).map(|(_, made)| made))?;
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

/// The AMI of the hostclass's own launch template, if it is of another hostclass: this one had that name when it was
/// created.
pub(super) fn kept<'f>(env: &Environment, hostclass: &str, facts: &'f RegionFacts) -> Option<&'f ImageFact> {
    let template = Address::new(&env.name, &format!("hostclass/{hostclass}/launch-template"));
    let image = facts.image(facts.template_images.get(&template)?).filter(|image| image.is_available)?;
    image_name(&image.name).filter(|(of, _)| *of != hostclass).map(|_| image)
}

/// The AMI of the only launch template whose hostclass no longer runs in `env`: that of a renamed hostclass, which
/// keeps its AMI.
pub(super) fn renamed<'f>(env: &Environment, facts: &'f RegionFacts) -> Option<&'f str> {
    let mut left = facts.template_images.iter().filter_map(|(address, image)| {
        let path = address.as_str().strip_prefix(&env.name)?.strip_prefix("/hostclass/")?;
        let hostclass = path.strip_suffix("/launch-template")?;
        (!env.runs(hostclass)).then_some(image.as_str())
    });
    left.next().filter(|_| left.next().is_none())
}
