use anyhow::anyhow;
use asiaq_aws::Purpose;

use super::env::Filter;
use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, json, permissions};

/// Prints the least IAM policy that lets somebody plan, apply or destroy a project
///
/// AWS is not asked. What is made, changed and deleted is of the kinds that the program has: where the last thing of
/// a kind is taken out of it, the policy of the program before still has the right to delete it. With `--env`, name
/// both ends of a peering.
#[derive(clap::Args, Debug)]
pub(crate) struct Permissions {
    #[command(flatten)]
    project: Project,
    /// What the policy is for
    #[arg(long = "for", value_enum, value_name = "COMMAND", default_value = "apply")]
    purpose: Aim,
    #[command(flatten)]
    filter: Filter,
    /// How to print it: as the policy, or as a list
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Aim {
    /// To see what would be done
    Plan,
    /// To do it
    Apply,
    /// To delete everything
    Destroy,
}

impl Permissions {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::sound(self.project.path.as_deref(), Format::Text)?;
        let ir = self.filter.lowered(&checked)?;
        if ir.environments.is_empty() {
            return Err(anyhow!("the program has no environment for which anything has to be allowed").into());
        }
        let purpose = match self.purpose {
            Aim::Plan => Purpose::Plan,
            Aim::Apply => Purpose::Apply,
            Aim::Destroy => Purpose::Destroy,
        };
        let policies = asiaq_aws::permissions(&ir, &checked.needs(), purpose);
        for policy in &policies {
            match self.format {
                Format::Json => json::print(policy),
                Format::Text => ui::out(&permissions::list(policy)),
            }
        }
        if policies.len() > 1 {
            ui::warn(&format!(
                "these are {} policies, one after the other, because a managed policy has at most 6,144 characters: \
                 attach them all",
                policies.len()
            ));
        }
        Ok(Exit::Done)
    }
}
