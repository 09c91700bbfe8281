use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;
use asiaq_aws::Purpose;
use asiaq_ir::{Address, Ir};

use super::env::Filter;
use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, json, permissions};

/// Prints the minimal IAM policy to plan, apply or destroy a project
///
/// Does not access AWS. The policy covers the kinds of resources in the program. If you remove the last resource of a
/// kind, use the policy of the previous program to delete it. With `--env`, name both environments of a peering.
#[derive(clap::Args, Debug)]
pub(crate) struct Permissions {
    #[command(flatten)]
    project: Project,
    /// The command that the policy allows
    #[arg(long = "for", value_enum, value_name = "COMMAND", default_value = "apply")]
    purpose: Aim,
    #[command(flatten)]
    filter: Filter,
    /// Only what is in this account: its environments, and what belongs to itself; may be repeated. Default: all accounts
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// Output format: `json` is the policy, `text` a list of actions
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Aim {
    /// Allows `asiaq plan`
    Plan,
    /// Allows `asiaq show` and `asiaq hosts`
    Show,
    /// Allows `asiaq status`
    Status,
    /// Allows `asiaq ssh`, `asiaq exec` and `asiaq console`
    Ssh,
    /// Allows `asiaq tail`
    Tail,
    /// Allows `asiaq stop`, `asiaq terminate` and `asiaq tag`
    Terminate,
    /// Allows `asiaq exec --ssm`, but for `--bucket`, which needs to list and read that bucket
    Ssm,
    /// Allows `asiaq apply`
    Apply,
    /// Allows `asiaq destroy`
    Destroy,
    /// Allows `asiaq adopt`
    Adopt,
    /// Allows `asiaq limits`
    Limits,
    /// Allows `asiaq iam`
    Iam,
    /// Allows `asiaq unmanaged`
    Unmanaged,
    /// Allows `asiaq keys`
    Keys,
    /// Allows `asiaq database`, but for `clone`, which needs what `apply` needs too
    Database,
    /// Allows `asiaq search`
    Search,
    /// Allows `asiaq cache`
    Cache,
    /// Allows `asiaq table`
    Table,
    /// Allows `asiaq operator`
    Operator,
    /// Allows `asiaq bake`
    Bake,
    /// Allows `asiaq deploy` and `asiaq test`
    Deploy,
    /// Allows `asiaq sandbox`, for sandboxes of what the environments have
    Sandbox,
    /// Allows `asiaq image`
    Image,
    /// Allows `asiaq secret`, `asiaq config` and `asiaq keypair`
    Secret,
    /// Allows `asiaq chaos`
    Chaos,
    /// Allows `asiaq snapshot`, but for `link`, which needs what `apply` needs
    Snapshot,
}

impl Permissions {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::sound(self.project.path.as_deref(), Format::Text)?;
        let mut ir = self.filter.lowered(&checked)?;
        self.keep_accounts(&mut ir)?;
        if ir.environments.is_empty() && ir.resources.is_empty() {
            let why = if self.accounts.is_empty() {
                "the program declares no environment, so that no permissions are needed"
            } else {
                "the program declares nothing in these accounts, so that no permissions are needed"
            };
            return Err(anyhow!(why).into());
        }
        let purpose = match self.purpose {
            Aim::Plan => Purpose::Plan,
            Aim::Show => Purpose::Show,
            Aim::Status => Purpose::Status,
            Aim::Ssh => Purpose::Ssh,
            Aim::Ssm => Purpose::Ssm,
            Aim::Tail => Purpose::Tail,
            Aim::Terminate => Purpose::Terminate,
            Aim::Apply => Purpose::Apply,
            Aim::Destroy => Purpose::Destroy,
            Aim::Adopt => Purpose::Adopt,
            Aim::Limits => Purpose::Limits,
            Aim::Iam => Purpose::Iam,
            Aim::Unmanaged => Purpose::Unmanaged,
            Aim::Keys => Purpose::Keys,
            Aim::Database => Purpose::Database,
            Aim::Search => Purpose::Search,
            Aim::Cache => Purpose::Cache,
            Aim::Table => Purpose::Table,
            Aim::Operator => Purpose::Operator,
            Aim::Bake => Purpose::Bake,
            Aim::Deploy => Purpose::Deploy,
            Aim::Sandbox => Purpose::Sandbox,
            Aim::Image => Purpose::Image,
            Aim::Secret => Purpose::Secret,
            Aim::Chaos => Purpose::Chaos,
            Aim::Snapshot => Purpose::Snapshot,
        };
        let policies = asiaq_aws::permissions(&ir, &checked.needs(), purpose);
        for policy in &policies {
            match self.format {
                Format::Json => json::print(policy),
                Format::Text => ui::out(&permissions::list(policy)),
            }
        }
        if policies.len() > 1 {
            ui::warn(&format!("attach all {} policies: AWS limits the size of each", policies.len()));
        }
        Ok(Exit::Done)
    }

    /// Keeps only what is in the named accounts.
    fn keep_accounts(&self, ir: &mut Ir) -> anyhow::Result<()> {
        if self.accounts.is_empty() {
            return Ok(());
        }
        project::refuse_unknown_accounts(&self.accounts, ir)?;
        let is_meant = |name: Option<&String>| name.is_some_and(|name| self.accounts.contains(name));
        let is_there = |address: &Address| {
            let name = ir.account_name_of(address);
            name.is_some_and(|name| self.accounts.iter().any(|account| account == name))
        };
        let kept: BTreeSet<Address> =
            ir.resources.keys().filter(|address| is_there(address)).cloned().collect();
        // An environment may have only some of its zones and records there.
        let accounts = ir.elsewhere.iter().filter(|(address, _)| kept.contains(*address));
        let accounts: BTreeMap<String, String> = accounts
            .filter_map(|(address, name)| Some((address.env().to_owned(), ir.accounts.get(name)?.id.clone())))
            .collect();
        ir.environments.retain(|name, env| {
            let is_own = is_meant(env.account_name.as_ref());
            let lender = accounts.get(name).filter(|_| !is_own);
            env.account = lender.cloned().or_else(|| env.account.take());
            is_own || lender.is_some()
        });
        ir.resources.retain(|address, _| kept.contains(address));
        ir.accounts.retain(|name, _| is_meant(Some(name)));
        for account in ir.accounts.values_mut() {
            // The policy is for it, and it does not assume itself.
            account.role = None;
        }
        Ok(())
    }
}
