//! Adoption: what is live and fits the program gets the project's tags, after the plan was made as if it had them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_aws::Aws;
use asiaq_compiler::Checked;
use asiaq_compiler::reach::Difference;
use asiaq_ir::{Imagined, Ir, Needs, Scope};
use asiaq_lang::Diagnostic;
use asiaq_runtime::{
    Accounts, Adopted, Candidates, Cloud as _, CloudError, Coverage, Found, Goal, Observed, Plan, as_adopted,
    compared, fits, observe_for, plan, releases, reveal_adopted, write_origin,
};

use super::accounts::Asked;
use super::connect::connect_to;
use super::live::{Intent, Live, Prepared};
use super::prepare::{Request, recheck};
use super::scope::Choice;
use super::{Interrupts, account, clock, fetched, origin, sandboxes};
use crate::exit::{Halt, Result};
use crate::project;
use crate::siblings;
use crate::ui::{Format, diagnostics, json};

/// Times that the world is imagined anew, because what was found in it changes what is declared or what fits.
const ROUNDS: usize = 8;

/// The adoption to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdoptionRequest<'a> {
    /// The project and its environments.
    pub(crate) request: Request<'a>,
    /// AWS ids that a state of Terraform lists.
    pub(crate) named: &'a BTreeSet<String>,
    /// Whether what other tools manage is adopted too.
    pub(crate) managed: bool,
    /// Whether what was adopted is released instead.
    pub(crate) release: bool,
}

/// Finds what fits, and makes the plan that adopts it.
pub(super) async fn adopt(request: AdoptionRequest<'_>, interrupts: &Interrupts) -> Result<Prepared> {
    interrupts.guard(Box::pin(unguarded(request, interrupts))).await
}

async fn unguarded(adoption: AdoptionRequest<'_>, interrupts: &Interrupts) -> Result<Prepared> {
    let request = adoption.request;
    let Request { path, envs, accounts, also_regions, connection, format, log, .. } = request;
    let checked = project::named(path, format)?;
    siblings::refuse_missing(path, &checked, envs)?;
    let asked = Asked { envs, accounts, also_regions };
    let connected = connect_to(&checked, asked, connection, log, interrupts).await?;
    let needs = checked.needs();
    let mut live = Live::observe(connected, checked.declared(), &needs, Intent::Apply).await?;
    live.observed.facts.documents = fetched::documents(&needs, asked).await;
    let existing: BTreeSet<Scope> =
        live.observed.found.iter().map(|found| found.address.scope().to_scope()).collect();
    // Nothing is adopted into a sandbox, which is deleted when it ends.
    let apart = sandboxes::apart(&live.observed, &checked, &[]);
    let scope = Choice::new(&live.reached, asked.scopes())?.scope(&existing, &apart, Goal::Apply)?;
    let origin = origin::checked(checked.project(), &live.observed, &scope, (path, request.take_over))?;
    let worlds =
        Worlds { checked: &checked, needs: &needs, scope: &scope, origin: origin.as_deref(), adoption };
    let (plan, adopted) = if adoption.release {
        reveal_adopted(&live.aws, &mut live.observed).await.map_err(|error| unreadable(&error))?;
        let (next, _) = worlds.next(&live, &live.observed);
        (releases(&live.observed, &scope, &next), None)
    } else {
        let (adopted, diagnostics) = worlds.search(&live).await?;
        if diagnostics.iter().any(Diagnostic::is_error) {
            match format {
                Format::Json => json::print(&json::report(&checked.sources, &diagnostics)),
                Format::Text => diagnostics::warn(&checked.sources, &diagnostics),
            }
            return Err(Halt::Program);
        }
        (adopted.plan(), Some(adopted))
    };
    // No connection comes or goes with tags.
    let reachability = Difference::default();
    Ok(Prepared { reachability, adopted, ..live.prepared(plan, recheck(request)) })
}

/// What the worlds are made from: as AWS is, and as it would be.
struct Worlds<'a> {
    checked: &'a Checked,
    needs: &'a Needs,
    scope: &'a Coverage,
    origin: Option<&'a str>,
    adoption: AdoptionRequest<'a>,
}

impl Worlds<'_> {
    /// The plan of the program in a world, without what cannot be used of the accounts.
    fn next(&self, live: &Live, observed: &Observed) -> (Plan, Vec<Diagnostic>) {
        let mut lowered = self.checked.lower_for(&observed.facts, self.scope.environments().as_ref());
        write_origin(&mut lowered.ir, self.origin, self.adoption.request.take_over);
        let scope = Coverage { without: live.reached.away(&lowered.ir), ..self.scope.clone() };
        (plan(&lowered.ir, observed, &scope, &clock::now()), lowered.diagnostics)
    }

    /// What the program declares in a world. What has a name that somebody else uses is declared too: it may fit.
    fn wanted(&self, observed: &Observed) -> Ir {
        let mut facts = observed.facts.clone();
        for (_, _, facts) in facts.all_mut() {
            facts.foreign_alarms.clear();
        }
        self.checked.lower_for(&facts, self.scope.environments().as_ref()).ir
    }

    /// Looks for what fits, until the world that is imagined explains itself.
    async fn search(&self, live: &Live) -> Result<(Adopted, Vec<Diagnostic>)> {
        let all = everything(live, self.checked.project()).await.map_err(|error| unreadable(&error))?;
        let account = |scope: asiaq_ir::ScopeRef<'_>| live.aws.of(scope).account.clone();
        let mut wanted = self.wanted(&live.observed);
        let (mut apart, mut refused, mut replaced) = (BTreeSet::new(), Vec::new(), Vec::new());
        let mut round = 0;
        loop {
            round += 1;
            let scope = Coverage { without: live.reached.away(&wanted), ..self.scope.clone() };
            let candidates = Candidates {
                ir: &wanted,
                observed: &live.observed,
                live: &all,
                account: &account,
                scope: &scope,
                named: self.adoption.named,
                managed: self.adoption.managed,
                apart: &apart,
            };
            let mut adoption = fits(&candidates);
            let imagined = adoption.imagined(&candidates);
            let mut observed = imagine(live, self.checked.project(), self.needs, imagined)
                .await
                .map_err(|error| unreadable(&error))?;
            let foreign = adoption.turned_up(&candidates, &observed);
            let (mut next, diagnostics) = self.next(live, &observed);
            let ended = adoption.replaced_by(&next);
            let next_wanted = self.wanted(&observed);
            let is_settled =
                foreign.is_empty() && ended.is_empty() && next_wanted.resources == wanted.resources;
            if is_settled || round == ROUNDS {
                as_adopted(&mut adoption, &mut observed, &mut next, |observed| self.next(live, observed).0);
                adoption.refused.extend(refused);
                adoption.replaced = replaced;
                return Ok((Adopted { adoption, next, observed }, diagnostics));
            }
            refused.extend(adoption.refused.iter().filter(|one| foreign.contains(&one.key())).cloned());
            replaced.extend(adoption.matches.iter().filter(|one| ended.contains(&one.key())).cloned());
            apart.extend(foreign.into_iter().chain(ended));
            wanted = next_wanted;
        }
    }
}

/// Every live resource of the compared kinds, by account.
async fn everything(
    live: &Live,
    project: &str,
) -> std::result::Result<BTreeMap<String, Vec<Found>>, CloudError> {
    let needs = Needs { only: Some(compared()), imagined: Imagined::whole(compared()), ..Needs::default() };
    let mut all: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for member in members(&live.aws, live.reached.here.iter()) {
        let listings = Box::pin(member.cloud.survey(&live.aws.regions(), project, &needs)).await?;
        let found = listings.into_iter().flat_map(|(_, listed)| listed.found);
        all.entry(member.account.clone()).or_default().extend(found);
    }
    Ok(all)
}

/// The accounts of scopes, each once.
fn members<'a>(
    aws: &'a Accounts<Aws>,
    scopes: impl Iterator<Item = &'a Scope>,
) -> Vec<&'a asiaq_runtime::Member<Aws>> {
    let by_account: BTreeMap<&str, _> = scopes
        .map(|scope| aws.of(scope.borrowed()))
        .map(|member| (member.account.as_str(), member))
        .collect();
    by_account.into_values().collect()
}

/// What is in AWS, as if resources had tags that they do not have.
async fn imagine(
    live: &Live,
    project: &str,
    needs: &Needs,
    imagined: Imagined,
) -> std::result::Result<Observed, CloudError> {
    let needs = Needs { imagined, ..needs.clone() };
    let mut observed = Box::pin(observe_for(&live.aws, project, &live.regions, &needs)).await?;
    observed.written.clone_from(&live.observed.written);
    observed.facts.account.clone_from(&live.observed.facts.account);
    observed.facts.homes.clone_from(&live.observed.facts.homes);
    observed.facts.documents.clone_from(&live.observed.facts.documents);
    Ok(observed)
}

fn unreadable(error: &CloudError) -> anyhow::Error {
    account::unusable("read the account", error)
}
