//! The operators of the environments of a program, and their passwords.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use asiaq_compiler::did_you_mean;
use asiaq_ir::{Address, Operator, Resource};
use zeroize::Zeroizing;

use super::environments::Environments;
use super::{EnvironmentsRequest, Interrupts, account};
use crate::env_operator::EnvOperator;
use crate::exit::Result;
use crate::ui;

/// The operators of a program, and the way to them.
#[derive(Debug)]
pub(crate) struct OperatorSession {
    environments: Environments,
    declared: BTreeMap<Address, Operator>,
    /// The buckets of the environments that are asked about.
    buckets: BTreeMap<String, String>,
}

/// Checks the program and connects to its accounts.
pub(crate) async fn operator_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<OperatorSession> {
    let envs = request.envs;
    let (environments, checked) = Environments::connect(request, interrupts).await?;
    let mut buckets = checked.operator_buckets();
    buckets.retain(|env, _| envs.is_empty() || envs.contains(env));
    if buckets.is_empty() {
        let which = if envs.is_empty() {
            "no environment".to_owned()
        } else {
            format!("none of {}", ui::listed(envs))
        };
        return Err(anyhow!("{which} has a bucket for operators: set `credential_buckets`").into());
    }
    let declared = checked.declared().resources.iter().filter_map(|(address, node)| match &node.resource {
        Resource::Operator(operator) => Some((address.clone(), operator.clone())),
        _ => None,
    });
    Ok(OperatorSession { environments, declared: declared.collect(), buckets })
}

impl OperatorSession {
    /// Whether an account of the environments could not be used.
    pub(crate) fn is_partial(&self) -> bool {
        self.environments.is_partial()
    }

    /// The operators of the environments, in order of environment and name: those of the program, and the others in the
    /// buckets.
    pub(crate) async fn operators(&self) -> anyhow::Result<Vec<EnvOperator>> {
        let mut all = Vec::new();
        for (env, bucket) in &self.buckets {
            let (cloud, region) = self.environments.of(env);
            let live = cloud.operators(region, bucket, self.environments.project()).await;
            let live = account::answered("list the operators", live)?;
            if live.is_none() {
                ui::warn(&format!("there is no bucket `{bucket}`, in which `{env}` keeps its operators"));
            }
            let of = |account: &str, declared: Option<&Operator>| EnvOperator {
                env: env.clone(),
                bucket: bucket.clone(),
                account: account.to_owned(),
                address: Address::new(env, &format!("operator/{account}")).to_string(),
                declared: declared.cloned(),
                live: None,
            };
            let mut here: BTreeMap<String, EnvOperator> = BTreeMap::new();
            for (_, declared) in self.declared.iter().filter(|(address, _)| address.env() == env) {
                let account = Operator::parts(&declared.name).map_or("", |(_, account)| account);
                here.insert(account.to_owned(), of(account, Some(declared)));
            }
            for live in live.into_iter().flatten() {
                let account = live.account.clone();
                here.entry(account.clone()).or_insert_with(|| of(&account, None)).live = Some(live);
            }
            all.extend(here.into_values());
        }
        Ok(all)
    }

    /// The operator `account`, in each environment that has it.
    pub(crate) async fn named(&self, account: &str) -> anyhow::Result<Vec<EnvOperator>> {
        let all = self.operators().await?;
        let meant: Vec<EnvOperator> = all.iter().filter(|one| one.account == account).cloned().collect();
        if meant.is_empty() {
            let mut known: Vec<&str> = all.iter().map(|one| one.account.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            match did_you_mean(account, &known) {
                Some(near) => bail!("there is no operator `{account}`; did you mean `{near}`?"),
                None if known.is_empty() => bail!("there is no operator `{account}`, and no other"),
                None => bail!("there is no operator `{account}`; there is {}", ui::listed(&known)),
            }
        }
        Ok(meant)
    }

    /// The operator `account` in each environment, where all have a file.
    pub(crate) async fn written(&self, account: &str) -> anyhow::Result<Vec<EnvOperator>> {
        let meant = self.named(account).await?;
        if let Some(missing) = meant.iter().find(|one| one.live.is_none()) {
            bail!(
                "`{account}` has no file in `{}` yet: run `asiaq apply --env {}`, or choose environments with `--env`",
                missing.bucket,
                missing.env
            );
        }
        Ok(meant)
    }

    /// Writes the hash of a password into the file of an operator.
    pub(crate) async fn set_password(
        &self,
        one: &EnvOperator,
        hash: &Zeroizing<String>,
    ) -> anyhow::Result<()> {
        let (cloud, region) = self.environments.of(&one.env);
        let done = cloud.set_operator_password(region, &one.bucket, &one.account, hash).await;
        if account::answered("write the password", done)? {
            return Ok(());
        }
        bail!(
            "the file of `{}` in `{}` is gone: run `asiaq apply --env {}`",
            one.account,
            one.bucket,
            one.env
        )
    }
}
