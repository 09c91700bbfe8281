//! The documents of Systems Manager in the accounts of a program.

use std::path::Path;

use asiaq_runtime::{AccountDocument, DocumentText};

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Interrupts, Reading, account};
use crate::exit::Result;
use crate::in_region::InRegion;
use crate::project;

/// The documents of each account and region; with `all` also AWS's and shared ones. And whether an account could not be
/// read.
pub(crate) async fn documents(
    path: Option<&Path>,
    reading: &Reading,
    all: bool,
    interrupts: &Interrupts,
) -> Result<(Vec<InRegion<Vec<AccountDocument>>>, bool)> {
    let look = async |aws: &asiaq_aws::Aws, region: &str, project: &str| {
        aws.documents(region, project, all).await.map(Some)
    };
    each(path, reading, interrupts, "list the documents", look).await
}

/// The document `name` of each account and region that has it, in a version or the one that runs. And whether an account
/// could not be read.
pub(crate) async fn document(
    path: Option<&Path>,
    reading: &Reading,
    name: &str,
    version: Option<&str>,
    interrupts: &Interrupts,
) -> Result<(Vec<InRegion<DocumentText>>, bool)> {
    let look = async |aws: &asiaq_aws::Aws, region: &str, project: &str| {
        aws.document(region, project, name, version).await
    };
    each(path, reading, interrupts, "read the document", look).await
}

async fn each<T>(
    path: Option<&Path>,
    reading: &Reading,
    interrupts: &Interrupts,
    what: &str,
    look: impl AsyncFn(&asiaq_aws::Aws, &str, &str) -> asiaq_runtime::Result<Option<T>>,
) -> Result<(Vec<InRegion<T>>, bool)> {
    let Reading { accounts, format, connection } = reading;
    let checked = project::named(path, *format)?;
    let asked = Asked { accounts, ..Asked::default() };
    let Connected { aws, reached, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let mut all = Vec::new();
    for (member, regions) in aws.each() {
        for region in regions {
            let found = look(&member.cloud, &region, checked.project()).await;
            let found = found.map_err(|error| account::unusable(what, &error))?;
            all.extend(found.map(|found| InRegion { account: member.account.clone(), region, found }));
        }
    }
    all.sort_by(|one, other| (&one.account, &one.region).cmp(&(&other.account, &other.region)));
    Ok((all, reached.is_partial()))
}
