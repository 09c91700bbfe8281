//! A service: its actions, resource types and condition keys.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::block;
use super::keys::{Key, KeyType};
use crate::arn::{Arns, arns};
use crate::document::Version;
use crate::{near, pattern};

const TABLE: &str = include_str!("../../../../stdlib/iam.txt");

/// Services that were asked for. There are some hundred at most, so they are kept for good.
static READ: Mutex<BTreeMap<&'static str, &'static Service>> = Mutex::new(BTreeMap::new());

/// What IAM knows of a service.
#[derive(Debug)]
pub struct Service {
    prefix: &'static str,
    keys: Vec<Key>,
    /// The numbers of the keys without a part that varies, in order of their names without case.
    exact: Vec<usize>,
    /// The numbers of the others.
    varied: Vec<usize>,
    types: Vec<ResourceType>,
    shapes: Vec<Shape>,
    /// Names with the numbers of their shapes, in order without case.
    actions: Vec<(&'static str, usize)>,
    /// Actions that are needed besides, and by which, in order.
    needs: Vec<(&'static str, &'static str)>,
}

/// A type of resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// Its name, as in `security-group`.
    pub name: &'static str,
    /// Its ARN with `*` for what varies, as in `arn:*:ec2:*:*:security-group/*`.
    pub arn: String,
    pattern: OnceLock<Arns>,
    keys: Vec<usize>,
}

impl ResourceType {
    /// Its ARN as a pattern.
    pub(crate) fn pattern(&self) -> &Arns {
        self.pattern.get_or_init(|| arns(&self.arn, Version::V2008))
    }
}

/// What several actions have in common.
#[derive(Debug)]
struct Shape {
    level: Option<Level>,
    /// Resource types, and whether each is required.
    types: Vec<(usize, bool)>,
    keys: Vec<usize>,
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Lists resources.
    List,
    /// Reads what is in a resource.
    Read,
    /// Changes tags only.
    Tagging,
    /// Creates, changes or deletes.
    Write,
    /// Grants or changes permissions.
    Permissions,
}

/// An action of a service.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Its service.
    pub service: &'static Service,
    /// Its name without the prefix, as in `RunInstances`; in lower case if its spelling is not known.
    pub name: &'static str,
    shape: usize,
}

/// The service of a prefix, as in `ec2`.
pub fn service(prefix: &str) -> Option<&'static Service> {
    let prefix = prefix.to_ascii_lowercase();
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(service) = read.get(prefix.as_str()) {
        return Some(service);
    }
    let body = block::block(TABLE, &prefix)?;
    let service: &Service = Box::leak(Box::new(Service::read(Box::leak(prefix.into_boxed_str()), body)));
    read.insert(service.prefix, service);
    Some(service)
}

/// The prefixes of all services.
pub fn services() -> impl Iterator<Item = &'static str> {
    block::prefixes(TABLE).filter(|prefix| *prefix != "aws")
}

/// The prefix that one is plainly meant to be.
pub fn service_named_like(prefix: &str) -> Option<&'static str> {
    near::slip(prefix, services())
}

impl Service {
    fn read(prefix: &'static str, body: &'static str) -> Self {
        let mut service = Self {
            prefix,
            keys: vec![],
            exact: vec![],
            varied: vec![],
            types: vec![],
            shapes: vec![],
            actions: vec![],
            needs: vec![],
        };
        for line in body.lines() {
            let mut words = line.split(' ');
            let first = words.next().unwrap_or_default();
            let (mark, first) = first.split_at_checked(1).unwrap_or_default();
            match mark {
                "?" => service.keys.extend(words.map(|name| Key { name, kind: KeyType::read(first) })),
                "+" => service.types.extend(resource_type(prefix, first, words.next(), words.next())),
                "!" => {
                    let shape = Shape::read(first, words.next(), words.next());
                    service.shapes.push(shape);
                    let number = service.shapes.len() - 1;
                    service.actions.extend(words.map(|name| (name, number)));
                }
                ">" => service.needs.extend(words.map(|name| (name, first))),
                _ => {}
            }
        }
        let keys = &service.keys;
        let name = |at: &usize| keys.get(*at).map_or("", |key| key.name);
        (service.varied, service.exact) = (0..keys.len()).partition(|at| name(at).contains('*'));
        service.exact.sort_by(|one, other| without_case(name(one), name(other)));
        service.actions.sort_by(|one, other| without_case(one.0, other.0));
        service.needs.sort_by(|one, other| without_case(one.0, other.0));
        service
    }

    /// Its prefix, as in `ec2`.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// The action of a name without its prefix.
    pub fn action(&'static self, name: &str) -> Option<Action> {
        let at = self.actions.binary_search_by(|known| without_case(known.0, name)).ok()?;
        self.actions.get(at).map(move |(name, shape)| Action { service: self, name, shape: *shape })
    }

    /// All actions, in order.
    pub fn actions(&'static self) -> impl Iterator<Item = Action> {
        self.actions.iter().map(move |(name, shape)| Action { service: self, name, shape: *shape })
    }

    /// The actions whose names a pattern with `*` and `?` matches, in order.
    pub fn matching(&'static self, name: &str) -> impl Iterator<Item = Action> {
        // What comes before the first wildcard bounds the part of the list that has to be looked at.
        let start = name.split(['*', '?']).next().unwrap_or_default().to_owned();
        let from = self.actions.partition_point(|known| without_case(known.0, &start) == Ordering::Less);
        let mine = self.actions.get(from..).unwrap_or_default().iter();
        let has_start = move |known: &&(&str, usize)| {
            known.0.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&start))
        };
        let name = name.to_owned();
        mine.take_while(has_start)
            .filter(move |known| pattern::matches_ignoring_case(&name, known.0))
            .map(move |(name, shape)| Action { service: self, name, shape: *shape })
    }

    /// The action that a name without prefix is plainly meant to be.
    pub fn action_named_like(&self, name: &str) -> Option<&'static str> {
        near::slip(name, self.actions.iter().map(|known| known.0))
    }

    /// The resource types, in order of their names.
    pub fn types(&self) -> &[ResourceType] {
        &self.types
    }

    /// A condition key of the service, by its name with the prefix.
    pub fn key(&self, name: &str) -> Option<Key> {
        self.number_of(name).and_then(|at| self.keys.get(at).copied())
    }

    /// The number of a condition key, by its name with the prefix.
    fn number_of(&self, name: &str) -> Option<usize> {
        let key = |at: usize| self.keys.get(at);
        // Keys of the service itself are without its prefix.
        let own = name.split_once(':').filter(|(prefix, _)| prefix.eq_ignore_ascii_case(self.prefix));
        let names = [own.map(|(_, rest)| rest), Some(name)];
        let exact = names.into_iter().flatten().find_map(|name| {
            let order = |at: &usize| without_case(key(*at).map_or("", |key| key.name), name);
            self.exact.binary_search_by(order).ok().and_then(|found| self.exact.get(found).copied())
        });
        exact.or_else(|| {
            let is_it = |at: &&usize| key(**at).is_some_and(|key| key.is(self.prefix, name));
            self.varied.iter().find(is_it).copied()
        })
    }

    /// All its condition keys, each with its prefix.
    pub fn keys(&self) -> impl Iterator<Item = (String, KeyType)> {
        self.keys.iter().map(|key| (key.full_name(self.prefix), key.kind))
    }
}

impl Action {
    /// The name with its prefix, as in `ec2:RunInstances`.
    pub fn full_name(self) -> String {
        format!("{}:{}", self.service.prefix, self.name)
    }

    fn shape(self) -> Option<&'static Shape> {
        self.service.shapes.get(self.shape)
    }

    /// What the action does; absent if that is not known.
    pub fn level(self) -> Option<Level> {
        self.shape()?.level
    }

    /// The types of resources it takes, and whether it always needs one of them. Without any, a statement has to name
    /// all resources (`*`).
    pub fn types(self) -> impl Iterator<Item = (&'static ResourceType, bool)> {
        let types = self.shape().map(|shape| shape.types.as_slice()).unwrap_or_default();
        types.iter().filter_map(move |(at, is_required)| Some((self.service.types.get(*at)?, *is_required)))
    }

    /// The numbers of the condition keys it takes: its own, and those of its resource types.
    fn numbers(self) -> impl Iterator<Item = usize> {
        let own = self.shape().map(|shape| shape.keys.as_slice()).unwrap_or_default();
        own.iter().chain(self.types().flat_map(|(of, _)| &of.keys)).copied()
    }

    /// The condition keys it takes besides those of all services: its own, and those of its resource types.
    pub fn keys(self) -> impl Iterator<Item = Key> {
        self.numbers().filter_map(move |at| self.service.keys.get(at).copied())
    }

    /// The names of these keys with their prefixes, in order.
    pub fn key_names(self) -> BTreeSet<String> {
        self.keys().map(|key| key.full_name(self.service.prefix)).collect()
    }

    /// The key `name`, with its prefix, if the action takes it; keys of all services are not among them.
    pub fn key(self, name: &str) -> Option<Key> {
        let wanted = self.service.number_of(name)?;
        self.numbers().find(|at| *at == wanted).and_then(|at| self.service.keys.get(at).copied())
    }

    /// Actions, with prefixes, that a caller may need besides, as `iam:PassRole` for `ec2:RunInstances`.
    pub fn needs(self) -> impl Iterator<Item = &'static str> {
        let needs = &self.service.needs;
        let at = needs.binary_search_by(|known| without_case(known.0, self.name)).ok();
        let found = at.and_then(|at| needs.get(at)).map(|(_, needed)| needed.split(','));
        found.into_iter().flatten()
    }
}

impl Shape {
    fn read(level: &str, types: Option<&str>, keys: Option<&str>) -> Self {
        let level = match level {
            "L" => Some(Level::List),
            "R" => Some(Level::Read),
            "T" => Some(Level::Tagging),
            "W" => Some(Level::Write),
            "P" => Some(Level::Permissions),
            _ => None,
        };
        let one = |word: &str| Some((word.trim_end_matches('!').parse().ok()?, word.ends_with('!')));
        let types = types.unwrap_or_default().split(',').filter_map(one).collect();
        Self { level, types, keys: numbers(keys) }
    }
}

/// `1,4,5`; `-` for none.
fn numbers(words: Option<&str>) -> Vec<usize> {
    words.unwrap_or_default().split(',').filter_map(|word| word.parse().ok()).collect()
}

fn resource_type(
    prefix: &str,
    name: &'static str,
    arn: Option<&str>,
    keys: Option<&str>,
) -> Option<ResourceType> {
    let (service, rest) = arn?.split_once(':')?;
    let service = if service.is_empty() { prefix } else { service };
    let arn = format!("arn:*:{service}:{rest}");
    Some(ResourceType { name, arn, pattern: OnceLock::new(), keys: numbers(keys) })
}

fn without_case(one: &str, other: &str) -> Ordering {
    one.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
