//! The search domains of a program, and the way to one of them.

use anyhow::{anyhow, bail};
use asiaq_aws::{Aws, LiveSearch, SearchSession};
use asiaq_compiler::SearchSummary;
use asiaq_ir::Address;
use asiaq_runtime::{Accounts, Archive};

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::environments::named;
use super::{EnvironmentsRequest, Interrupts, account, sandboxes};
use crate::exit::Result;

/// The search domains of a program with what is live of them.
#[derive(Debug)]
pub(crate) struct Searches {
    aws: Accounts<Aws>,
    project: String,
    pub(crate) declared: Vec<SearchSummary>,
    pub(crate) is_partial: bool,
}

/// Checks the program and connects to its accounts.
pub(crate) async fn searches(request: EnvironmentsRequest<'_>, interrupts: &Interrupts) -> Result<Searches> {
    let EnvironmentsRequest { envs, connection, .. } = request;
    let checked = Box::pin(sandboxes::named(request, interrupts)).await?;
    let asked = Asked { envs, ..Asked::default() };
    let Connected { aws, reached, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let mut declared = checked.searches();
    declared.retain(|search| envs.is_empty() || envs.contains(&search.env));
    let is_partial = reached.is_partial();
    Ok(Searches { aws, project: checked.project().to_owned(), declared, is_partial })
}

impl Searches {
    /// What is live of a search domain; none where it does not exist, or is somebody else's.
    pub(crate) async fn live(&self, search: &SearchSummary) -> anyhow::Result<Option<LiveSearch>> {
        let address = address(search);
        let cloud = &self.aws.of(address.scope()).cloud;
        let live = cloud.search(&search.region, &search.aws, &self.project, &address).await;
        live.map_err(|error| account::unusable("look at the search domain", &error))
    }

    /// The declared search domain with a name.
    pub(crate) fn named(&self, name: &str) -> anyhow::Result<&SearchSummary> {
        let all: Vec<(Address, &SearchSummary)> =
            self.declared.iter().map(|search| (address(search), search)).collect();
        let meant = named(("search domain", name), &all, &[], |(at, search)| (at.as_str(), &search.aws))?;
        Ok(meant.1)
    }

    /// The way to a search domain, and its archive.
    pub(crate) async fn open<'a>(
        &'a self,
        search: &'a SearchSummary,
    ) -> anyhow::Result<(SearchSession<'a>, Archive)> {
        let Some(archive) = &search.archive else {
            bail!("`{}` has no block `archive`, which says what is archived where", search.name);
        };
        let Some(live) = self.live(search).await? else {
            bail!(
                "there is no search domain `{}` of the project yet: run `asiaq apply --env {}`",
                search.aws,
                search.env
            );
        };
        let endpoint =
            live.endpoint.ok_or_else(|| anyhow!("`{}` has no endpoint yet: try again later", search.aws))?;
        let address = address(search);
        let cloud = &self.aws.of(address.scope()).cloud;
        let session = cloud.search_session(&search.region, &endpoint);
        let session = session.map_err(|error| account::unusable("reach the search domain", &error))?;
        let archive = Archive {
            indices: archive.indices.clone(),
            repository: archive.repository.clone(),
            bucket: archive.bucket.clone(),
            role: archive.role.clone(),
            keep: archive.keep,
            max_shards: archive.max_shards,
        };
        Ok((session, archive))
    }
}

fn address(search: &SearchSummary) -> Address {
    Address::new(&search.env, &format!("search/{}", search.name))
}
