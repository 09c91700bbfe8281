//! The access keys of a declared user.

use std::path::Path;

use anyhow::{anyhow, bail};
use asiaq_aws::{Aws, KeyStatus};
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Address, Resource, Scope};
use asiaq_runtime::{AccessKey, Accounts, NewAccessKey, Retired};

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Connection, Interrupts, account};
use crate::exit::Result;
use crate::project;
use crate::ui::{self, Format};
use crate::user_keys::UserKeys;

/// A user of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeysRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    /// The name of the user's declaration, or its name in AWS.
    pub(crate) user: &'a str,
    /// The account, if several declare the user.
    pub(crate) account: Option<&'a str>,
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
}

/// A user with its access keys, and the way to it.
#[derive(Debug)]
pub(crate) struct KeySession {
    pub(crate) found: UserKeys,
    region: String,
    aws: Accounts<Aws>,
}

/// Finds the user in the program and in AWS.
pub(crate) async fn user_keys(request: KeysRequest<'_>, interrupts: &Interrupts) -> Result<KeySession> {
    let KeysRequest { path, connection, format, .. } = request;
    let checked = project::named(path, format)?;
    let (address, user) = declared(&checked, request)?;
    let account_name = address.scope().account().unwrap_or_default().to_owned();
    let names = [account_name.clone()];
    let asked = Asked { accounts: &names, ..Asked::default() };
    let Connected { aws, .. } = connect_to_declared(&checked, asked, connection, interrupts).await?;
    let member = aws.of(address.scope());
    let region = checked.declared().accounts.get(&account_name).map(|account| account.region.clone());
    let region = region.unwrap_or_default();
    let account = member.account.clone();
    let found = member.cloud.access_keys(&region, &user, checked.project(), &address).await;
    let found = found.map_err(|error| account::unusable("list the access keys", &error))?;
    let Some(found) = found else {
        return Err(anyhow!(
            "there is no user `{user}` in account {account} yet: run `asiaq apply --account {account_name}`"
        )
        .into());
    };
    if !found.is_own {
        return Err(anyhow!(
            "the user `{user}` in account {account} is somebody else's: it does not have the ownership tags of `{address}`"
        )
        .into());
    }
    let mut keys = found.keys;
    keys.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    let found = UserKeys { account, account_name, user, keys, retired: found.retired };
    Ok(KeySession { found, region, aws })
}

/// The address and the name in AWS of a declared user.
fn declared(checked: &Checked, request: KeysRequest<'_>) -> anyhow::Result<(Address, String)> {
    let ir = checked.declared();
    let asked: Vec<String> = request.account.map(str::to_owned).into_iter().collect();
    project::refuse_unknown_accounts(&asked, ir)?;
    let users = ir.resources.iter().filter_map(|(address, node)| match &node.resource {
        Resource::User(user) => Some((address, user.name.as_str(), address.scope().account()?)),
        _ => None,
    });
    let users: Vec<(&Address, &str, &str)> =
        users.filter(|(.., account)| request.account.is_none_or(|asked| asked == *account)).collect();
    let declared = |address: &Address| address.path().rsplit('/').next().unwrap_or_default().to_owned();
    let meant: Vec<_> = users
        .iter()
        .filter(|(address, name, _)| *name == request.user || declared(address) == request.user)
        .collect();
    match meant.as_slice() {
        [(address, name, _)] => Ok(((*address).clone(), (*name).to_owned())),
        [] => {
            let known: Vec<String> = users.iter().map(|(address, ..)| declared(address)).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let user = request.user;
            match did_you_mean(user, &known) {
                Some(near) => bail!("no account declares a user `{user}`; did you mean `{near}`?"),
                None if known.is_empty() => bail!("there is no user `{user}`: no account declares users"),
                None => bail!("no account declares a user `{user}`; there is {}", ui::listed(&known)),
            }
        }
        several => {
            let accounts: Vec<&str> = several.iter().map(|(.., account)| *account).collect();
            bail!(
                "several accounts declare `{}`: {}; choose one with `--account`",
                request.user,
                ui::listed(&accounts)
            )
        }
    }
}

impl KeySession {
    /// The key with an id.
    pub(crate) fn key(&self, id: &str) -> anyhow::Result<&AccessKey> {
        let known: Vec<&str> = self.found.keys.iter().map(|key| key.id.as_str()).collect();
        let key = self.found.keys.iter().find(|key| key.id == id);
        key.ok_or_else(|| match known.as_slice() {
            [] => anyhow!("`{}` has no access keys", self.found.user),
            known => {
                anyhow!("`{}` has no access key `{id}`; there is {}", self.found.user, ui::listed(known))
            }
        })
    }

    /// Creates a key. It is not interrupted: AWS shows the secret only once.
    pub(crate) async fn create(&self) -> anyhow::Result<NewAccessKey> {
        let made = self.cloud().create_access_key(&self.region, &self.found.user).await;
        made.map_err(|error| {
            let unknown = if error.code.is_empty() {
                format!(
                    "\nthere may be a new key whose secret nobody has seen: look with `asiaq keys list {}`",
                    self.found.user
                )
            } else {
                String::new()
            };
            anyhow!("{}{unknown}", account::unusable("create an access key", &error))
        })
    }

    /// Activates or deactivates a key.
    pub(crate) async fn set(&self, key: &str, status: KeyStatus) -> anyhow::Result<()> {
        let done = self.cloud().set_access_key(&self.region, &self.found.user, key, status).await;
        done.map_err(|error| account::unusable("change the access key", &error))
    }

    /// Removes a key, and the note about it.
    pub(crate) async fn remove(&self, key: &str) -> anyhow::Result<()> {
        let removed = self.cloud().delete_access_key(&self.region, &self.found.user, key).await;
        removed.map_err(|error| account::unusable("remove the access key", &error))?;
        if self.found.retired.as_ref().is_some_and(|retired| retired.key == key) {
            self.note(None).await?;
        }
        Ok(())
    }

    /// Notes at the user that a key is being replaced, and since when it is inactive.
    pub(crate) async fn retire(&self, key: &str, since: Option<i64>) -> anyhow::Result<()> {
        self.note(Some(&Retired { key: key.to_owned(), since })).await
    }

    async fn note(&self, note: Option<&Retired>) -> anyhow::Result<()> {
        let noted = self.cloud().note_retired(&self.region, &self.found.user, note).await;
        noted.map_err(|error| account::unusable("tag the user", &error))
    }

    fn cloud(&self) -> &Aws {
        &self.aws.of(Scope::account(&self.found.account_name).borrowed()).cloud
    }
}
