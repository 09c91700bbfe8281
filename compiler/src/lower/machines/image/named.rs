//! AMIs that the program names by a pattern or by a Systems Manager parameter.

use std::collections::BTreeSet;

use asiaq_ir::{ImageFact, RegionFacts};

use super::{Chosen, unfit};
use crate::errors;
use crate::evaluate::Resolved;
use crate::library;
use crate::lower::Lowering;
use crate::lower::machines::Running;

impl<'f> Lowering<'f> {
    /// The newest AMI of an owner whose name matches a pattern, of those that the instance types of the run can use.
    pub(super) fn newest_named(
        &mut self,
        running: Running<'_>,
        (pattern, owner): (&Resolved<String>, &Resolved<String>),
        facts: &'f RegionFacts,
    ) -> Option<&'f ImageFact> {
        let images = facts.named_images.get(&owner.value).and_then(|of| of.get(&pattern.value));
        let images = images.map_or(&[][..], Vec::as_slice);
        let region = &running.env.region.value;
        let Some(first) = images.first() else {
            let missing = errors::no_image_like(pattern.span(), &pattern.value, &owner.value, region);
            self.diagnostics.push(missing);
            return None;
        };
        let owners: BTreeSet<&str> = images.iter().map(|image| image.owner.as_str()).collect();
        if owners.len() > 1 {
            let owners: Vec<&str> = owners.into_iter().collect();
            self.diagnostics.push(errors::image_of_several(
                owner.span(),
                &pattern.value,
                &owner.value,
                &owners,
            ));
            return None;
        }
        let guessed = library::guessed_architecture(&running.run.instance_type.value);
        let newest = images
            .iter()
            .filter(|image| unfit(running, &image.architecture).is_none())
            // A type that is not in the table runs the architecture that its name tells.
            .max_by_key(|image| (image.architecture == guessed, &image.created, &image.name, &image.id));
        if newest.is_none()
            && let Some((name, span)) = unfit(running, &first.architecture)
        {
            let architectures: BTreeSet<&str> =
                images.iter().map(|image| image.architecture.as_str()).collect();
            let architectures: Vec<&str> = architectures.into_iter().collect();
            let wrong = errors::images_of_other_architectures(span, name, &pattern.value, &architectures);
            self.diagnostics.push(wrong);
        }
        newest
    }

    /// The AMI whose id a Systems Manager parameter holds.
    pub(super) fn of_parameter(
        &mut self,
        running: Running<'_>,
        name: &Resolved<String>,
        facts: &'f RegionFacts,
    ) -> Option<Chosen<'f>> {
        let Some(value) = facts.image_parameters.get(&name.value).and_then(Option::as_deref) else {
            let region = &running.env.region.value;
            self.diagnostics.push(errors::no_parameter(name.span(), &name.value, region));
            return None;
        };
        if !library::is_ami_id(value) {
            self.diagnostics.push(errors::parameter_without_image(name.span(), &name.value, value));
            return None;
        }
        self.by_id(running, name.span(), value, facts)
    }
}
