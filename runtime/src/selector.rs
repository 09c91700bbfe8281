//! Which instances a command is about: one language for all commands.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::Host;

/// Which instances are meant. Words are alternatives; the options restrict them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Each a hostclass, an instance id, a host name or an address. All instances if empty.
    pub words: Vec<String>,
    /// Only instances of these hostclasses, if any is named.
    pub hostclasses: Vec<String>,
    /// Only instances of these AMIs, if any is named.
    pub images: Vec<String>,
    /// Only instances of these Auto Scaling groups, if any is named.
    pub groups: Vec<String>,
}

/// Why a selector means nothing certain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unselected {
    /// No instance has this.
    #[error("there is no instance `{word}`")]
    Unknown {
        /// What it was looked for as.
        part: SelectorPart,
        /// The word.
        word: String,
        /// What there is, in order.
        known: Vec<String>,
    },
    /// It means several different things.
    #[error("`{word}` means several things: {}", .meant.join(", "))]
    Ambiguous {
        /// The word.
        word: String,
        /// What it means, as messages name it.
        meant: Vec<String>,
    },
}

/// The parts of a selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectorPart {
    /// A word.
    Word,
    /// A hostclass.
    Hostclass,
    /// An AMI.
    Image,
    /// An Auto Scaling group.
    Group,
}

impl Selector {
    /// Whether it restricts nothing.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a word of it is the id of this instance: the instance itself is meant, whatever state it is in.
    pub fn names(&self, host: &Host) -> bool {
        self.words.contains(&host.id)
    }

    /// The instances of `hosts` that it means, in their order. `declared` are hostclasses that may have no instance: they
    /// are no mistake.
    ///
    /// # Errors
    /// If a part of it means none of `hosts`, or a word means different things.
    pub fn select<'h>(
        &self,
        hosts: &'h [Host],
        declared: &BTreeSet<String>,
    ) -> Result<Vec<&'h Host>, Unselected> {
        let parts = [
            (SelectorPart::Hostclass, &self.hostclasses),
            (SelectorPart::Image, &self.images),
            (SelectorPart::Group, &self.groups),
        ];
        for (part, wanted) in parts {
            let mut known: BTreeSet<&str> = hosts.iter().filter_map(|host| part.of(host)).collect();
            if part == SelectorPart::Hostclass {
                known.extend(declared.iter().map(String::as_str));
            }
            if let Some(word) = wanted.iter().find(|word| !known.contains(word.as_str())) {
                let known = known.into_iter().map(str::to_owned).collect();
                return Err(Unselected::Unknown { part, word: word.clone(), known });
            }
        }
        let is_left = |host: &&Host| {
            parts.iter().all(|(part, wanted)| {
                let own = part.of(host);
                wanted.is_empty() || own.is_some_and(|own| wanted.iter().any(|word| word == own))
            })
        };
        let left: Vec<&Host> = hosts.iter().filter(is_left).collect();
        if self.words.is_empty() {
            return Ok(left);
        }
        let mut ids = BTreeSet::new();
        for word in &self.words {
            ids.extend(meant(word, &left, declared)?);
        }
        Ok(left.into_iter().filter(|host| ids.contains(host.id.as_str())).collect())
    }
}

impl SelectorPart {
    /// What an instance has of this part.
    fn of(self, host: &Host) -> Option<&str> {
        match self {
            Self::Word => None,
            Self::Hostclass => host.hostclass.as_deref(),
            Self::Image => host.image.as_deref(),
            Self::Group => host.group.as_deref(),
        }
    }
}

/// The ids of the instances that a word means.
fn meant<'h>(
    word: &str,
    hosts: &[&'h Host],
    declared: &BTreeSet<String>,
) -> Result<BTreeSet<&'h str>, Unselected> {
    let found = |is_meant: &dyn Fn(&Host) -> bool| -> Vec<&'h Host> {
        hosts.iter().copied().filter(|host| is_meant(host)).collect()
    };
    let ids = |hosts: &[&'h Host]| hosts.iter().map(|host| host.id.as_str()).collect();
    if hosts.iter().any(|host| host.id == word) {
        return Ok(ids(&found(&|host| host.id == word)));
    }
    let address: Option<IpAddr> = word.parse().ok();
    let of_class = found(&|host| host.hostclass.as_deref() == Some(word));
    let single = match address {
        Some(address) => found(&|host| host.public == Some(address) || host.private.contains(&address)),
        None => found(&|host| has_name(host, word)),
    };
    // The host name of an instance may be that of its hostclass.
    let is_other = single.iter().any(|host| host.hostclass.as_deref() != Some(word));
    let is_class = !of_class.is_empty() || declared.contains(word);
    match (is_class, single.as_slice()) {
        (true, _) if is_other => {
            let names = single.iter().map(|host| described(host));
            let meant = std::iter::once(format!("the hostclass `{word}`")).chain(names).collect();
            Err(Unselected::Ambiguous { word: word.to_owned(), meant })
        }
        (true, _) => Ok(ids(&of_class)),
        (false, [_]) => Ok(ids(&single)),
        (false, []) => {
            let classes = hosts.iter().filter_map(|host| host.hostclass.as_ref()).chain(declared);
            let names = hosts.iter().flat_map(|host| [Some(&host.id), host.hostname.as_ref()]).flatten();
            let known: BTreeSet<&String> = classes.chain(names).collect();
            let known = known.into_iter().cloned().collect();
            Err(Unselected::Unknown { part: SelectorPart::Word, word: word.to_owned(), known })
        }
        // Two environments can have one address, and two instances one name.
        (false, several) => {
            let meant = several.iter().map(|host| described(host)).collect();
            Err(Unselected::Ambiguous { word: word.to_owned(), meant })
        }
    }
}

/// Whether it is the host name of an instance, with or without its domain.
fn has_name(host: &Host, word: &str) -> bool {
    host.hostname.as_ref().is_some_and(|name| {
        name.eq_ignore_ascii_case(word)
            || name.split_once('.').is_some_and(|(label, _)| label.eq_ignore_ascii_case(word))
    })
}

/// An instance as messages name it, with its hostclass and environment.
fn described(host: &Host) -> String {
    let class = host.hostclass.as_ref().map(|class| format!(" of `{class}`")).unwrap_or_default();
    let env = host.environment.as_ref().map(|env| format!(" in `{env}`")).unwrap_or_default();
    format!("{}{class}{env}", host.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(id: &str, class: &str, name: &str, private: &str, image: &str) -> Host {
        Host {
            id: id.to_owned(),
            environment: Some("ci".to_owned()),
            hostclass: Some(class.to_owned()),
            hostname: Some(name.to_owned()).filter(|name| !name.is_empty()),
            private: vec![private.parse().unwrap()],
            image: Some(image.to_owned()),
            group: Some(format!("ci_{class}")),
            ..Host::default()
        }
    }

    fn hosts() -> Vec<Host> {
        let public = Some("54.0.0.1".parse().unwrap());
        vec![
            Host { public, ..host("i-1", "web", "web-1.shop.example", "10.0.0.1", "ami-1") },
            host("i-2", "web", "", "10.0.0.2", "ami-2"),
            host("i-3", "db", "orders", "10.0.0.3", "ami-1"),
            host("i-4", "db", "web", "10.0.0.4", "ami-3"),
            host("i-5", "cache", "cache", "10.0.0.5", "ami-3"),
            host("i-6", "mail", "twin", "10.0.0.5", "ami-3"),
            host("i-7", "mail", "Twin.shop.example", "10.0.0.7", "ami-3"),
        ]
    }

    /// What words, and then options as in `hostclass=web`, mean.
    fn check(text: &str) -> String {
        let mut selector = Selector::default();
        for word in text.split_whitespace() {
            let (list, word) = match word.split_once('=') {
                Some(("hostclass", word)) => (&mut selector.hostclasses, word),
                Some(("ami", word)) => (&mut selector.images, word),
                Some(("group", word)) => (&mut selector.groups, word),
                _ => (&mut selector.words, word),
            };
            list.push(word.to_owned());
        }
        let declared = ["web", "db", "idle"].map(str::to_owned).into();
        match selector.select(&hosts(), &declared) {
            Ok(hosts) => hosts.iter().map(|host| host.id.as_str()).collect::<Vec<_>>().join(" "),
            Err(Unselected::Unknown { part, word, known }) => {
                format!("no {part:?} {word} of {}", known.len())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn words_are_alternatives_and_options_restrict_them() {
        assert_eq!(check(""), "i-1 i-2 i-3 i-4 i-5 i-6 i-7");
        assert_eq!(check("i-2"), "i-2");
        assert_eq!(check("db i-2 i-2"), "i-2 i-3 i-4");
        assert_eq!(check("orders"), "i-3");
        assert_eq!(check("WEB-1"), "i-1");
        assert_eq!(check("web-1.shop.example"), "i-1");
        assert_eq!(check("54.0.0.1"), "i-1");
        assert_eq!(check("10.0.0.2"), "i-2");
        assert_eq!(check("cache"), "i-5");
        assert_eq!(check("ami=ami-1"), "i-1 i-3");
        assert_eq!(check("ami=ami-1 ami=ami-2 hostclass=web"), "i-1 i-2");
        assert_eq!(check("db ami=ami-1"), "i-3");
        assert_eq!(check("group=ci_cache group=ci_db"), "i-3 i-4 i-5");
    }

    #[test]
    fn a_declared_hostclass_without_instances_is_no_mistake() {
        assert_eq!(check("idle"), "");
        assert_eq!(check("hostclass=idle"), "");
        assert_eq!(check("idle orders"), "i-3");
    }

    #[test]
    fn what_means_nothing_or_several_things_is_refused() {
        assert_eq!(check("wbe"), "no Word wbe of 16");
        assert_eq!(check("hostclass=wbe"), "no Hostclass wbe of 5");
        assert_eq!(check("ami=ami-9"), "no Image ami-9 of 3");
        assert_eq!(check("orders group=ci_web"), "no Word orders of 6");
        assert_eq!(check("web"), "`web` means several things: the hostclass `web`, i-4 of `db` in `ci`");
        // An option says which.
        assert_eq!(check("hostclass=web"), "i-1 i-2");
        assert_eq!(
            check("10.0.0.5"),
            "`10.0.0.5` means several things: i-5 of `cache` in `ci`, i-6 of `mail` in `ci`"
        );
        assert_eq!(
            check("twin"),
            "`twin` means several things: i-6 of `mail` in `ci`, i-7 of `mail` in `ci`"
        );
    }
}
