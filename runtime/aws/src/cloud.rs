use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::{Kind, Needs};
use asiaq_runtime::{
    Cloud, CloudError, Create, Delete, Found, Identity, Intent, Listed, Result, Serving, Tagged, Unread,
    Update, each_kind,
};

use crate::config::Aws;
use crate::kinds;
use crate::listing_cache::ListingCache;
use crate::tags::TagChange;

impl Cloud for Aws {
    async fn identity(&self) -> Result<Identity> {
        self.regions().identity().await
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed> {
        kinds::list(&self.region(region), kind, project, &Needs::all()).await
    }

    async fn survey(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        needs: &Needs,
    ) -> Result<Vec<(String, Listed)>> {
        let mut needs = needs.clone();
        needs.only.iter_mut().for_each(kinds::add_sources);
        let needs = &needs;
        let everywhere = Arc::default();
        self.keep(&everywhere);
        let imagined = Arc::new(needs.imagined.clone());
        let caches: BTreeMap<&String, Arc<ListingCache>> = regions
            .iter()
            .chain(needs.accounts.values())
            .map(|name| {
                let (everywhere, imagined) = (Arc::clone(&everywhere), Arc::clone(&imagined));
                (name, Arc::new(ListingCache { imagined, everywhere, ..Default::default() }))
            })
            .collect();
        let caches = &caches;
        let mut listings = each_kind(regions, needs, |name, kind| async move {
            if needs.unasked.contains(&kind) {
                return Ok((name, Listed::default()));
            }
            let cache = caches.get(&name).cloned().unwrap_or_default();
            let region = || self.region(&name).with_cache(Arc::clone(&cache));
            let listed = if needs.unused.contains(&kind) {
                match kinds::list(&region().hasty(), kind, project, needs).await {
                    // A service that is there may be busy.
                    Err(error) if !kinds::may_be_unread(kind, &error) => {
                        kinds::list(&region(), kind, project, needs).await
                    }
                    listed => listed,
                }
            } else {
                kinds::list(&region(), kind, project, needs).await
            };
            let listed = match listed {
                Err(error) if kinds::may_be_unread(kind, &error) => {
                    let unread = Unread { region: name.clone(), kind, error };
                    Listed { unread: vec![unread], ..Listed::default() }
                }
                listed => kinds::in_own_region(listed?, kind, &name, needs),
            };
            Ok((name, listed))
        })
        .await?;
        kinds::alarm::name_unowned(&mut listings);
        Ok(listings)
    }

    async fn hidden_tags(
        &self,
        region: &str,
        kind: Kind,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
        kinds::hidden_tags(&self.region(region), kind).await
    }

    async fn tags(&self, found: &Found) -> Result<Option<BTreeMap<String, String>>> {
        kinds::tags(&self.region(&found.region), found.resource.kind(), &found.id).await
    }

    async fn existing_conflict(&self, request: &Create<'_>) -> Result<Option<Tagged>> {
        kinds::existing_conflict(&self.region(request.region), request.resource).await
    }

    fn may_refuse(&self, kind: Kind) -> bool {
        kinds::may_refuse(kind)
    }

    async fn refusal(
        &self,
        region: &str,
        intent: &Intent<'_>,
        leaving: &BTreeSet<&str>,
    ) -> Result<Option<CloudError>> {
        kinds::refusal(&self.surveyed(region), intent, leaving).await
    }

    async fn forecast(&self, update: &Update<'_>) -> Result<Option<String>> {
        kinds::forecast(&self.region(update.region), update).await
    }

    async fn create(&self, request: &Create<'_>) -> Result<String> {
        kinds::create(&self.region(request.region), request).await
    }

    async fn hand_over(&self, request: &Create<'_>, displaced: &[&Found]) -> Result<String> {
        kinds::hand_over(&self.region(request.region), request, displaced).await
    }

    async fn serving(&self, request: &Serving<'_>) -> Result<()> {
        kinds::until_serving(&self.region(request.region), request.kind, request.id).await
    }

    async fn update(&self, request: &Update<'_>) -> Result<()> {
        let region = self.region(request.region);
        let tags = TagChange { set: request.set_tags, remove: request.remove_tags };
        kinds::retag(&region, request.wanted.kind(), request.id, tags).await?;
        kinds::update(&region, request.id, request.live, request.wanted).await
    }

    async fn delete(&self, request: &Delete<'_>) -> Result<()> {
        kinds::delete(&self.region(request.region), request).await
    }
}
