//! The accounts of a run: whose credentials each needs, and which of them can be used.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Error, anyhow};
use asiaq_aws::{AssumedRole, Aws, Options, Timeouts};
use asiaq_ir::{Account, Address, Ir, Resource, Scope, ScopeRef};
use asiaq_runtime::{Accounts, Cloud as _, Fault, Identity, Member};

use super::account::{connect, no_profile, unusable};
use super::reached::{Failed, Reached};
use super::{Connection, Interrupts, Log, consent, holder};
use crate::exit::{Halt, Result};
use crate::identities::Way;
use crate::project::refuse_unknown_accounts;
use crate::ui;

/// Seconds that a session lasts where neither the program nor the call says it (AWS STS API reference, `AssumeRole`).
const USUAL_SESSION: u64 = 3600;

/// What a command is about: the names of environments and accounts; everything if both are empty.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) envs: &'a [String],
    pub(crate) accounts: &'a [String],
    /// Regions to read in addition to those of the program.
    pub(crate) also_regions: &'a [String],
}

impl Asked<'_> {
    /// The named scopes.
    pub(super) fn scopes(&self) -> BTreeSet<Scope> {
        let envs = self.envs.iter().map(|name| Scope::environment(name));
        envs.chain(self.accounts.iter().map(|name| Scope::account(name))).collect()
    }
}

/// The accounts that a run works on.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) aws: Accounts<Aws>,
    /// The identity in the first account.
    pub(crate) identity: Identity,
    pub(super) reached: Reached,
}

/// The ways to the accounts of a program.
pub(crate) struct Ways<'a> {
    pub(crate) connection: &'a Connection,
    /// A region of the program, for calls that belong to none.
    pub(crate) usual: Option<String>,
    pub(crate) log: &'a Log,
    pub(crate) interrupts: &'a Interrupts,
}

impl Ways<'_> {
    /// Connects with the caller's credentials.
    pub(crate) async fn caller(&self) -> anyhow::Result<(Aws, Identity)> {
        connect(self.connection, self.usual.clone(), self.log).await
    }

    /// Connects to an account that names a profile or a role, and asserts its id. `caller` assumes the role.
    pub(crate) async fn declared(
        &self,
        name: &str,
        account: &Account,
        caller: Option<&anyhow::Result<(Aws, Identity)>>,
    ) -> Result<(Aws, Identity)> {
        let connected = match Way::of(account) {
            Way::Caller => Err(anyhow!("account `{name}` has neither `profile` nor `role`").into()),
            Way::Profile(profile) => self.profile(profile, account).await,
            Way::Role(_) => self.role(name, account, caller).await,
        };
        let (aws, identity) = connected?;
        if identity.account != account.id {
            return Err(anyhow!(
                "these credentials are those of `{}` in account {}; {}",
                identity.arn,
                identity.account,
                match Way::of(account) {
                    Way::Profile(profile) =>
                        format!("let profile `{profile}` get to account {}, or correct `id`", account.id),
                    Way::Role(_) | Way::Caller => format!("the program says that `{name}` is {}", account.id),
                }
            )
            .into());
        }
        Ok((aws, identity))
    }

    async fn profile(&self, profile: &str, account: &Account) -> Result<(Aws, Identity)> {
        let options = Options {
            profile: Some(profile.to_owned()),
            usual_region: Some(account.region.clone()),
            endpoint_url: self.connection.endpoint_url.clone(),
            observer: self.log.observer(),
            ..Options::default()
        };
        let aws = Aws::connect(options).await.map_err(|error| no_profile(&error))?;
        match aws.identity().await {
            Ok(identity) => Ok((aws, identity)),
            Err(error) if error.fault == Fault::Denied && error.code.is_empty() => {
                Err(anyhow!("profile `{profile}` has no usable credentials: {}", error.message).into())
            }
            Err(error) => {
                Err(anyhow!("profile `{profile}`: {}", unusable("identify the caller", &error)).into())
            }
        }
    }

    async fn role(
        &self,
        name: &str,
        account: &Account,
        caller: Option<&anyhow::Result<(Aws, Identity)>>,
    ) -> Result<(Aws, Identity)> {
        let role = AssumedRole {
            arn: account.role.clone().unwrap_or_default(),
            external_id: account.external_id.clone(),
            mfa_serial: account.mfa_serial.clone(),
            session: account.session,
            session_name: session_name(),
        };
        let arn = role.arn.clone();
        let (aws, caller) = match caller {
            Some(Ok((aws, identity))) => (aws, &identity.arn),
            Some(Err(error)) => {
                return Err(anyhow!("the caller has to assume `{arn}`, and {error}").into());
            }
            None => return Err(anyhow!("the caller has to assume `{arn}`, and is not known").into()),
        };
        let mut code = None;
        if let Some(device) = role.mfa_serial.as_ref().filter(|_| role.needs_code()) {
            let question = format!("Code of the MFA device {device}, for account `{name}`: ");
            code = consent::answer(question, self.interrupts).await?.map(|code| code.trim().to_owned());
            if code.is_none() {
                return Err(anyhow!(
                    "`{arn}` needs a code of the MFA device `{device}`, and there is no terminal to ask for it: run \
                     asiaq on a terminal, or write a `profile` that has the credentials"
                )
                .into());
            }
        }
        let observer = self.log.observer();
        let assumed = aws.assume(role, code.as_deref(), Timeouts::default(), observer).await;
        let assumed = assumed.map_err(|error| cannot_assume(&arn, caller, &error))?;
        if code.is_some() {
            ui::say(&lasts(name, account));
        }
        let identity = assumed.identity().await.map_err(|error| unusable("identify the caller", &error))?;
        Ok((assumed, identity))
    }
}

/// How long a run can work in an account whose session cannot be renewed.
fn lasts(name: &str, account: &Account) -> String {
    let minutes = account.session.unwrap_or(USUAL_SESSION) / 60;
    format!(
        "the session in account `{name}` lasts {minutes} minutes, and cannot be renewed without another code; a run that \
         takes longer stops there, and the next one continues\n"
    )
}

fn cannot_assume(arn: &str, caller: &str, error: &asiaq_runtime::CloudError) -> Error {
    let way_out = if error.fault == Fault::Denied && !error.code.is_empty() {
        format!(
            "\nthe trust policy of the role has to allow `sts:AssumeRole` to `{caller}`, with the external ID and MFA \
             that it asks for, and a policy of the caller has to allow it too"
        )
    } else {
        String::new()
    };
    anyhow!("`{caller}` cannot assume `{arn}`: {error}{way_out}")
}

/// The name of the session of an assumed role: asiaq, and who runs it.
fn session_name() -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    let owner = holder::owner();
    let owner = owner.chars().map(|c| if is_allowed(c) { c } else { '-' });
    "asiaq-".chars().chain(owner).take(64).collect()
}

/// Connects to the accounts of what is asked for, and asserts the id of each. Fails if none can be used.
pub(crate) async fn reach(
    ir: &Ir,
    home: Option<String>,
    asked: Asked<'_>,
    ways: &Ways<'_>,
) -> Result<Connected> {
    refuse_unknown_accounts(asked.accounts, ir)?;
    let play = Play::of(ir, asked);
    let needs_caller = play.has_homeless
        || play.accounts.iter().any(|name| {
            ir.accounts.get(*name).is_none_or(|account| !matches!(Way::of(account), Way::Profile(_)))
        });
    let caller = if needs_caller { Some(ways.caller().await) } else { None };
    let holders = ir.own_resources().keys().map(|name| Scope::account(name)).collect();
    let mut reached = Reached { holders, guests: guests(ir, asked), ..Reached::default() };
    let (mut of_caller, mut members) = (play.homeless.clone(), Vec::new());
    let mut regions = if play.has_homeless { regions_of(ir, &of_caller) } else { BTreeSet::new() };
    let mut is_used = play.has_homeless;
    for name in &play.accounts {
        let Some(account) = ir.accounts.get(*name) else { continue };
        let scopes = scopes_of(ir, name);
        let mut read = regions_of(ir, &scopes);
        read.insert(account.region.clone());
        read.extend(regions_of_guests(ir, name));
        if Way::of(account) == Way::Caller {
            match &caller {
                Some(Ok((_, identity))) if identity.account == account.id => {
                    of_caller.extend(scopes);
                    regions.extend(read);
                    is_used = true;
                }
                // The error is that of the caller.
                Some(Err(_)) => is_used = true,
                Some(Ok(_)) | None => {
                    reached.elsewhere.extend(scopes.into_iter().map(|scope| (scope, account.id.clone())));
                }
            }
            continue;
        }
        match ways.declared(name, account, caller.as_ref()).await {
            Ok((aws, identity)) => {
                reached.here.extend(scopes.iter().cloned());
                read.extend(asked.also_regions.iter().cloned());
                let zones = zones_of(ir, |named| named == Some(name));
                members.push((
                    Member { cloud: aws, account: account.id.clone(), regions: read, scopes, zones },
                    identity,
                ));
            }
            Err(Halt::External(error)) => {
                let why = format!("account `{name}` ({}): {error}", account.id);
                let guests = reached.guests_of(&account.id);
                reached.failed.push(Failed { scopes, guests, why });
            }
            Err(halt) => return Err(halt),
        }
    }
    match caller {
        Some(Ok((aws, identity))) => {
            reached.caller = Some(identity.account.clone());
            if is_used {
                regions.extend(home);
                regions.extend(asked.also_regions.iter().cloned());
                reached.here.extend(of_caller.iter().cloned());
                let account = identity.account.clone();
                let is_caller = |name: &str| {
                    ir.accounts.get(name).is_some_and(|one| Way::of(one) == Way::Caller && one.id == account)
                };
                let zones = zones_of(ir, |named| named.is_none_or(is_caller));
                let member = Member { cloud: aws, account, regions, scopes: of_caller, zones };
                members.insert(0, (member, identity));
            }
        }
        Some(Err(error)) if is_used && members.is_empty() => return Err(error.into()),
        Some(Err(error)) if is_used => {
            let scopes = play.of_caller(ir);
            reached.failed.push(Failed { scopes, guests: BTreeSet::new(), why: error.to_string() });
        }
        Some(Err(_)) | None => {}
    }
    let mut members = members.into_iter();
    let Some((first, identity)) = members.next() else {
        reached.refuse_elsewhere(&asked.scopes())?;
        return Err(reached.nothing().into());
    };
    let aws = Accounts::new(first, members.map(|(member, _)| member).collect());
    reached.used = aws.members().map(|member| member.account.clone()).collect();
    let known: Vec<(&str, &Aws, &BTreeSet<Scope>)> =
        aws.members().map(|member| (member.account.as_str(), &member.cloud, &member.scopes)).collect();
    if known.len() > 1 {
        Aws::introduce(&known);
    }
    reached.failed.iter().for_each(|failed| failed.report(&reached.holders));
    Ok(Connected { aws, identity, reached })
}

/// The accounts that a command has to get to.
struct Play<'a> {
    accounts: BTreeSet<&'a str>,
    /// Environments without an account.
    homeless: BTreeSet<Scope>,
    /// Whether something may be in the caller's account.
    has_homeless: bool,
}

impl<'a> Play<'a> {
    fn of(ir: &'a Ir, asked: Asked<'a>) -> Self {
        let homeless = || {
            let all = ir.environments.iter().filter(|(_, env)| env.account_name.is_none());
            all.map(|(name, _)| Scope::environment(name)).collect::<BTreeSet<_>>()
        };
        let all = || ir.accounts.keys().map(String::as_str).collect::<BTreeSet<_>>();
        let names = asked.scopes();
        let is_unknown = |scope: &Scope| !ir.declares(scope.borrowed());
        if names.is_empty() || names.iter().any(is_unknown) {
            // What is not declared any more may be in every account.
            let homeless = homeless();
            let has_homeless = !names.is_empty() || !homeless.is_empty() || ir.accounts.is_empty();
            return Self { accounts: all(), has_homeless, homeless };
        }
        let mut envs: BTreeSet<&str> = asked.envs.iter().map(String::as_str).collect();
        let joined = ir.resources.iter().filter(|(_, node)| node.resource.joined().next().is_some());
        let joined = joined.map(|(address, node)| (address.env(), node.resource.joined_addresses()));
        for (env, ends) in joined.collect::<Vec<_>>() {
            let both: BTreeSet<&str> = ends.map(Address::env).chain([env]).collect();
            if asked.envs.iter().any(|asked| both.contains(asked.as_str())) {
                envs.extend(both);
            }
        }
        let mut accounts: BTreeSet<&str> = asked.accounts.iter().map(String::as_str).collect();
        let mut has_homeless = false;
        for env in envs.iter().filter_map(|env| ir.environments.get(*env)) {
            match &env.account_name {
                Some(name) => drop(accounts.insert(name)),
                None => has_homeless = true,
            }
        }
        let lent = ir.elsewhere.iter().filter(|(address, _)| envs.contains(address.env()));
        accounts.extend(lent.map(|(_, name)| name.as_str()));
        Self { accounts, homeless: homeless(), has_homeless }
    }

    /// What is in the caller's account, as far as the program says.
    fn of_caller(&self, ir: &Ir) -> BTreeSet<Scope> {
        let ways = self.accounts.iter().filter_map(|name| Some((*name, ir.accounts.get(*name)?)));
        let own = ways.filter(|(_, account)| Way::of(account) == Way::Caller);
        own.flat_map(|(name, _)| scopes_of(ir, name)).chain(self.homeless.iter().cloned()).collect()
    }
}

/// The scopes of an account: its environments, and itself.
fn scopes_of(ir: &Ir, name: &str) -> BTreeSet<Scope> {
    let is_of = |env: &asiaq_ir::Environment| env.account_name.as_deref() == Some(name);
    let envs = ir.environments.iter().filter(|(_, env)| is_of(env)).map(|(env, _)| Scope::environment(env));
    envs.chain([Scope::account(name)]).collect()
}

/// The hosted zones of the accounts that `is_meant` accepts by name; one without a name is in that of the caller.
fn zones_of(ir: &Ir, is_meant: impl Fn(Option<&str>) -> bool) -> BTreeSet<Address> {
    let zones = ir.resources.iter().filter(|(_, node)| matches!(node.resource, Resource::HostedZone(_)));
    let zones = zones.map(|(address, _)| address).filter(|address| is_meant(ir.account_name_of(address)));
    zones.cloned().collect()
}

/// What is in another account than its environment, of what is asked for, with the id of that account.
fn guests(ir: &Ir, asked: Asked<'_>) -> BTreeMap<Address, String> {
    let (scopes, all) = (asked.scopes(), &ir.elsewhere);
    let is_asked = |address: &Address| scopes.is_empty() || scopes.contains(address.scope().as_str());
    let guests = all.iter().filter(|(address, _)| is_asked(address));
    guests.filter_map(|(address, name)| Some((address.clone(), ir.accounts.get(name)?.id.clone()))).collect()
}

/// The regions of the environments that have something in an account.
fn regions_of_guests<'a>(ir: &'a Ir, account: &'a str) -> impl Iterator<Item = String> + 'a {
    let guests = ir.elsewhere.iter().filter(move |(_, name)| *name == account);
    guests.filter_map(|(address, _)| Some(ir.resources.get(address)?.region.clone()))
}

/// The regions of environments.
fn regions_of(ir: &Ir, scopes: &BTreeSet<Scope>) -> BTreeSet<String> {
    let region = |scope: ScopeRef<'_>| Some(ir.environments.get(scope.environment()?)?.region.clone());
    scopes.iter().filter_map(|scope| region(scope.borrowed())).collect()
}

#[cfg(test)]
mod tests {
    use asiaq_compiler::{Files, Workspace, check};

    use super::*;

    struct Text(&'static str);

    impl Files for Text {
        fn read(&self, _: &str) -> std::result::Result<String, String> {
            Ok(self.0.to_owned())
        }
    }

    const PROGRAM: &str = "project p { region = us-west-2 }
account one   { id = \"111111111111\" }
account two   { id = \"222222222222\", profile = \"two\", region = eu-west-2 }
account three { id = \"333333333333\", profile = \"three\" }
env a { cidr = 10.0.0.0/20, region = eu-west-1, account = one, metanetwork web {} }
env b { cidr = 10.1.0.0/20, region = eu-west-1, account = two, metanetwork web {} }
env c { cidr = 10.2.0.0/20, region = eu-west-3 }
env d { cidr = 10.3.0.0/20, account = three }
peering ab = a/web <-> b/web
";

    /// The accounts that a command with these names has to get to, `-` for the caller's.
    fn accounts(envs: &[&str], accounts: &[&str]) -> String {
        let checked = check(Workspace::load(&["p.asq".to_owned()], &Text(PROGRAM)).unwrap());
        assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (envs, accounts) = (owned(envs), owned(accounts));
        let asked = Asked { envs: &envs, accounts: &accounts, also_regions: &[] };
        let play = Play::of(checked.declared(), asked);
        let homeless = play.has_homeless.then_some("-");
        homeless.into_iter().chain(play.accounts).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_command_gets_to_the_accounts_of_what_it_names_and_of_what_that_is_joined_to() {
        assert_eq!(accounts(&[], &[]), "- one three two");
        assert_eq!(accounts(&["a"], &[]), "one two");
        assert_eq!(accounts(&["b"], &[]), "one two");
        assert_eq!(accounts(&["c"], &[]), "-");
        assert_eq!(accounts(&["d"], &[]), "three");
        assert_eq!(accounts(&[], &["two"]), "two");
        assert_eq!(accounts(&["d"], &["two"]), "three two");
        // It may live in any account.
        assert_eq!(accounts(&["gone"], &[]), "- one three two");
    }

    #[test]
    fn an_account_is_read_in_the_regions_of_its_environments() {
        let checked = check(Workspace::load(&["p.asq".to_owned()], &Text(PROGRAM)).unwrap());
        let regions = |name| regions_of(checked.declared(), &scopes_of(checked.declared(), name));
        assert_eq!(regions("two"), BTreeSet::from(["eu-west-1".to_owned()]));
        assert_eq!(regions("three"), BTreeSet::from(["us-west-2".to_owned()]));
    }
}
