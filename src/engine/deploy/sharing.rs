//! An AMI that has passed is shared with the accounts that `image_share` names, and follows its stage there.
//!
//! The deploy does not depend on it: what fails is told, and a tag of the AMI has the next deploy finish it.

use asiaq_compiler::Deployable;
use asiaq_runtime::{DeployEnd, HostclassImage, ShareStep};

use super::session::DeploySession;
use super::steps::Run;
use crate::engine::Interrupts;
use crate::exit::{Halt, Result};
use crate::ui;

impl Run<'_> {
    /// Shares the AMI, which is in a stage now. Why it is not shared, if it is not.
    pub(super) async fn shared(&self, image: &str, stage: &str) -> Result<Option<String>> {
        let Some(image) = self.session.image(image) else { return Ok(None) };
        let image = HostclassImage { stage: Some(stage.to_owned()), ..image.clone() };
        self.session.shared(image, self.interrupts, self.tell).await
    }
}

impl DeploySession<'_> {
    /// The names of the accounts that an AMI will be shared with.
    pub(crate) fn sharers(&self, image: &HostclassImage) -> Vec<String> {
        self.images.sharers(image)
    }

    /// The AMIs of these hostclasses whose sharing an earlier run has not finished.
    pub(crate) fn half_shared(&self, but: &[&str]) -> Vec<HostclassImage> {
        let is_of = |image: &HostclassImage, what: &Deployable| image.hostclass == what.hostclass;
        let is_meant = |image: &&HostclassImage| {
            image.is_half_shared
                && !but.contains(&image.id.as_str())
                && self.all.iter().any(|what| is_of(image, what))
                && !self.sharers(image).is_empty()
        };
        self.amis.iter().filter(is_meant).cloned().collect()
    }

    /// Finishes the sharing of an AMI.
    pub(crate) async fn finish_sharing(
        &self,
        image: &HostclassImage,
        interrupts: &Interrupts,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<DeployEnd> {
        let not_shared = self.shared(image.clone(), interrupts, tell).await?;
        Ok(DeployEnd {
            env: self.request.env.to_owned(),
            hostclass: image.hostclass.clone(),
            image: image.id.clone(),
            result: if not_shared.is_none() { "shared" } else { "failed" },
            error: None,
            not_shared,
        })
    }

    async fn shared(
        &self,
        image: HostclassImage,
        interrupts: &Interrupts,
        tell: &(dyn Fn(&str) + Sync),
    ) -> Result<Option<String>> {
        let names = self.sharers(&image);
        if names.is_empty() {
            return Ok(None);
        }
        let id = image.id.clone();
        let failed = |error: &anyhow::Error| {
            let names = ui::listed(&names);
            Some(format!(
                "{id} is not shared with {names}: {error:#}; `asiaq image share {id}` finishes that"
            ))
        };
        match self.images.is_not_shared(&image).await {
            Ok(None) => {}
            // The program says so: nothing is missing.
            Ok(Some(why)) => {
                tell(&format!("{id} is not shared with {}: {why}", ui::listed(&names)));
                return Ok(self.images.end_sharing(&image).await.err().and_then(|error| failed(&error)));
            }
            Err(error) => return Ok(failed(&error)),
        }
        let sharing = match self.images.sharing(image.clone(), &[], true).await {
            Ok(sharing) if !sharing.is_needed() => return Ok(None),
            sharing => sharing,
        };
        // The next deploy goes on, wherever this one stops.
        let noted = self.images.begin_sharing(&image).await;
        let mut sharing = match sharing.and_then(|sharing| noted.map(|()| sharing)) {
            Ok(sharing) => sharing,
            Err(error) => return Ok(failed(&error)),
        };
        sharing.image.is_half_shared = true;
        tell(&format!("share {id} with {}", ui::listed(&names)));
        for step in &sharing.steps {
            if interrupts.any() {
                return Err(Halt::Interrupted);
            }
            if let Err(error) = self.images.share(&sharing, step).await {
                return Ok(failed(&error));
            }
        }
        Ok(self.images.note_shares(&sharing).await.err().and_then(|error| failed(&error)))
    }

    /// Writes the tags of an AMI where it is shared already.
    pub(super) async fn restage(
        &self,
        image: HostclassImage,
        tell: &(dyn Fn(&str) + Sync),
    ) -> anyhow::Result<()> {
        let names = self.images.shared_with(&image).await?;
        if names.is_empty() {
            return Ok(());
        }
        let id = image.id.clone();
        let sharing = self.images.sharing(image, &names, true).await?;
        for step in sharing.steps.iter().filter(|step| matches!(step, ShareStep::Tags { .. })) {
            tell(&format!("write the stage of {id} in account {}", step.account()));
            self.images.share(&sharing, step).await?;
        }
        Ok(())
    }
}
