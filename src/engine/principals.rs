//! The identities of the accounts of a program.

use std::collections::BTreeSet;
use std::path::Path;

use asiaq_runtime::Principal;

use super::accounts::{Asked, Connected, Ways, reach};
use super::scope::Choice;
use super::{Connection, Interrupts, Log, account};
use crate::exit::Result;
use crate::project;
use crate::ui::{self, Format};

/// The identities of the accounts among `accounts`, by account id; of all accounts if it is empty. And whether an account
/// could not be read.
pub(crate) async fn principals(
    path: Option<&Path>,
    accounts: &[String],
    connection: &Connection,
    format: Format,
    interrupts: &Interrupts,
) -> Result<(Vec<(String, Vec<Principal>)>, bool)> {
    let checked = project::sound(path, format)?;
    project::named(&checked)?;
    let asked = Asked { accounts, ..Asked::default() };
    let (log, usual) = (Log::none(), checked.usual_region());
    let ways = Ways { connection, usual, log: &log, interrupts };
    let Connected { aws, reached, .. } =
        Box::pin(reach(checked.declared(), checked.region(), asked, &ways)).await?;
    let choice = Choice::new(&reached, asked.scopes())?;
    choice.declared()?;
    if let Some(left_alone) = choice.left_alone() {
        ui::say(&left_alone);
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for member in aws.members().filter(|member| seen.insert(member.account.clone())) {
        let Some(region) = member.regions.first() else { continue };
        let all = Box::pin(member.cloud.principals(region, checked.project())).await;
        let all = all.map_err(|error| account::unusable("list the identities", &error))?;
        found.push((member.account.clone(), all));
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok((found, reached.is_partial()))
}
