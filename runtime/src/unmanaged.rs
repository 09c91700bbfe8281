//! What is in an account that no program says, with a guess at whose it is.
//!
//! [`unmanaged`] is given everything that listings show ([`Sighting`]), and leaves out what has the marks of the project:
//! whether that stays or goes is what a plan says.

mod guess;

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, Kind, Mark, NAME_TAG, PROJECT_TAG};
use serde::Serialize;

use crate::Unread;
use crate::adoption::{Manager, manager};
use crate::bakes::BAKERY_TAG;
use crate::ownership::tag_value;
use crate::snapshots::TEMPORARY_TAG;

/// Tags by key.
type Tags = BTreeMap<String, String>;

/// What a listing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A resource of a kind that programs declare.
    Kind(Kind),
    /// An instance, which a group of a program starts.
    Instance,
    /// A volume that no instance has.
    Volume,
    /// A VPC endpoint that is none of a gateway.
    InterfaceEndpoint,
}

impl Sort {
    /// Its name: that of the kind in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Instance => "instance",
            Self::Volume => "volume",
            Self::InterfaceEndpoint => "interface-endpoint",
        }
    }

    /// What the mark in its tags names.
    fn mark(self) -> Mark {
        match self {
            Self::Kind(kind) => kind.mark(),
            Self::Instance | Self::Volume | Self::InterfaceEndpoint => Mark::Birth,
        }
    }
}

impl Serialize for Sort {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One thing as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What it is.
    pub sort: Sort,
    /// AWS region; absent for what belongs to none.
    pub region: Option<String>,
    /// AWS id.
    pub id: String,
    /// Its name in AWS, or that in its tag `Name`.
    pub name: Option<String>,
    /// AWS id of the VPC or the hosted zone that it is in.
    pub within: Option<String>,
    /// Its tags, or what asiaq's mark beside it says.
    pub tags: Tags,
    /// What the listing says of its maker, if that is AWS: `default VPC`.
    pub of_aws: Option<String>,
}

/// Whose something is, as far as anything says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "is", content = "named", rename_all = "kebab-case")]
pub enum Keeper {
    /// Nothing says.
    Nobody,
    /// That of another project of asiaq, by its name.
    Project(String),
    /// That of another tool, with what it calls its own: `` CloudFormation stack `web` ``.
    Tool(String),
    /// Made by AWS.
    Aws,
}

/// Something in an account that no program says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmanaged {
    /// Account: twelve digits.
    pub account: String,
    /// AWS region; absent for what belongs to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What it is.
    pub kind: Sort,
    /// AWS id.
    pub id: String,
    /// Its name in AWS, or that in its tag `Name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// AWS id of the VPC or the hosted zone that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Whose it is.
    pub owner: Keeper,
    /// What tells so: `default VPC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Unmanaged {
    /// Whether nothing says whose it is.
    pub fn is_nobodys(&self) -> bool {
        self.owner == Keeper::Nobody
    }
}

/// What is in the accounts of a project that it has not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Others {
    /// Name of the project.
    pub project: String,
    /// How much the project has made.
    pub own: usize,
    /// The rest: by owner, what is nobody's first.
    pub things: Vec<Unmanaged>,
    /// The kinds that could not be listed, by account.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unread: BTreeMap<String, Vec<Unread>>,
}

impl Others {
    /// Nothing yet.
    pub fn of(project: &str) -> Self {
        Self { project: project.to_owned(), own: 0, things: Vec::new(), unread: BTreeMap::new() }
    }

    /// Takes what is in an account.
    pub fn add(&mut self, account: &str, things: Vec<Unmanaged>, own: usize, unread: Vec<Unread>) {
        self.things.extend(things);
        self.things.sort_by(|a, b| (&a.owner, &a.account).cmp(&(&b.owner, &b.account)));
        self.own = self.own.saturating_add(own);
        if !unread.is_empty() {
            self.unread.insert(account.to_owned(), unread);
        }
    }

    /// How much is nobody's.
    pub fn nobodys(&self) -> usize {
        self.things.iter().filter(|one| one.is_nobodys()).count()
    }
}

/// What the project has not made, of everything that an account has: by owner, what is nobody's first. And how much the
/// project has made.
pub fn unmanaged(seen: &[Sighting], project: &str, account: &str) -> (Vec<Unmanaged>, usize) {
    let groups = groups(seen);
    let mut others: Vec<Unmanaged> = seen
        .iter()
        .filter_map(|one| {
            let (owner, note) = owner(one, project, account, &groups)?;
            Some(Unmanaged {
                account: account.to_owned(),
                region: one.region.clone(),
                kind: one.sort,
                id: one.id.clone(),
                name: one.name.clone(),
                within: one.within.clone(),
                owner,
                note,
            })
        })
        .collect();
    let own = seen.len().saturating_sub(others.len());
    others.sort_by(|a, b| {
        let key = |one: &Unmanaged| (one.owner.clone(), one.region.clone(), one.kind);
        key(a).cmp(&key(b)).then_with(|| (&a.name, &a.id).cmp(&(&b.name, &b.id)))
    });
    (others, own)
}

/// The Auto Scaling groups, by region and name.
type Groups<'a> = BTreeMap<(Option<&'a str>, &'a str), &'a Sighting>;

fn groups(seen: &[Sighting]) -> Groups<'_> {
    let groups = seen.iter().filter(|one| one.sort == Sort::Kind(Kind::AutoScalingGroup));
    groups.map(|group| ((group.region.as_deref(), group.id.as_str()), group)).collect()
}

/// Tag that AWS gives an instance of an Auto Scaling group.
const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// Whose a thing is, with what tells so; none if it is the project's. What a group starts is whose the group is.
fn owner(
    one: &Sighting,
    project: &str,
    account: &str,
    groups: &Groups<'_>,
) -> Option<(Keeper, Option<String>)> {
    let group = one.tags.get(GROUP_TAG).filter(|_| one.sort == Sort::Instance);
    let group = group.and_then(|name| groups.get(&(one.region.as_deref(), name.as_str())));
    match group {
        Some(group) => {
            let (keeper, _) = judged(group, project, account)?;
            Some((keeper, Some(format!("of Auto Scaling group `{}`", group.id))))
        }
        None => judged(one, project, account),
    }
}

/// The same, of what is in no group.
fn judged(one: &Sighting, project: &str, account: &str) -> Option<(Keeper, Option<String>)> {
    if let Some(maker) = maker(&one.tags) {
        return match copied_from(one) {
            Some(other) => Some((Keeper::Nobody, Some(format!("its tags were copied from `{other}`")))),
            None if maker == project => None,
            None => Some((Keeper::Project(maker.to_owned()), None)),
        };
    }
    if let Some(Manager::Tool(tool)) = manager(&one.tags, project) {
        return Some((Keeper::Tool(tool), None));
    }
    if let Some(why) = &one.of_aws {
        return Some((Keeper::Aws, Some(why.clone())));
    }
    let guessed = one.name.as_deref().and_then(|name| guess::by_name(one.sort, name, account));
    let half = || {
        one.tags
            .get(PROJECT_TAG)
            .map(|of| format!("it has the tag `{PROJECT_TAG}` of `{of}`, and no address"))
    };
    Some(guessed.unwrap_or_else(|| (Keeper::Nobody, half())))
}

/// The project of asiaq that has made a thing, as its tags say.
fn maker(tags: &Tags) -> Option<&str> {
    let resource = tags.get(PROJECT_TAG).filter(|_| tags.contains_key(ADDRESS_TAG));
    let machine = resource.or_else(|| tags.get(BAKERY_TAG)).map(String::as_str);
    machine.or_else(|| tags.get(TEMPORARY_TAG)?.split(' ').next())
}

/// What the mark in the tags names, if that is another one: the tags came with a copy.
fn copied_from(one: &Sighting) -> Option<&str> {
    let named = one.tags.get(NAME_TAG)?;
    let own = match one.sort.mark() {
        Mark::Name | Mark::NameInVpc => one.name.as_deref(),
        Mark::Id => Some(one.id.as_str()),
        Mark::Zone => one.within.as_deref(),
        Mark::Birth | Mark::Parent => None,
    };
    own.filter(|own| tag_value(own) != *named).map(|_| named.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(sort: Sort, id: &str, tags: &[(&str, &str)]) -> Sighting {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Sighting {
            sort,
            region: Some("us-west-2".to_owned()),
            id: id.to_owned(),
            name: Some(id.to_owned()),
            within: None,
            tags,
            of_aws: None,
        }
    }

    fn owned(sort: Sort, id: &str, project: &str, mark: &str) -> Sighting {
        sighting(sort, id, &[(PROJECT_TAG, project), (ADDRESS_TAG, "ci/x"), (NAME_TAG, mark)])
    }

    fn owners(seen: &[Sighting]) -> Vec<(String, Keeper)> {
        unmanaged(seen, "shop", "123456789012").0.into_iter().map(|one| (one.id, one.owner)).collect()
    }

    #[test]
    fn what_the_project_has_made_is_left_out_and_copies_of_it_are_not() {
        let table = Sort::Kind(Kind::Table);
        let seen = [owned(table, "orders", "shop", "orders"), owned(table, "restored", "shop", "orders")];
        assert_eq!(owners(&seen), [("restored".to_owned(), Keeper::Nobody)]);
        assert_eq!(unmanaged(&seen, "shop", "1").1, 1);
        assert_eq!(owners(&seen[..1]), []);
        let theirs = owned(table, "bills", "books", "bills");
        assert_eq!(owners(&[theirs]), [("bills".to_owned(), Keeper::Project("books".to_owned()))]);
        let bake = sighting(Sort::Instance, "i-1", &[(BAKERY_TAG, "shop")]);
        let volume = sighting(Sort::Volume, "vol-1", &[(TEMPORARY_TAG, "books ci web")]);
        assert_eq!(owners(&[bake, volume]), [("vol-1".to_owned(), Keeper::Project("books".to_owned()))]);
    }

    #[test]
    fn an_instance_is_whose_its_group_is() {
        let group = |id: &str| owned(Sort::Kind(Kind::AutoScalingGroup), id, "shop", id);
        let stack = sighting(
            Sort::Kind(Kind::AutoScalingGroup),
            "theirs",
            &[("aws:cloudformation:stack-name", "web")],
        );
        let instance = |id: &str, group: &str| sighting(Sort::Instance, id, &[(GROUP_TAG, group)]);
        let seen = [
            group("ours"),
            stack,
            instance("i-1", "ours"),
            instance("i-2", "theirs"),
            instance("i-3", "gone"),
        ];
        let stack = Keeper::Tool("CloudFormation stack `web`".to_owned());
        let group = Keeper::Tool("Auto Scaling group `gone`".to_owned());
        let of = |id: &str, keeper: &Keeper| (id.to_owned(), keeper.clone());
        assert_eq!(owners(&seen), [of("i-3", &group), of("theirs", &stack), of("i-2", &stack)]);
    }

    #[test]
    fn nobodys_come_first_and_half_tags_are_said() {
        let default = Sighting {
            of_aws: Some("default VPC".to_owned()),
            ..sighting(Sort::Kind(Kind::Vpc), "vpc-1", &[])
        };
        let half = sighting(Sort::Kind(Kind::Topic), "bells", &[(PROJECT_TAG, "shop")]);
        let (all, _) = unmanaged(&[default, half], "shop", "1");
        assert_eq!(all[0].note.as_deref(), Some("it has the tag `asiaq:project` of `shop`, and no address"));
        assert!(all[0].is_nobodys() && all[1].owner == Keeper::Aws);
    }
}
