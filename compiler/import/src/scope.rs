//! What `disco_vpc.ini` says for an environment or a type.

use crate::ini::{Section, Setting};

/// The metanetworks, each with the description of its security group.
pub(crate) const NETWORKS: [(&str, &str); 4] = [
    ("intranet", "Inter host"),
    ("tunnel", "internet http proxy"),
    ("dmz", "Client facing"),
    ("maintenance", "Admin jump box"),
];

/// An environment or a type: the sections that are searched, in order.
pub(crate) struct Scope<'a> {
    pub(crate) sections: Vec<&'a Section>,
    pub(crate) fallback: Option<&'a Section>,
}

impl<'a> Scope<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a Setting> {
        self.sections.iter().chain(self.fallback.as_ref()).find_map(|section| section.get(key))
    }

    /// The same where it is not empty.
    pub(crate) fn said(&self, key: &str) -> Option<&'a Setting> {
        self.get(key).filter(|setting| !setting.value.is_empty())
    }

    pub(crate) fn has_network(&self, name: &str) -> bool {
        NETWORKS.iter().any(|(known, _)| *known == name) && self.said(&format!("{name}_cidr")).is_some()
    }

    pub(crate) fn name(&self) -> String {
        self.sections.first().map_or_else(String::new, |section| format!("`[{}]`", section.name))
    }
}
