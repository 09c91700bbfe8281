//! The identities of the accounts of a program.

use std::path::Path;

use asiaq_runtime::Principal;

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Interrupts, Reading, account};
use crate::exit::Result;
use crate::project;

/// The identities of the accounts, by account id. And whether an account could not be read.
pub(crate) async fn principals(
    path: Option<&Path>,
    reading: &Reading,
    interrupts: &Interrupts,
) -> Result<(Vec<(String, Vec<Principal>)>, bool)> {
    let Reading { accounts, format, connection } = reading;
    let checked = project::named(path, *format)?;
    let asked = Asked { accounts, ..Asked::default() };
    let Connected { aws, reached, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let mut found = Vec::new();
    for (member, regions) in aws.each() {
        let Some(region) = regions.first() else { continue };
        let all = Box::pin(member.cloud.principals(region, checked.project())).await;
        let all = all.map_err(|error| account::unusable("list the identities", &error))?;
        found.push((member.account.clone(), all));
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok((found, reached.is_partial()))
}
