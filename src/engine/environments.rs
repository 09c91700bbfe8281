//! The environments that a command is about, in their accounts and regions, and the live thing of them that a name means.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use asiaq_aws::Aws;
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Ir, Kind, Scope};
use asiaq_runtime::Accounts;

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Connection, Interrupts, account, sandboxes};
use crate::exit::Result;
use crate::ui::{self, Format};

/// What a command about live things of environments is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnvironmentsRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    /// Names of environments; all where empty.
    pub(crate) envs: &'a [String],
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
}

/// The environments of a program, and the way to each.
#[derive(Debug)]
pub(super) struct Environments {
    aws: Accounts<Aws>,
    project: String,
    /// Their regions, by name.
    regions: BTreeMap<String, String>,
    /// Whether an account could not be used.
    is_partial: bool,
}

impl Environments {
    /// Checks the program and connects to the accounts of the environments.
    pub(super) async fn connect(
        request: EnvironmentsRequest<'_>,
        interrupts: &Interrupts,
    ) -> Result<(Self, Checked)> {
        let EnvironmentsRequest { envs, connection, .. } = request;
        let checked = Box::pin(sandboxes::named(request, interrupts)).await?;
        let asked = Asked { envs, ..Asked::default() };
        let connected = connect_to_declared(&checked, asked, connection, interrupts).await?;
        let Connected { aws, reached, .. } = connected;
        let ir = checked.declared();
        let is_asked = |name: &String| envs.is_empty() || envs.contains(name);
        let environments = ir.environments.iter().filter(|(name, _)| is_asked(name));
        let regions = environments.map(|(name, env)| (name.clone(), env.region.clone())).collect();
        let (project, is_partial) = (checked.project().to_owned(), reached.is_partial());
        Ok((Self { aws, project, regions, is_partial }, checked))
    }

    /// What each account and region has of the project, as far as it is of these environments. `what` is what the calls
    /// are for.
    pub(super) async fn all<T>(
        &self,
        what: &str,
        look: impl AsyncFn(&Aws, &str, &str) -> asiaq_runtime::Result<Vec<T>>,
        environment: impl Fn(&T) -> &str,
    ) -> anyhow::Result<Vec<T>> {
        let places: BTreeMap<(&str, &str), &str> =
            self.regions.keys().filter_map(|env| Some((self.place(env)?, env.as_str()))).collect();
        let mut all = Vec::new();
        for (place @ (_, region), env) in places {
            let found = look(self.of(env).0, region, &self.project).await;
            let found = found.map_err(|error| account::unusable(what, &error))?;
            all.extend(found.into_iter().filter(|one| self.place(environment(one)) == Some(place)));
        }
        Ok(all)
    }

    /// The cloud of an environment, and its region.
    pub(super) fn of(&self, env: &str) -> (&Aws, &str) {
        let region = self.regions.get(env).map_or("", String::as_str);
        (&self.aws.of(Scope::environment(env).borrowed()).cloud, region)
    }

    /// Whether an account of them could not be used.
    pub(super) fn is_partial(&self) -> bool {
        self.is_partial
    }

    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// The account and the region of an environment; none for one that the command is not about.
    pub(super) fn place(&self, env: &str) -> Option<(&str, &str)> {
        let region = self.regions.get(env)?;
        Some((&self.aws.of(Scope::environment(env).borrowed()).account, region))
    }
}

/// The addresses of what a program declares of some kinds.
pub(super) fn declared(ir: &Ir, kinds: &[Kind]) -> Vec<String> {
    let of_kinds = ir.resources.iter().filter(|(_, node)| kinds.contains(&node.resource.kind()));
    of_kinds.map(|(address, _)| address.as_str().to_owned()).collect()
}

/// The one of `all` that a name, an address or an id means. `what` is what they are, such as `database`.
pub(super) fn named<'t, T>(
    (what, name): (&str, &str),
    all: &'t [T],
    declared: &[String],
    of: impl Fn(&T) -> (&str, &str),
) -> anyhow::Result<&'t T> {
    let end = |address: &str| address.rsplit('/').next() == Some(name);
    let is_meant = |one: &&T| {
        let (address, id) = of(one);
        id == name || address == name || end(address)
    };
    let meant: Vec<&T> = all.iter().filter(is_meant).collect();
    match meant.as_slice() {
        [one] => Ok(one),
        [] => {
            let mut known: Vec<&str> =
                all.iter().map(|one| of(one).0.rsplit('/').next().unwrap_or_default()).collect();
            known.sort_unstable();
            known.dedup();
            let is_declared = declared.iter().any(|address| end(address));
            match did_you_mean(name, &known) {
                Some(near) => bail!("there is no {what} `{name}`; did you mean `{near}`?"),
                None if is_declared => bail!("there is no {what} `{name}` yet: run `asiaq apply`"),
                None if known.is_empty() => bail!("there is no {what} `{name}`, and no other"),
                None => bail!("there is no {what} `{name}`; there is {}", ui::listed(&known)),
            }
        }
        several => {
            let envs: Vec<&str> =
                several.iter().map(|one| of(one).0.split('/').next().unwrap_or_default()).collect();
            bail!(
                "several environments have a {what} `{name}`, {}: choose one with `--env`",
                ui::listed(&envs)
            )
        }
    }
}
