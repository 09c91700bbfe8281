//! Breaks the leases of dead runs.

use std::collections::BTreeSet;

use anyhow::anyhow;
use asiaq_aws::Aws;
use asiaq_ir::Scope;
use asiaq_runtime::{AT_ONCE, Accounts, Change, Changed, Goal, Lease, Leases as _};

use super::accounts::{Asked, Connected};
use super::connect::connect_to;
use super::lease::{LeaseCheck, unusable};
use super::scope::Choice;
use super::{Connection, EnvironmentsRequest, Interrupts, Log, Selection, consent, holder, sandboxes};
use crate::exit::Result;
use crate::project::Project;
use crate::ui::lease::{self as words, Others};
use crate::ui::{self, Format};

/// Leases of the selected environments, as they were read.
#[derive(Debug)]
pub(crate) struct Locks {
    aws: Accounts<Aws>,
    project: String,
    lease_check: LeaseCheck,
    /// The leases that are held.
    pub(crate) held: Others,
}

impl Locks {
    /// Reads the leases of the selected environments.
    pub(crate) async fn find(
        project: &Project,
        selection: &Selection,
        connection: &Connection,
        format: Format,
        interrupts: &Interrupts,
    ) -> Result<Self> {
        let Selection { envs, accounts, also_region, .. } = selection;
        let named = EnvironmentsRequest { path: project.path.as_deref(), envs, connection, format };
        let checked = Box::pin(sandboxes::named(named, interrupts)).await?;
        // A sandbox that nothing shows yet is where an envtype says.
        let mut also_regions = also_region.clone();
        also_regions.extend(sandboxes::regions_of_unknown(&checked, envs));
        let asked = Asked { envs, accounts, also_regions: &also_regions };
        let Connected { aws, reached, .. } =
            connect_to(&checked, asked, connection, &Log::none(), interrupts).await?;
        let regions = aws.regions();
        let lease_check = LeaseCheck::at(&aws, checked.project(), &regions).await;
        if let Some(error) = lease_check.failure(regions.iter()) {
            return Err(error.into());
        }
        let known =
            lease_check.snapshots().values().flat_map(|snapshot| snapshot.leases.keys().cloned()).collect();
        let meant = asked.scopes();
        Choice::new(&reached, meant.clone())?.scope(&known, &BTreeSet::new(), Goal::Destroy)?;
        let held = lease_check.others(|scope| meant.contains(scope.as_str()));
        Ok(Self { aws, project: checked.project().to_owned(), lease_check, held })
    }

    /// Shows the holders and asks for confirmation.
    pub(crate) async fn agree(&self, interrupts: &Interrupts) -> Result<()> {
        ui::say(&words::held(&self.held));
        let question = "A run that is still active stops. Break the lease? [y/N] ";
        consent::yes(question.to_owned(), interrupts).await
    }

    /// Breaks the leases, unless one of them was written since.
    pub(crate) async fn break_lease(&self) -> Result<()> {
        let by = holder::owner();
        for (region, snapshot) in self.lease_check.snapshots() {
            let held = self.held.active.iter().chain(&self.held.dead).filter(|held| held.region == *region);
            let seen: Vec<(&Scope, Lease)> =
                held.map(|held| (&held.scope, snapshot.lease(held.scope.as_str()))).collect();
            for batch in seen.chunks(AT_ONCE) {
                let changes = batch
                    .iter()
                    .map(|(scope, seen)| ((*scope).clone(), Change::Break { seen, by: &by }))
                    .collect();
                let answer = Box::pin(self.aws.change(region, &self.project, &changes)).await;
                if let Changed::None(now) = answer.map_err(|error| unusable(&error, "dynamodb:UpdateItem"))? {
                    let envs = ui::listed(&now.keys().collect::<Vec<_>>());
                    let why = "that run is active or has just ended; run the command again";
                    return Err(anyhow!("the lease of {envs} was written a moment ago: {why}").into());
                }
            }
        }
        Ok(())
    }
}
