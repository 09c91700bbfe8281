use asiaq_ir::SamlProvider;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::identity::{self, name_of, sdk_tags};
use super::prelude::*;
use super::resource::AwsResource;
use crate::service::iam;

ops! { iam:
    LIST_SAML_PROVIDERS = "ListSAMLProviders", Read;
    GET_SAML_PROVIDER = "GetSAMLProvider", Read;
    CREATE_SAML_PROVIDER = "CreateSAMLProvider", Write;
    UPDATE_SAML_PROVIDER = "UpdateSAMLProvider", Write;
    TAG_SAML_PROVIDER = "TagSAMLProvider", Write;
    UNTAG_SAML_PROVIDER = "UntagSAMLProvider", Write;
    DELETE_SAML_PROVIDER = "DeleteSAMLProvider", Delete;
}

/// Providers that are read at the same time.
const AT_ONCE: usize = 4;

impl AwsResource for SamlProvider {
    const ACTIONS: IamActions = &[OPS];
    const SERVICE: &'static Service = &iam;

    /// A listing shows only ARNs. An account has a few providers.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let looks: Vec<_> = arns(region)
            .await?
            .into_iter()
            .map(|arn| async move {
                let Some((metadata, tags)) = look(region, &arn).await? else { return Ok(None) };
                let Some(address) = tags::address_in(&tags, project) else { return Ok(None) };
                let resource = Self { name: name_of(&arn).to_owned(), metadata }.into();
                Ok(Some(Found { address, id: arn, region: region.name.to_owned(), tags, resource }))
            })
            .collect();
        let found: Vec<Option<Found>> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        Ok(Listed { found: found.into_iter().flatten().collect(), ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .iam()
            .create_saml_provider()
            .name(&self.name)
            .saml_metadata_document(&self.metadata)
            .set_tags(Some(sdk_tags(request.tags)));
        let made = CREATE_SAML_PROVIDER.call(call.send()).await;
        let arn = made.and_then(|made| CREATE_SAML_PROVIDER.part("ARN", made.saml_provider_arn));
        let arn = identity::created(request, arn, self.existing_conflict(region)).await?;
        Ok(Created::ready(arn, self.clone()))
    }

    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let arns = arns(region).await?;
        let Some(arn) = arns.into_iter().find(|arn| name_of(arn) == self.name) else { return Ok(None) };
        Ok(look(region, &arn).await?.map(|(_, tags)| (arn, tags)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<ProviderTags>(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.metadata == wanted.metadata {
            return Ok(());
        }
        let call = region
            .iam()
            .update_saml_provider()
            .saml_provider_arn(id)
            .saml_metadata_document(&wanted.metadata);
        region.retry_until_consistent(UPDATE_SAML_PROVIDER, || call.clone().send()).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let request = region.iam().delete_saml_provider().saml_provider_arn(id);
        region.retry_while_in_use(DELETE_SAML_PROVIDER, || request.clone().send()).await
    }
}

/// The ARNs of all providers. AWS lists them without pages.
pub(crate) async fn arns(region: &Region<'_>) -> Result<Vec<String>> {
    let answer = LIST_SAML_PROVIDERS.call(region.iam().list_saml_providers().send()).await?;
    Ok(answer.saml_provider_list.unwrap_or_default().into_iter().filter_map(|one| one.arn).collect())
}

/// The ARN and the tags of each provider.
pub(super) async fn tagged(region: &Region<'_>) -> Result<Vec<(String, Tags)>> {
    let looks: Vec<_> = arns(region)
        .await?
        .into_iter()
        .map(|arn| async move { Ok((arn.clone(), look(region, &arn).await?)) })
        .collect();
    let found: Vec<(String, Option<(String, Tags)>)> =
        stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().filter_map(|(arn, found)| Some((arn, found?.1))).collect())
}

/// Metadata and tags of a provider; none where it is gone.
async fn look(region: &Region<'_>, arn: &str) -> Result<Option<(String, Tags)>> {
    let call = region.iam().get_saml_provider().saml_provider_arn(arn);
    let answer = iam.found(GET_SAML_PROVIDER.call(call.send()).await)?;
    Ok(answer.map(|answer| {
        let metadata = answer.saml_metadata_document().unwrap_or_default().trim().to_owned();
        (metadata, identity::tags(answer.tags()))
    }))
}

/// Tags of SAML providers, by ARN.
struct ProviderTags;

impl TagFamily for ProviderTags {
    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.iam().tag_saml_provider().saml_provider_arn(arn).set_tags(Some(sdk_tags(tags)));
        region.retry_until_consistent(TAG_SAML_PROVIDER, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.iam().untag_saml_provider().saml_provider_arn(arn).set_tag_keys(Some(keys));
        region.retry_until_consistent(UNTAG_SAML_PROVIDER, || call.clone().send()).await.map(drop)
    }
}
