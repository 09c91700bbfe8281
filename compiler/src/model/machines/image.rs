//! How the AMI of a run is chosen.

use asiaq_ir::ImageQuery;
use asiaq_lang::Span;

use super::{Image, Run};
use crate::evaluate::Resolved;

/// What decides the AMI of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ImageSource<'m> {
    /// An id.
    Id(&'m Resolved<String>),
    /// The newest AMI of an owner whose name matches a pattern.
    Newest {
        /// The pattern.
        pattern: &'m Resolved<String>,
        /// The owner.
        owner: &'m Resolved<String>,
    },
    /// The value of a Systems Manager parameter.
    Parameter(&'m Resolved<String>),
    /// The name of the hostclass.
    Hostclass,
}

impl Image {
    /// What decides the AMI of `run`, whose own id takes precedence.
    pub(crate) fn source<'m>(&'m self, run: &'m Run) -> ImageSource<'m> {
        match (run.ami.as_ref().or(self.id.as_ref()), &self.newest, &self.owner, &self.parameter) {
            (Some(id), _, _, _) => ImageSource::Id(id),
            (None, Some(pattern), Some(owner), _) => ImageSource::Newest { pattern, owner },
            (None, _, _, Some(parameter)) => ImageSource::Parameter(parameter),
            (None, _, _, None) => ImageSource::Hostclass,
        }
    }
}

impl<'m> ImageSource<'m> {
    /// What has to be asked for; nothing for the AMIs of hostclasses, which are listed.
    pub(crate) fn query(self) -> Option<ImageQuery> {
        Some(match self {
            Self::Id(id) => ImageQuery::Id(id.value.clone()),
            Self::Newest { pattern, owner } => {
                ImageQuery::Named { owner: owner.value.clone(), pattern: pattern.value.clone() }
            }
            Self::Parameter(name) => ImageQuery::Parameter(name.value.clone()),
            Self::Hostclass => return None,
        })
    }

    /// The setting that decides, if there is one.
    pub(crate) fn setting(self) -> Option<&'m Resolved<String>> {
        match self {
            Self::Id(setting) | Self::Newest { pattern: setting, .. } | Self::Parameter(setting) => {
                Some(setting)
            }
            Self::Hostclass => None,
        }
    }

    /// The places that decide, the effective one first; `site` if nothing is set.
    pub(crate) fn chain(self, site: Span) -> Vec<Span> {
        self.setting().map_or_else(|| vec![site], |setting| setting.chain.clone())
    }
}
