//! The search domains of a project, for commands.

use crate::Checked;
use crate::library::kinds;
use crate::model::{Archive, Environment, Model, Search};

/// A search domain in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSummary {
    /// Its environment.
    pub env: String,
    /// Name of the declaration.
    pub name: String,
    /// Name in AWS.
    pub aws: String,
    /// AWS region.
    pub region: String,
    /// Its DNS name, where it has one.
    pub dns_name: Option<String>,
    /// How its indices are archived.
    pub archive: Option<ArchiveSummary>,
}

/// How the indices of a search domain are archived.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveSummary {
    /// What stands before the date in their names, with `*` for any text.
    pub indices: String,
    /// Name of the snapshot repository.
    pub repository: String,
    /// Name of the bucket.
    pub bucket: String,
    /// ARN of the role that writes to it.
    pub role: Option<String>,
    /// Part of the space that may be used, in percent.
    pub keep: f64,
    /// Number of shards that there may be.
    pub max_shards: Option<u64>,
}

impl Checked {
    /// The search domains of all environments, in order of declaration.
    pub fn searches(&self) -> Vec<SearchSummary> {
        let of = |env: &Environment, search: &Search| SearchSummary {
            env: env.name.clone(),
            name: search.name.clone(),
            aws: search.aws.value.clone(),
            region: env.region.value.clone(),
            dns_name: env
                .domain_of_search(search)
                .map(|domain| format!("{}.{}", search.label(&env.name), domain.value.to_ascii_lowercase())),
            archive: search.archive.as_ref().map(|archive| summary(&self.model, env, search, archive)),
        };
        let environments = self.model.environments.iter();
        environments.flat_map(|env| env.searches.iter().map(move |search| of(env, search))).collect()
    }
}

fn summary(model: &Model, env: &Environment, search: &Search, archive: &Archive) -> ArchiveSummary {
    let account = env.account_name.as_ref().and_then(|name| model.account(name));
    let arn = |kind: &str, name: &str| account?.arns.of(kind, name)?.first().cloned();
    let declared = archive.bucket.as_ref().and_then(|bucket| arn(kinds::BUCKET, &bucket.value));
    let declared = declared.and_then(|arn| arn.rsplit(':').next().map(str::to_owned));
    let named = archive.bucket_name.as_ref().map(|name| name.value.clone());
    let usual =
        || format!("{}.es-{}-archive.{}", env.region.value, search.name, env.name).to_ascii_lowercase();
    let role = archive.role.as_ref().and_then(|role| arn(kinds::ROLE, &role.value));
    ArchiveSummary {
        indices: archive.indices.value.clone(),
        repository: archive.repository.value.clone(),
        bucket: declared.or(named).unwrap_or_else(usual),
        role: role.or_else(|| archive.role_arn.as_ref().map(|arn| arn.value.clone())),
        keep: archive.keep.value,
        max_shards: archive.max_shards.as_ref().map(|most| most.value.into()),
    }
}
