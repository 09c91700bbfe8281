mod access;
mod settings;
mod upgrade;

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::{Assigned, SearchDomain};
use aws_sdk_opensearch::types::{DomainHealth, DomainStatus, DryRunMode, Tag};

use super::prelude::*;
use super::values::name_of;
use crate::service::es;
use crate::tag_index;

ops! {
    es {
        LIST_DOMAIN_NAMES = "ListDomainNames", Read;
        DESCRIBE_DOMAINS = "DescribeDomains", Read;
        DESCRIBE_DOMAIN_HEALTH = "DescribeDomainHealth", Own;
        LIST_TAGS = "ListTags", Read;
        CREATE_DOMAIN = "CreateDomain", Write;
        UPDATE_DOMAIN_CONFIG = "UpdateDomainConfig", Write;
        ADD_TAGS = "AddTags", Write;
        REMOVE_TAGS = "RemoveTags", Write;
        DELETE_DOMAIN = "DeleteDomain", Delete;
    }
    iam {
        GET_ROLE = "GetRole", Write;
        CREATE_SERVICE_LINKED_ROLE = "CreateServiceLinkedRole", Write;
    }
}

/// The code with which AWS refuses a name that is taken.
const TAKEN: &str = "ResourceAlreadyExistsException";
/// Domains that one call describes.
const BATCH: usize = 5;
/// A change that moves to new nodes takes hours.
const LIMIT: Duration = Duration::from_hours(3);
/// The service-linked role that domains in VPCs need ("Using service-linked roles to create VPC domains" of the OpenSearch
/// Service developer guide). The account has one; it stays.
const LINKED_ROLE: &str = "AWSServiceRoleForAmazonOpenSearchService";
/// The service that has that role.
const LINKED_SERVICE: &str = "opensearchservice.amazonaws.com";

impl Api for SearchDomain {
    type Live = DomainStatus;
    type Tags = SearchTags;

    const OPERATIONS: IamActions = &[OPS, access::OPS, upgrade::OPS];
    const DESCRIBE: Operation = DESCRIBE_DOMAINS;
    const READY: Option<Limit> = Some(Limit(LIMIT, "the search domain is not ready"));
    const GONE: Option<Limit> = Some(Limit(LIMIT, "the search domain is not deleted"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DOMAIN, TAKEN, |domain| &domain.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<DomainStatus>> {
        let names = match which {
            Which::OfProject(_) => {
                let answer = LIST_DOMAIN_NAMES.call(region.opensearch().list_domain_names().send()).await?;
                answer.domain_names().iter().filter_map(|domain| domain.domain_name.clone()).collect()
            }
            Which::Id(arn) => vec![name_of(arn).to_owned()],
            Which::InPlaceOf(wanted) => vec![wanted.name.clone()],
        };
        describe(region, names).await
    }

    fn id(domain: &DomainStatus) -> Option<&str> {
        Some(domain.arn())
    }

    fn exists(domain: &DomainStatus) -> bool {
        domain.deleted() != Some(true)
    }

    fn state(domain: &DomainStatus) -> State {
        if is_changing(domain) || endpoint(domain).is_none() { State::Pending } else { State::Ready }
    }

    async fn read(region: &Region<'_>, domain: &DomainStatus) -> Result<Option<Self>> {
        let access = access::read(region, domain).await?;
        Ok(settings::read(domain, access))
    }

    fn assigned(domain: &DomainStatus) -> Vec<(Assigned, &str)> {
        endpoint(domain).map(|name| (Assigned::DnsName, name)).into_iter().collect()
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        if !self.subnets.is_empty() {
            link_role(region).await?;
        }
        let tags = CREATE_DOMAIN.built(sdk_tags(request.tags))?;
        let call = region
            .opensearch()
            .create_domain()
            .domain_name(&self.name)
            .engine_version(&self.version)
            .cluster_config(settings::cluster(self))
            .ebs_options(settings::volumes(self))
            .set_vpc_options(settings::place(self))
            .set_access_policies(access::text(region, self).await?)
            .encryption_at_rest_options(settings::encryption(self))
            .node_to_node_encryption_options(settings::node_encryption(self))
            .domain_endpoint_options(settings::endpoint(self))
            .set_advanced_security_options(settings::fine_grained(self))
            .set_snapshot_options(settings::snapshots(self))
            .set_log_publishing_options(settings::logs(None, self))
            .set_tag_list(Some(tags).filter(|tags| !tags.is_empty()));
        let made = region.retry_until_consistent(CREATE_DOMAIN, || call.clone().send()).await?;
        let domain = CREATE_DOMAIN.part("domain", made.domain_status)?;
        Ok(Created { id: domain.arn, initial: self.clone(), ready: false })
    }

    /// A change that is under way comes first: AWS makes one at a time.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self == wanted {
            return Ok(());
        }
        settled(region, id, "another change of the search domain is under way").await?;
        if self.version != wanted.version {
            upgrade::to(region, id, &self.version, &wanted.version).await?;
        }
        let live = Self { version: wanted.version.clone(), ..self.clone() };
        if live != *wanted {
            let call = settings::change(region, &live, wanted).await?;
            UPDATE_DOMAIN_CONFIG.call(call.send()).await?;
            settled(region, id, "the change of the search domain is not done").await?;
        }
        Ok(())
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.opensearch().delete_domain().domain_name(name_of(id));
        region.retry_while_in_use(DELETE_DOMAIN, || call.clone().send()).await
    }
}

/// Why a domain would not be changed now: AWS makes one change at a time, and none where data is missing; and never back to
/// an older version.
pub(crate) async fn refusal(
    live: &SearchDomain,
    wanted: &SearchDomain,
    region: &Region<'_>,
    id: &str,
) -> Result<Option<CloudError>> {
    if live == wanted {
        return Ok(None);
    }
    let refused = |message: &str| Ok(Some(UPDATE_DOMAIN_CONFIG.refused(message)));
    let Some(domain) = adapter::look::<SearchDomain>(region, id).await? else { return Ok(None) };
    if is_changing(&domain) {
        return refused(
            "it is busy: AWS makes another change of it, which may take hours. Plan again once that is done",
        );
    }
    if live.version != wanted.version
        && let Some(why) = upgrade::obstacle(region, &live.version, &wanted.version).await?
    {
        return refused(&why);
    }
    let call = region.opensearch().describe_domain_health().domain_name(name_of(id));
    let health = es.found(DESCRIBE_DOMAIN_HEALTH.call(call.send()).await)?;
    match health.and_then(|health| health.cluster_health) {
        Some(DomainHealth::Red) => {
            refused("its health is red: a change may never end, and may lose data. Mend it first")
        }
        _ => Ok(None),
    }
}

/// How AWS would change a domain. It is asked without changing anything; who may not ask gets no answer.
pub(crate) async fn forecast(
    live: &SearchDomain,
    wanted: &SearchDomain,
    region: &Region<'_>,
) -> Result<Option<String>> {
    if live.version != wanted.version {
        return Ok(Some(
            "is upgraded, which may take hours: no other change can be made meanwhile".to_owned(),
        ));
    }
    if live == wanted {
        return Ok(None);
    }
    let call = settings::change(region, live, wanted).await?.dry_run(true).dry_run_mode(DryRunMode::Basic);
    // What AWS refuses of it, the apply reports.
    let Ok(answer) = UPDATE_DOMAIN_CONFIG.call(call.send()).await else { return Ok(None) };
    let results = answer.dry_run_results;
    Ok(match results.as_ref().and_then(|results| results.deployment_type()) {
        Some("Blue/Green") => Some(
            "is changed blue/green, which may take hours: new nodes take the place of the old ones, and no other change can \
             be made meanwhile"
                .to_owned(),
        ),
        Some("DynamicUpdate") => Some("is changed without new nodes".to_owned()),
        _ => None,
    })
}

/// A live search domain of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSearch {
    /// Name in AWS.
    pub name: String,
    /// Its host name; absent while AWS has none yet.
    pub endpoint: Option<String>,
    /// Engine and version.
    pub version: String,
    /// Whether a change is under way.
    pub is_changing: bool,
}

/// The domain with a name, and its tags.
pub(crate) async fn named(region: &Region<'_>, name: &str) -> Result<Option<(LiveSearch, Tags)>> {
    let domains = describe(region, vec![name.to_owned()]).await?;
    let Some(domain) = domains.into_iter().find(SearchDomain::exists) else { return Ok(None) };
    let Some(tags) = tags_of(region, domain.arn()).await? else { return Ok(None) };
    let live = LiveSearch {
        name: domain.domain_name().to_owned(),
        endpoint: endpoint(&domain).map(ToOwned::to_owned),
        version: domain.engine_version().unwrap_or_default().to_owned(),
        is_changing: is_changing(&domain),
    };
    Ok(Some((live, tags)))
}

/// The domains with these names, as far as there are such.
async fn describe(region: &Region<'_>, names: Vec<String>) -> Result<Vec<DomainStatus>> {
    let mut domains = Vec::new();
    for batch in names.chunks(BATCH) {
        let call = region.opensearch().describe_domains().set_domain_names(Some(batch.to_vec()));
        // AWS refuses the whole call where one of the names is gone.
        match es.found(DESCRIBE_DOMAINS.call(call.send()).await)? {
            Some(answer) => domains.extend(answer.domain_status_list),
            None if batch.len() > 1 => {
                for name in batch {
                    domains.extend(Box::pin(describe(region, vec![name.clone()])).await?);
                }
            }
            None => {}
        }
    }
    Ok(domains)
}

/// Its host name: in a VPC it has several kinds of endpoints.
fn endpoint(domain: &DomainStatus) -> Option<&str> {
    let in_vpc = domain.endpoints().and_then(|endpoints| endpoints.get("vpc")).map(String::as_str);
    domain.endpoint().or(in_vpc)
}

/// Whether a change or an upgrade is under way.
fn is_changing(domain: &DomainStatus) -> bool {
    domain.processing() == Some(true)
        || domain.upgrade_processing() == Some(true)
        || domain.created() == Some(false)
        || domain.deleted() == Some(true)
}

/// Waits until no change of a domain is under way. `what` is what the wait is for.
async fn settled(region: &Region<'_>, id: &str, what: &str) -> Result<()> {
    let look = || async {
        let live = adapter::look::<SearchDomain>(region, id).await?;
        Ok(live.is_none_or(|domain| !is_changing(&domain)).then_some(()))
    };
    region.poll(DESCRIBE_DOMAINS.name, what, LIMIT, look).await
}

/// Makes the service-linked role of the account, if it has none.
async fn link_role(region: &Region<'_>) -> Result<()> {
    let role = GET_ROLE.call(region.iam().get_role().role_name(LINKED_ROLE).send()).await;
    if GET_ROLE.service.found(role)?.is_some() {
        return Ok(());
    }
    let call = region.iam().create_service_linked_role().aws_service_name(LINKED_SERVICE);
    match CREATE_SERVICE_LINKED_ROLE.call(call.send()).await {
        // Another run, or the creation of another domain, was faster.
        Err(error) if error.code == "InvalidInput" || GET_ROLE.service.is_taken(&error) => Ok(()),
        made => made.map(drop),
    }
}

/// Tags of domains, by ARN.
pub(super) struct SearchTags;

impl TagFamily for SearchTags {
    const IS_INDEXED: bool = true;

    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_index::of(region, arns, async |arn: String| tags_of(region, &arn).await).await
    }

    async fn now(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
        tags_of(region, arn).await
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let tags = ADD_TAGS.built(sdk_tags(tags))?;
        let call = region.opensearch().add_tags().arn(arn).set_tag_list(Some(tags));
        ADD_TAGS.call(call.send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.opensearch().remove_tags().arn(arn).set_tag_keys(Some(keys));
        REMOVE_TAGS.call(call.send()).await.map(drop)
    }
}

/// The tags of a domain; none if it was deleted meanwhile.
async fn tags_of(region: &Region<'_>, arn: &str) -> Result<Option<Tags>> {
    let answer = es.found(LIST_TAGS.call(region.opensearch().list_tags().arn(arn).send()).await)?;
    let tags = |listed: Vec<Tag>| listed.into_iter().map(|tag| (tag.key, tag.value)).collect();
    Ok(answer.map(|answer| tags(answer.tag_list.unwrap_or_default())))
}

fn sdk_tags(tags: &Tags) -> Result<Vec<Tag>, aws_smithy_types::error::operation::BuildError> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
