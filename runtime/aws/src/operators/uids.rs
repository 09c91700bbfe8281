//! Numbers of operators and their groups: none is used twice, also not that of an account that is no longer active.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use asiaq_runtime::{CloudError, Result};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::sync::{Mutex, MutexGuard};

use super::account_file::{GROUP, USER};
use super::store::{AT_ONCE, Listed, Store};

/// The first number that is given out.
const FIRST: u32 = 2000;

/// The numbers in objects that were read, by the tag of their content. Who holds it is the only one of this process that
/// chooses a number and writes it.
type Known = BTreeMap<String, Option<u32>>;

static CHOOSING: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The right to choose a number. It ends when the object with the number is written.
pub(crate) struct Choice(MutexGuard<'static, Known>);

/// The numbers of the accounts and groups in a bucket, by name.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) users: BTreeMap<String, u32>,
    pub(crate) groups: BTreeMap<String, u32>,
    /// The groups that are there, also those without a number.
    pub(crate) group_names: BTreeSet<String>,
}

impl Choice {
    pub(crate) async fn begin() -> Self {
        Self(CHOOSING.lock().await)
    }

    /// Reads what the accounts and groups of a bucket have.
    pub(crate) async fn taken(&mut self, store: Store<'_>) -> Result<Taken> {
        let listed = store.list().await?;
        let unknown = listed.iter().filter(|one| !self.0.contains_key(&content(one)));
        let reads = unknown.map(|one| async move {
            let id = store.get(&one.key).await?.and_then(|stored| stored.file.id(section(one)));
            Ok::<_, CloudError>((content(one), id))
        });
        let read: Vec<(String, Option<u32>)> =
            stream::iter(reads.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        self.0.extend(read);
        let id = |one: &Listed| self.0.get(&content(one)).copied().flatten();
        let mut taken = Taken::default();
        for one in &listed {
            if let (Some(name), Some(id)) = (one.operator(), id(one)) {
                taken.users.insert(name.to_owned(), id);
            } else if let Some(name) = one.group() {
                taken.group_names.insert(name.to_owned());
                taken.groups.extend(id(one).map(|id| (name.to_owned(), id)));
            }
        }
        Ok(taken)
    }
}

/// The section with the number of an object.
fn section(one: &Listed) -> &'static str {
    if one.group().is_some() { GROUP } else { USER }
}

/// What tells an object with the same number: its section and its content.
fn content(one: &Listed) -> String {
    format!("{} {}", section(one), one.etag)
}

impl Taken {
    /// The account that has a number, other than `name`.
    pub(crate) fn holder(&self, uid: u32, name: &str) -> Option<&str> {
        let mut others = self.users.iter().filter(|(other, _)| *other != name);
        others.find(|(_, taken)| **taken == uid).map(|(other, _)| other.as_str())
    }

    /// The lowest number that neither another account nor another group has.
    pub(crate) fn free(&self, name: &str) -> u32 {
        let others = self.users.iter().chain(&self.groups).filter(|(other, _)| *other != name);
        let taken: BTreeSet<u32> = others.map(|(_, id)| *id).collect();
        (FIRST..=u32::MAX).find(|number| !taken.contains(number)).unwrap_or(FIRST)
    }

    /// The number of the group of an account: that of the account if no other group has it.
    pub(crate) fn gid(&self, name: &str, uid: u32) -> u32 {
        let is_taken = self.groups.iter().any(|(other, id)| other != name && *id == uid);
        if is_taken { self.free(name) } else { uid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_lowest_free_ones() {
        let pairs =
            |pairs: &[(&str, u32)]| pairs.iter().map(|(name, id)| ((*name).to_owned(), *id)).collect();
        let taken = Taken {
            users: pairs(&[("anna", 2000), ("ben", 2002)]),
            groups: pairs(&[("anna", 2000), ("ops", 2001), ("eve", 2003)]),
            group_names: BTreeSet::new(),
        };
        assert_eq!(taken.free("carl"), 2004);
        assert_eq!(taken.free("eve"), 2003, "that of its own group");
        assert_eq!(taken.free("anna"), 2000, "its own");
        assert_eq!(taken.holder(2002, "carl"), Some("ben"));
        assert_eq!(taken.holder(2002, "ben"), None);
        assert_eq!((taken.gid("carl", 2001), taken.gid("carl", 2017)), (2004, 2017));
    }
}
