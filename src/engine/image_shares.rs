//! Images that are shared with other accounts.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use asiaq_compiler::{ImageSharing, did_you_mean};
use asiaq_runtime::{
    HostclassImage, ImageShares, SHARED_TAG, SHARING_TAG, ShareStep, refused_share, shares, unshares,
};

use super::{ImageSession, account, clock};
use crate::ui;

/// An image with what is to be done so that other accounts have it, or no longer have it.
#[derive(Debug)]
pub(crate) struct Sharing {
    pub(crate) image: HostclassImage,
    pub(crate) steps: Vec<ShareStep>,
    /// Accounts that have it in the end.
    accounts: BTreeSet<String>,
    /// Whether it is to be shared, and not taken back.
    add: bool,
    /// What the tag of the image says now.
    noted: Option<String>,
}

impl Sharing {
    /// What the tag of the image will say.
    fn note(&self) -> String {
        self.accounts.iter().cloned().collect::<Vec<_>>().join(",")
    }

    /// Whether anything is to be done.
    pub(crate) fn is_needed(&self) -> bool {
        !self.steps.is_empty()
            || self.image.is_half_shared
            || self.noted.clone().unwrap_or_default() != self.note()
    }
}

impl ImageSession {
    /// What is to be done so that the accounts of `image_share` have an image, or those of them that are named in `to`.
    pub(crate) async fn sharing(
        &self,
        image: HostclassImage,
        to: &[String],
        add: bool,
    ) -> anyhow::Result<Sharing> {
        let shares_of = self.image_shares();
        let Some(rule) = shares_of.iter().find(|one| one.account == image.account) else {
            bail!(
                "the account {} of the image shares nothing: add `image_share {{ to = […], bakers = […] }}` to it",
                image.account
            );
        };
        let accounts = meant(rule, to)?;
        let owner = self.owner(&image)?;
        let tags = owner.tags_of_image(&image.region, &image.id).await;
        let mut tags = account::answered("read the tags of the image", tags)?.unwrap_or_default();
        // What was promoted a moment ago may still be listed in its old stage.
        tags.extend(image.stage.iter().map(|stage| ("stage".to_owned(), stage.clone())));
        if add && let Some(why) = refused_share(&image, tags.get("baker").map(String::as_str), &rule.bakers) {
            bail!("the image {} is not shared: {why}", image.id);
        }
        let disks = account::answered("read the snapshots of the image", owner.image_disks(&image).await)?;
        let launch = owner.shares_of_image(&image.region, &image.id).await;
        let launch = account::answered("read whom the image is shared with", launch)?;
        let (mut grants, mut tags_there) = (BTreeSet::new(), BTreeMap::new());
        for (name, id) in &accounts {
            let cloud = self.cloud(id).ok_or_else(|| {
                anyhow!("asiaq cannot get to the account `{name}`: give it a `profile` or a `role`, or check the credentials")
            })?;
            for key in disks.iter().filter_map(|disk| disk.key.as_ref()).filter(|_| add) {
                let has = cloud.has_key_grant(&image.region, id, key).await;
                if account::answered("read who may use the key of the image", has)? {
                    grants.insert((id.clone(), key.clone()));
                }
            }
            if launch.contains(id) {
                let there = cloud.tags_of_image(&image.region, &image.id).await;
                let there = account::answered("read the tags of the image in another account", there)?;
                tags_there.extend(there.map(|there| (id.clone(), there)));
            }
        }
        let noted = tags.get(SHARED_TAG).cloned();
        let live = ImageShares { disks, launch, grants, tags, tags_there };
        let ids: Vec<String> = accounts.iter().map(|(_, id)| id.clone()).collect();
        let steps = if add { shares(&live, &ids, rule.tags) } else { unshares(&live, &ids) };
        let mut accounts = live.launch;
        for id in ids {
            if add {
                accounts.insert(id);
            } else {
                accounts.remove(&id);
            }
        }
        Ok(Sharing { image, steps, accounts, add, noted })
    }

    /// Takes one step of sharing an image.
    pub(crate) async fn share(&self, sharing: &Sharing, step: &ShareStep) -> anyhow::Result<()> {
        let (image, add) = (&sharing.image, sharing.add);
        let (owner, region) = (self.owner(image)?, image.region.as_str());
        let there = || {
            self.cloud(step.account())
                .ok_or_else(|| anyhow!("asiaq cannot get to the account {}", step.account()))
        };
        let done = match step {
            ShareStep::Grant { account, key } => there()?.grant_key(region, account, key).await,
            ShareStep::Snapshot { account, snapshot } => {
                owner.share_snapshot(region, snapshot, account, add).await
            }
            ShareStep::Launch { account } => owner.share_image(region, &image.id, account, add).await,
            ShareStep::Tags { tags, .. } => there()?.tag_image(region, &image.id, tags, add).await,
        };
        account::answered("share the image", done)
    }

    /// Notes in the tags of an image whom it is shared with, and that nothing of that is left to do.
    pub(crate) async fn note_shares(&self, sharing: &Sharing) -> anyhow::Result<()> {
        self.mark(&sharing.image, (SHARED_TAG, &sharing.note()), !sharing.accounts.is_empty()).await?;
        self.end_sharing(&sharing.image).await
    }

    /// Takes back that an image is being shared, if that is written down.
    pub(super) async fn end_sharing(&self, image: &HostclassImage) -> anyhow::Result<()> {
        if !image.is_half_shared {
            return Ok(());
        }
        self.mark(image, (SHARING_TAG, ""), false).await
    }

    /// The names of the accounts that `image_share` shares an image with.
    pub(crate) fn sharers(&self, image: &HostclassImage) -> Vec<String> {
        let rules = self.image_shares().into_iter().filter(|rule| rule.account == image.account);
        rules.flat_map(|rule| rule.to).map(|(name, _)| name).collect()
    }

    /// Why an image is not shared by the rule of its account, if it is not meant to be.
    pub(super) async fn is_not_shared(&self, image: &HostclassImage) -> anyhow::Result<Option<String>> {
        let shares_of = self.image_shares();
        let Some(rule) = shares_of.iter().find(|one| one.account == image.account) else { return Ok(None) };
        let tags = self.owner(image)?.tags_of_image(&image.region, &image.id).await;
        let tags = account::answered("read the tags of the image", tags)?.unwrap_or_default();
        Ok(refused_share(image, tags.get("baker").map(String::as_str), &rule.bakers))
    }

    /// Writes down that an image is being shared, so that the next run finishes it.
    pub(super) async fn begin_sharing(&self, image: &HostclassImage) -> anyhow::Result<()> {
        self.mark(image, (SHARING_TAG, &clock::stamp()), true).await
    }

    /// The names of the accounts of `image_share` that have an image already.
    pub(super) async fn shared_with(&self, image: &HostclassImage) -> anyhow::Result<Vec<String>> {
        let shares_of = self.image_shares();
        let Some(rule) = shares_of.iter().find(|one| one.account == image.account) else {
            return Ok(Vec::new());
        };
        let launch = self.owner(image)?.shares_of_image(&image.region, &image.id).await;
        let launch = account::answered("read whom the image is shared with", launch)?;
        let shared = rule.to.iter().filter(|(_, id)| launch.contains(id));
        Ok(shared.map(|(name, _)| name.clone()).collect())
    }

    async fn mark(
        &self,
        image: &HostclassImage,
        (key, value): (&str, &str),
        add: bool,
    ) -> anyhow::Result<()> {
        let tags = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let done = self.owner(image)?.tag_image(&image.region, &image.id, &tags, add).await;
        account::answered("tag the image", done)
    }
}

/// The accounts of a rule that are meant, with their ids.
fn meant(rule: &ImageSharing, to: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let known: Vec<&str> = rule.to.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(other) = to.iter().find(|name| !known.contains(&name.as_str())) {
        match did_you_mean(other, &known) {
            Some(near) => bail!("`image_share` does not name the account `{other}`; did you mean `{near}`?"),
            None => {
                bail!("`image_share` does not name the account `{other}`; it names {}", ui::listed(&known))
            }
        }
    }
    let is_meant = |(name, _): &&(String, String)| to.is_empty() || to.contains(name);
    Ok(rule.to.iter().filter(is_meant).cloned().collect())
}
