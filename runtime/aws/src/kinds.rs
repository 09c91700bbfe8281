//! The kinds of resource, one file each. To add one: a file that implements [`adapter::Api`] or
//! [`resource::AwsResource`], and its name in
//! [`asiaq_ir::for_each_resource`].

mod adapter;
mod balancer_tags;
pub(crate) mod ec2_tags;
mod name_conflict;
mod prelude;
mod resource;
pub(crate) mod tag_family;
pub(crate) mod values;

pub(crate) mod alarm;
mod attributes;
pub(crate) mod autoscaling_group;
pub(crate) mod bucket;
pub(crate) mod cache_cluster;
mod cache_parameter_group;
mod cache_subnet_group;
pub(crate) mod cache_tags;
pub(crate) mod census;
mod certificates;
pub(crate) mod classic_load_balancer;
pub(crate) mod database;
pub(crate) mod database_cluster;
pub(crate) mod database_cluster_instance;
pub(crate) mod database_cluster_parameter_group;
pub(crate) mod database_parameter_group;
mod database_subnet_group;
mod dependents;
pub(crate) mod dhcp_options;
pub(crate) mod document;
pub(crate) mod elastic_ip;
mod endpoints;
pub(crate) mod gateway_endpoint;
mod group_rules;
pub(crate) mod health;
pub(crate) mod hosted_zone;
pub(crate) mod identity;
mod ingress_rules;
pub(crate) mod instance_profile;
pub(crate) mod internet_gateway;
pub(crate) mod launch_template;
pub(crate) mod load_balancer;
pub(crate) mod log_group;
pub(crate) mod managed_policy;
pub(crate) mod nat_gateway;
mod network_interface;
pub(crate) mod operator;
mod peering_connection;
mod record_set;
pub(crate) mod replication_group;
pub(crate) mod role;
mod route_table;
pub(crate) mod saml_provider;
pub(crate) mod search_domain;
pub(crate) mod security_group;
mod serving;
pub(crate) mod smoke_test;
pub(crate) mod subnet;
pub(crate) mod table;
pub(crate) mod target_group;
mod topic;
pub(crate) mod trail;
pub(crate) mod user;
pub(crate) mod user_group;
pub(crate) mod vpc;
mod vpn_attachment;

use std::collections::BTreeSet;
use std::pin::Pin;

use asiaq_ir::{ATTEMPT_TAG, Change, Home, Kind, Mark, NAME_TAG, Needs, Resource, ScopeKind};
use asiaq_runtime::{
    CloudError, Create, Delete, Fault, Found, Intent, Listed, Result, Tagged, Update, own_name,
};
use futures::future;

use self::resource::AwsResource;
pub(crate) use self::serving::until_serving;
use crate::error;
use crate::operation::IamActions;
use crate::region::Region;
use crate::service::Service;
use crate::tags::{TagChange, Tags};

/// Times a resource is created again after a creation whose outcome is unknown.
const ROUNDS: usize = 3;

/// What a kind does, made in a stack frame of its own and kept on the heap: one future has the steps of all kinds, and would
/// have room for those of each of them.
#[inline(never)]
fn apart<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// The operations that a kind calls.
        pub(crate) fn actions(kind: Kind) -> IamActions {
            match kind { $(Kind::$kind => <asiaq_ir::$kind as AwsResource>::ACTIONS),+ }
        }

        /// The service that creates and deletes the resources of a kind.
        fn service(kind: Kind) -> &'static Service {
            match kind { $(Kind::$kind => <asiaq_ir::$kind as AwsResource>::SERVICE),+ }
        }

        /// Whether the call that creates a resource of a kind takes a token, so that a repeated one creates no second.
        fn has_token(kind: Kind) -> bool {
            match kind { $(Kind::$kind => <asiaq_ir::$kind as AwsResource>::HAS_TOKEN),+ }
        }

        /// See [`asiaq_runtime::Cloud::list`]; of facts with calls of their own only those in `needs`.
        pub(crate) async fn list(
            region: &Region<'_>,
            kind: Kind,
            project: &str,
            needs: &Needs,
        ) -> Result<Listed> {
            let (mut listed, facts) = match kind { $(Kind::$kind => {
                let listing = apart(|| <asiaq_ir::$kind as AwsResource>::list(region, project));
                let facts = apart(|| <asiaq_ir::$kind as AwsResource>::facts(region, needs));
                future::try_join(listing, facts).await?
            }),+ };
            listed.facts.extend(facts);
            Ok(listed)
        }

        /// See [`asiaq_runtime::Cloud::hidden_tags`].
        pub(crate) async fn hidden_tags(region: &Region<'_>, kind: Kind) -> Result<std::collections::BTreeMap<String, Tags>> {
            match kind { $(Kind::$kind => apart(|| <asiaq_ir::$kind as AwsResource>::hidden_tags(region)).await),+ }
        }

        /// See [`asiaq_runtime::Cloud::tags`].
        pub(crate) async fn tags(
            region: &Region<'_>,
            kind: Kind,
            id: &str,
        ) -> Result<Option<Tags>> {
            match kind { $(Kind::$kind => apart(|| <asiaq_ir::$kind as AwsResource>::tags(region, id)).await),+ }
        }

        /// Creates a resource once and finishes it: the id.
        async fn try_create(region: &Region<'_>, request: &Create<'_>) -> Result<String, Unfinished> {
            match request.resource {
                $(Resource::$kind(wanted) => {
                    let create = || wanted.create(region, request);
                    let service = <asiaq_ir::$kind as AwsResource>::SERVICE;
                    let created = apart(|| region.retry_while_taken(service, create)).await;
                    let created = created.map_err(Unfinished::MayBeAbsent)?;
                    let finish = async || {
                        if !created.ready {
                            wanted.ready(region, &created.id).await?;
                        }
                        if created.initial == *wanted {
                            return Ok(());
                        }
                        created.initial.update(region, &created.id, wanted).await
                    };
                    apart(finish).await.map_err(Unfinished::Created)?;
                    Ok(created.id)
                })+
            }
        }

        /// See [`asiaq_runtime::Cloud::existing_conflict`].
        pub(crate) async fn existing_conflict(
            region: &Region<'_>,
            wanted: &Resource,
        ) -> Result<Option<Tagged>> {
            let seen = match wanted {
                $(Resource::$kind(wanted) => apart(|| wanted.existing_conflict(region)).await),+
            };
            // For some calls a name that does not exist is an error.
            Ok(service(wanted.kind()).found(seen)?.flatten())
        }

        async fn ready(region: &Region<'_>, id: &str, wanted: &Resource) -> Result<()> {
            match wanted { $(Resource::$kind(wanted) => apart(|| wanted.ready(region, id)).await),+ }
        }

        /// Sets and removes tags of a resource of `kind`.
        pub(crate) async fn retag(
            region: &Region<'_>,
            kind: Kind,
            id: &str,
            tags: TagChange<'_>,
        ) -> Result<()> {
            match kind { $(Kind::$kind => apart(|| <asiaq_ir::$kind as AwsResource>::retag(region, id, tags)).await),+ }
        }

        /// See [`asiaq_runtime::Cloud::update`]; the tags are changed already.
        pub(crate) async fn update(
            region: &Region<'_>,
            id: &str,
            live: &Resource,
            wanted: &Resource,
        ) -> Result<()> {
            match (live, wanted) {
                $((Resource::$kind(live), Resource::$kind(wanted)) => {
                    apart(|| live.update(region, id, wanted)).await
                })+
                _ => Err(error::refused("Update", "a resource of one kind cannot become one of another")),
            }
        }

        async fn try_delete(
            region: &Region<'_>,
            id: &str,
            live: &Resource,
        ) -> Result<()> {
            match live { $(Resource::$kind(live) => apart(|| live.delete(region, id)).await),+ }
        }
    };
}

asiaq_ir::for_each_resource!(kinds);

/// Codes of services that an account does not have, or not in the region, or that fail.
const UNANSWERED: [&str; 6] = [
    "InternalError",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SubscriptionRequired",
    "SubscriptionRequiredException",
];

/// Whether a survey goes on without a listing, so that the plan decides whether it needs it: the service does not
/// answer, or not these credentials. EC2 has what every plan needs.
pub(crate) fn may_be_unread(kind: Kind, error: &CloudError) -> bool {
    let is_unanswered = match error.fault {
        Fault::Denied => !error.code.is_empty(),
        Fault::Unreachable | Fault::Unreadable | Fault::TimedOut => true,
        Fault::Refused => UNANSWERED.contains(&error.code.as_str()),
    };
    is_unanswered && !std::ptr::eq(service(kind), &raw const crate::service::ec2)
}

/// A creation that failed.
enum Unfinished {
    /// Nothing may have been created.
    MayBeAbsent(CloudError),
    /// The resource exists, and is not finished.
    Created(CloudError),
}

/// See [`asiaq_runtime::Cloud::create`].
///
/// When the answer to the call that creates the resource is lost, the resource is searched by its address before it is
/// created again, so that there are never two.
pub(crate) async fn create(region: &Region<'_>, request: &Create<'_>) -> Result<String> {
    let service = service(request.resource.kind());
    let marked = marked(request);
    let request = &Create { tags: &marked, ..*request };
    let mut round: usize = 1;
    loop {
        let tags = attempted(request, round);
        let lost = match try_create(region, &Create { tags: &tags, ..*request }).await {
            Ok(id) => return Ok(id),
            Err(Unfinished::MayBeAbsent(error)) if error::unsure(&error) && round < ROUNDS => error,
            Err(Unfinished::MayBeAbsent(error)) if service.is_taken(&error) => {
                return Err(match existing_conflict(region, request.resource).await {
                    Ok(Some((id, tags))) => name_conflict::explained(error, request, &id, &tags),
                    Ok(None) | Err(_) => error,
                });
            }
            Err(Unfinished::MayBeAbsent(error) | Unfinished::Created(error)) => return Err(error),
        };
        tracing::debug!(address = %request.address, %lost, "looking for what may have been created");
        if let Some(found) = created_before(region, request).await? {
            ready(region, &found.id, request.resource).await?;
            update(region, &found.id, &found.resource, request.resource).await?;
            return Ok(found.id);
        }
        round += 1;
    }
}

/// The tags of a new resource, with the name that no copy of it has. An Auto Scaling group gets its name later.
fn marked(request: &Create<'_>) -> Tags {
    let mut tags = request.tags.clone();
    let is_named = request.resource.kind().mark() != Mark::Id && !tags.is_empty();
    if let Some(name) = own_name(request.resource, "").filter(|_| is_named) {
        tags.insert(NAME_TAG.to_owned(), name);
    }
    tags
}

/// The tags with the number of the attempt: two attempts may leave two resources, which are told from copies by it.
/// Other attempts with a token have to be equal, and a name or a token leaves only one resource.
fn attempted(request: &Create<'_>, round: usize) -> Tags {
    let mut tags = request.tags.clone();
    let kind = request.resource.kind();
    if round > 1 && kind.mark() == Mark::Birth && !has_token(kind) && !tags.is_empty() {
        tags.insert(ATTEMPT_TAG.to_owned(), round.to_string());
    }
    tags
}

/// See [`asiaq_runtime::Cloud::hand_over`]. A creation whose outcome is unknown is tried again: it looks first.
pub(crate) async fn hand_over(
    region: &Region<'_>,
    request: &Create<'_>,
    displaced: &[&Found],
) -> Result<String> {
    let Resource::RecordSet(wanted) = request.resource else { return create(region, request).await };
    let mut round = 1;
    loop {
        match apart(|| record_set::hand_over(wanted, region, request, displaced)).await {
            Err(error) if error::unsure(&error) && round < ROUNDS => round += 1,
            done => return done,
        }
    }
}

/// Adds the kinds whose listings say something of those in `kinds`: the name servers of a zone come with its records.
pub(crate) fn add_sources(kinds: &mut BTreeSet<Kind>) {
    if kinds.contains(&Kind::HostedZone) {
        kinds.insert(Kind::RecordSet);
    }
}

/// See [`asiaq_runtime::Cloud::may_refuse`].
pub(crate) fn may_refuse(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bucket
            | Kind::Database
            | Kind::DatabaseCluster
            | Kind::HostedZone
            | Kind::LoadBalancer
            | Kind::Operator
            | Kind::RecordSet
            | Kind::SearchDomain
            | Kind::Table
    ) || identity::refusals::REFUSED.contains(&kind)
}

/// What `region` has of a listing. What is global and belongs to an account is in the region of that account; of an account
/// that is none of those in `needs`, in the first region.
pub(crate) fn in_own_region(mut listed: Listed, kind: Kind, region: &str, needs: &Needs) -> Listed {
    if kind.schema().scope == ScopeKind::Account && kind.schema().home == Home::Global {
        let first = needs.accounts.values().min();
        listed.found.retain(|found| {
            let own = found.address.scope().account().and_then(|account| needs.accounts.get(account));
            own.or(first).is_none_or(|own| own == region)
        });
    }
    listed
}

/// See [`asiaq_runtime::Cloud::refusal`].
pub(crate) async fn refusal(
    region: &Region<'_>,
    intent: &Intent<'_>,
    leaving: &BTreeSet<&str>,
) -> Result<Option<CloudError>> {
    match intent {
        Intent::Create(request) => match request.resource {
            Resource::Bucket(wanted) => {
                apart(|| bucket::refusal_of_place(wanted, region, request, leaving)).await
            }
            Resource::Database(wanted) => apart(|| database::refusal_of_creation(wanted, region)).await,
            Resource::DatabaseCluster(wanted) => {
                apart(|| database_cluster::refusal_of_creation(wanted, region)).await
            }
            Resource::Operator(wanted) => {
                apart(|| operator::refusal_of_creation(wanted, region, request)).await
            }
            Resource::RecordSet(wanted) => record_set::refusal(wanted, region, request, leaving).await,
            _ => Ok(None),
        },
        Intent::Update(update) => match (update.live, update.wanted) {
            (Resource::Database(live), Resource::Database(wanted)) => {
                apart(|| database::refusal_of_change(live, wanted, region)).await
            }
            (Resource::DatabaseCluster(live), Resource::DatabaseCluster(wanted)) => {
                apart(|| database_cluster::refusal_of_change(live, wanted, region)).await
            }
            (Resource::Operator(live), Resource::Operator(wanted)) => {
                apart(|| operator::refusal_of_change(live, wanted, region)).await
            }
            (Resource::SearchDomain(live), Resource::SearchDomain(wanted)) => {
                apart(|| search_domain::refusal(live, wanted, region, update.id)).await
            }
            _ => Ok(None),
        },
        // It is deleted with everything that it has.
        Intent::Delete(found) | Intent::Empty(found) if found.address.is_unmanaged() => Ok(None),
        Intent::Delete(found) | Intent::Empty(found) => match &found.resource {
            Resource::Bucket(bucket) => {
                let with_data = matches!(intent, Intent::Empty(_));
                apart(|| bucket::refusal_of_end(bucket, region, &found.id, with_data)).await
            }
            Resource::HostedZone(zone) => hosted_zone::refusal(zone, region, &found.id, leaving).await,
            Resource::LoadBalancer(balancer) => Ok(load_balancer::refusal(balancer)),
            Resource::Table(table) => Ok(table::refusal(table, &found.tags)),
            _ => apart(|| identity::refusals::refusal(region, found, leaving)).await,
        },
    }
}

/// See [`asiaq_runtime::Cloud::forecast`].
pub(crate) async fn forecast(region: &Region<'_>, update: &Update<'_>) -> Result<Option<String>> {
    match (update.live, update.wanted) {
        (Resource::SearchDomain(live), Resource::SearchDomain(wanted)) => {
            apart(|| search_domain::forecast(live, wanted, region)).await
        }
        _ => Ok(None),
    }
}

/// See [`asiaq_runtime::Cloud::delete`]. A refusal names the resources that still use it.
pub(crate) async fn delete(region: &Region<'_>, request: &Delete<'_>) -> Result<()> {
    let Delete { id, live, .. } = *request;
    if let (Resource::Bucket(bucket), true) = (live, request.with_data) {
        apart(|| bucket::empty(bucket, region, id)).await?;
    }
    if request.address.is_unmanaged() {
        apart(|| identity::stripping::strip(region, id, live)).await?;
    }
    match try_delete(region, id, live).await {
        Err(error) if service(live.kind()).is_in_use(&error) => {
            Err(dependents::name_dependents(region, live.kind(), id, error).await)
        }
        done => done,
    }
}

/// The resource that `request` has created, if any.
async fn created_before(region: &Region<'_>, request: &Create<'_>) -> Result<Option<Found>> {
    let Some(project) = request.tags.get(asiaq_ir::PROJECT_TAG) else { return Ok(None) };
    let look = || async {
        let listed = list(region, request.resource.kind(), project, &Needs::default()).await?;
        Ok(listed.found.into_iter().find(|found| is_requested(found, request)))
    };
    let limit = region.timeouts().name_taken;
    match region.poll("Create", "what may have been made has not turned up", limit, look).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.fault == Fault::TimedOut => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a live resource is the requested one: its address and tags, and the fields that AWS cannot change.
fn is_requested(found: &Found, request: &Create<'_>) -> bool {
    let fixed = |field: &&str| matches!(request.resource.kind().schema().change(field), Change::Replace(_));
    let fields = request.resource.kind().schema().fields.iter().map(|(field, _)| *field);
    found.address == *request.address
        && request.tags.iter().all(|(key, value)| found.tags.get(key) == Some(value))
        && fields.filter(fixed).all(|field| found.resource.field(field) == request.resource.field(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_global_where_its_service_is() {
        for kind in Kind::ALL {
            assert_eq!(kind.schema().home, service(*kind).home, "{kind:?}");
        }
    }
}
