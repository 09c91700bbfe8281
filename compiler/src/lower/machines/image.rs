//! The AMI of a run.

mod baked;
mod named;

use asiaq_ir::{ImageFact, ImageQuery, Lookup, Ref, RegionFacts, image_name};
use asiaq_lang::Span;

use self::baked::Wanted;
use super::Running;
use crate::errors;
use crate::evaluate::Resolved;
use crate::lower::Lowering;
use crate::lower::missing::{Missing, What};
use crate::model::ImageSource;

/// The AMI of a run.
pub(super) enum Chosen<'f> {
    /// An AMI that the account may use.
    Known(&'f ImageFact),
    /// An AMI that the program names, of which nothing else is known.
    Pinned(String),
    /// An AMI that is not looked up, because the account was not read.
    Unread(Lookup),
}

impl Chosen<'_> {
    pub(super) fn reference(&self) -> Ref {
        match self {
            Self::Known(image) => Ref::Id(image.id.clone()),
            Self::Pinned(id) => Ref::Id(id.clone()),
            Self::Unread(lookup) => Ref::Find(lookup.clone()),
        }
    }

    pub(super) fn fact(&self) -> Option<&ImageFact> {
        match self {
            Self::Known(image) => Some(image),
            Self::Pinned(_) | Self::Unread(_) => None,
        }
    }

    /// The AMI that `query` leads to when the account is read.
    fn unread(query: ImageQuery) -> Self {
        match query {
            ImageQuery::Id(id) => Self::Pinned(id),
            ImageQuery::Named { owner, pattern } => Self::Unread(Lookup::NewestImage { owner, pattern }),
            ImageQuery::Parameter(name) => Self::Unread(Lookup::ImageParameter(name)),
        }
    }
}

impl<'f> Lowering<'f> {
    /// The AMI of a run: the one that the program names, else the newest of its hostclass. Reports if there is none.
    pub(super) fn image(&mut self, running: Running<'_>) -> Option<Chosen<'f>> {
        let facts: Option<&'f RegionFacts> = running.env.facts(self.facts);
        let source = running.image_source();
        match (source.query(), facts) {
            (Some(query), None) => Some(Chosen::unread(query)),
            (None, None) => Some(Chosen::Unread(Lookup::Image(running.host.name.clone()))),
            (_, Some(facts)) => match source {
                ImageSource::Id(id) => self.pinned(running, id, facts),
                ImageSource::Newest { pattern, owner } => {
                    self.newest_named(running, (pattern, owner), facts).map(Chosen::Known)
                }
                ImageSource::Parameter(name) => self.of_parameter(running, name, facts),
                ImageSource::Hostclass => self.newest_of_hostclass(running, facts),
            },
        }
    }

    fn newest_of_hostclass(&mut self, running: Running<'_>, facts: &'f RegionFacts) -> Option<Chosen<'f>> {
        let Running { env, host, run, .. } = running;
        let wanted = {
            let bad = self.model.bakes.stages.bad.as_str();
            Wanted::of(running, &self.model.accounts, bad, self.facts.account.as_deref())
        };
        if let Some(image) = wanted.newest(&facts.images) {
            self.architecture(running, image);
            return Some(Chosen::Known(image));
        }
        if let Some(kept) = baked::kept(env, &host.name, facts) {
            return Some(Chosen::Known(kept));
        }
        if let Some(kept) = baked::renamed(env, facts) {
            return Some(facts.image(kept).map_or_else(|| Chosen::Pinned(kept.to_owned()), Chosen::Known));
        }
        let near = wanted.why_not(&facts.images);
        let region = env.region.value.clone();
        self.missing.push(Missing {
            span: run.span,
            what: What::Image { hostclass: host.name.clone(), region, near },
            own: env.name.clone(),
        });
        None
    }

    fn pinned(
        &mut self,
        running: Running<'_>,
        pin: &Resolved<String>,
        facts: &'f RegionFacts,
    ) -> Option<Chosen<'f>> {
        let chosen = self.by_id(running, pin.span(), &pin.value, facts)?;
        if let Some(image) = chosen.fact()
            && let Some((of, _)) = image_name(&image.name)
            && of != running.host.name
        {
            self.diagnostics.push(errors::image_of_another(pin.span(), &image.id, of, &running.host.name));
        }
        Some(chosen)
    }

    /// The AMI with an id. Reports one that does not exist, or cannot be used.
    fn by_id(
        &mut self,
        running: Running<'_>,
        span: Span,
        id: &str,
        facts: &'f RegionFacts,
    ) -> Option<Chosen<'f>> {
        if let Some(None) = facts.image_ids.get(id) {
            self.diagnostics.push(errors::no_such_image(span, id, &running.env.region.value));
            return None;
        }
        let Some(image) = facts.image(id) else { return Some(Chosen::Pinned(id.to_owned())) };
        self.usable(running, span, image)?;
        Some(Chosen::Known(image))
    }

    /// Reports an AMI that cannot be used, and instance types that cannot run it. Returns whether it is available.
    fn usable(&mut self, running: Running<'_>, span: Span, image: &ImageFact) -> Option<()> {
        if !image.is_available {
            self.diagnostics.push(errors::image_not_available(span, &image.id));
            return None;
        }
        self.architecture(running, image);
        Some(())
    }

    /// Reports instance types that cannot run an AMI.
    fn architecture(&mut self, running: Running<'_>, image: &ImageFact) {
        if let Some((name, span)) = unfit(running, &image.architecture) {
            let wrong = errors::image_architecture(span, name, &image.id, &image.architecture);
            self.diagnostics.push(wrong);
        }
    }
}

impl<'m> Running<'m> {
    fn image_source(self) -> ImageSource<'m> {
        self.host.machine.image.source(self.run)
    }
}

/// The first instance type of a run that cannot run AMIs of an architecture, with its place.
fn unfit<'m>(running: Running<'m>, architecture: &str) -> Option<(&'m str, Span)> {
    let run = running.run;
    let first = (run.instance_type.value.as_str(), run.instance_type.place(run.span));
    let further = run.types.value.iter().map(|further| (further.value.as_str(), further.span));
    std::iter::once(first).chain(further).find(|(name, _)| !fits(name, architecture))
}

/// Whether an instance type runs AMIs of an architecture. Default for unknown types: yes.
fn fits(instance_type: &str, architecture: &str) -> bool {
    let known = crate::library::instance_type(instance_type);
    architecture.is_empty() || known.is_none_or(|known| known.runs(architecture))
}

/// The place that names the AMI of a run. Default: the place that names its hostclass.
pub(super) fn place(running: Running<'_>) -> Span {
    running.image_source().setting().map_or(running.run.span, Resolved::span)
}
