//! What a plan knows of deploys.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Facts, Ir, Kind};
use asiaq_runtime::{Coverage, DEPLOY_OF_TAG, DEPLOY_TAG, Found, Goal, Observed};

use crate::ui;

/// The AMI of a deploy, which counts as one that has passed its tests in the plan that the deploy makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Imagined<'a> {
    /// Environment.
    pub(crate) env: &'a str,
    /// Hostclass.
    pub(crate) hostclass: &'a str,
    /// AWS id of the AMI; absent where nothing is imagined.
    pub(crate) image: Option<&'a str>,
    /// The stage that it will have.
    pub(crate) stage: &'a str,
    /// An AMI that it is the way back from, and the stage that this one will have.
    pub(crate) bad: Option<(&'a str, &'a str)>,
}

impl Imagined<'_> {
    pub(in crate::engine) fn put(self, facts: &mut Facts) {
        let good = self.image.map(|image| (image, self.stage));
        let stages: BTreeMap<&str, &str> = good.into_iter().chain(self.bad).collect();
        for image in facts.all_mut().flat_map(|(_, _, facts)| &mut facts.images) {
            if let Some(stage) = stages.get(image.id.as_str()) {
                image.tags.insert("stage".to_owned(), (*stage).to_owned());
            }
        }
    }

    fn is_of(self, open: &OpenDeploy) -> bool {
        open.env == self.env && open.hostclass == self.hostclass
    }
}

/// A deploy that is under way, as the tags of a group say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OpenDeploy {
    env: String,
    hostclass: String,
}

impl OpenDeploy {
    /// Those of a project.
    fn all(observed: &Observed) -> BTreeSet<Self> {
        let is_open = |found: &&Found| {
            found.resource.kind() == Kind::AutoScalingGroup
                && [DEPLOY_TAG, DEPLOY_OF_TAG].iter().any(|key| found.tags.contains_key(*key))
        };
        observed.found.iter().filter(is_open).filter_map(|found| Self::of(&found.address)).collect()
    }

    /// The hostclass whose group is at an address.
    fn of(address: &Address) -> Option<Self> {
        let hostclass = address.path().strip_prefix("hostclass/")?.strip_suffix("/group")?;
        Some(Self { env: address.env().to_owned(), hostclass: hostclass.to_owned() })
    }

    /// Whether a deploy itself changes what is at an address.
    fn owns(&self, address: &Address) -> bool {
        let path =
            address.path().strip_prefix("hostclass/").and_then(|path| path.strip_prefix(&self.hostclass));
        let part = path.and_then(|path| path.strip_prefix('/'));
        let is_own = |part: &str| {
            ["launch-template", "group"].contains(&part)
                || ["group/", "alarm/"].iter().any(|start| part.starts_with(start))
        };
        address.scope().environment() == Some(self.env.as_str()) && part.is_some_and(is_own)
    }
}

/// Leaves to the deploys that are under way what they change, except to that which makes the plan.
///
/// # Errors
/// If a destroy meets one.
pub(in crate::engine) fn leave_to_deploys(
    scope: &mut Coverage,
    (ir, observed): (&Ir, &Observed),
    own: Option<&Imagined<'_>>,
) -> anyhow::Result<()> {
    for open in OpenDeploy::all(observed) {
        let OpenDeploy { env, hostclass } = &open;
        let all = || ir.resources.keys().chain(observed.found.iter().map(|found| &found.address));
        let is_covered = all().any(|address| open.owns(address) && scope.includes(address));
        if !is_covered || own.is_some_and(|own| own.is_of(&open)) {
            continue;
        }
        if scope.goal == Goal::Destroy {
            anyhow::bail!(
                "a deploy of `{hostclass}` in `{env}` is under way: go on with `asiaq deploy`, or go back with \
                 `asiaq deploy rollback`, and destroy then"
            );
        }
        let owned: Vec<Address> = all().filter(|address| open.owns(address)).cloned().collect();
        scope.without.extend(owned);
        ui::say(&format!(
            "left to a deploy that is under way: the instances of `{hostclass}` in `{env}`; `asiaq deploy status` shows it\n"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deploy_owns_its_group_and_template_and_no_balancer() {
        let open = OpenDeploy::of(&Address::parse("ci/hostclass/web/group")).unwrap();
        assert_eq!((open.env.as_str(), open.hostclass.as_str()), ("ci", "web"));
        let owns = |path: &str| open.owns(&Address::parse(path));
        assert!(owns("ci/hostclass/web/group"));
        assert!(owns("ci/hostclass/web/launch-template"));
        assert!(owns("ci/hostclass/web/group/smoke-test"));
        assert!(owns("ci/hostclass/web/alarm/busy/max"));
        assert!(!owns("ci/hostclass/web/lb"));
        assert!(!owns("ci/hostclass/web2/group"));
        assert!(!owns("qa/hostclass/web/group"));
        assert_eq!(OpenDeploy::of(&Address::parse("ci/hostclass/web/launch-template")), None);
    }
}
