//! The accounts of a project, and how a run gets there.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_iam::document::Statement;
use asiaq_ir::Partition;
use asiaq_lang::{Diagnostic, Span, ast};

use super::Provenance;
use super::identity::{self, Arns, Declared, Identity, Statements};
use super::storage::{self, Storage};
use crate::block::Block;
use crate::errors::{self, StsText};
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::{AccountFields, ImageShareFields};
use crate::library::kinds;
use crate::names::{Names, name_span};
use crate::schema::Schemas;
use crate::typing::{ACCOUNT_NAME, Typer, Variables};
use crate::value::Spanned;

/// An account that the project declares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    /// Name in the project.
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Twelve digits.
    pub(crate) id: Resolved<String>,
    /// AWS region of what belongs to no environment.
    pub(crate) region: String,
    /// Profile of the AWS configuration with its credentials.
    pub(crate) profile: Option<Resolved<String>>,
    /// ARN of the role that is assumed in it.
    pub(crate) role: Option<Resolved<String>>,
    /// External ID for the role.
    pub(crate) external_id: Option<Resolved<String>>,
    /// MFA device for the role.
    pub(crate) mfa_serial: Option<Resolved<String>>,
    /// Seconds that a session of the role lasts.
    pub(crate) session: Option<Resolved<u64>>,
    /// Whether to refuse what replaces or loses something.
    pub(crate) protect: Resolved<bool>,
    /// Whether what is not declared may be removed.
    pub(crate) prune: Resolved<bool>,
    /// Further tags of what belongs to no environment.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// With whom its AMIs are shared.
    pub(crate) image_share: Option<ImageShare>,
    /// Policies, and who has them.
    pub(crate) identity: Identity,
    /// Buckets, trails and documents.
    pub(crate) storage: Storage,
    /// What its policies can refer to by name.
    pub(crate) arns: Arns,
    /// What texts about it can insert.
    pub(crate) variables: Variables,
    /// Where every field was set.
    pub(crate) provenance: Provenance,
}

/// With whom the AMIs of an account are shared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ImageShare {
    /// Names of accounts.
    pub(crate) to: Resolved<Vec<Spanned<String>>>,
    /// Values of the tag `baker` of AMIs that may be shared.
    pub(crate) bakers: Resolved<Vec<Spanned<String>>>,
    /// Whether tags are written there too.
    pub(crate) tags: Resolved<bool>,
}

/// The accounts in order of name; `variables` are the project's. One without a sound id is left out.
pub(super) fn of_project(
    schemas: &Schemas,
    names: &Names<'_>,
    variables: &Variables,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Account> {
    let evaluator = |account: &str| {
        let mut variables = variables.clone();
        variables.insert(ACCOUNT_NAME, account.to_owned());
        Evaluator { schemas, names, lineage: Vec::new(), variables }
    };
    let region = variables.get("project.region").map(String::as_str);
    let declared = names.of_kind(kinds::ACCOUNT);
    let mut accounts: Vec<Account> = Vec::new();
    let mut blocks = Vec::new();
    for name in declared {
        let Some(decl) = names.get(kinds::ACCOUNT, name) else { continue };
        // An unknown accounttype has been reported, and what comes from it is not known.
        let Some(chain) = names.whole_chain(decl) else { continue };
        let block = Block::of_chain(&chain);
        if let Some(account) = account(&evaluator(name), name, &block, name_span(decl), region, diagnostics) {
            accounts.push(account);
            blocks.push(block);
        }
    }
    // Policies may name any account and what it keeps, so these come first.
    let ids: Arc<BTreeMap<String, String>> =
        Arc::new(accounts.iter().map(|account| (account.name.clone(), account.id.value.clone())).collect());
    let arns_of = |account: &Account, block: &Block<'_>| {
        let partition = Partition::of(&account.region).name();
        let mut arns = Arns::new(partition, &account.id.value, Arc::clone(&ids));
        storage::add_arns(&mut arns, &account.region, block, &evaluator(&account.name));
        arns
    };
    let all: Vec<Arns> =
        accounts.iter().zip(&blocks).map(|(account, block)| arns_of(account, block)).collect();
    let of_accounts =
        accounts.iter().zip(&all).map(|(account, arns)| (account.name.clone(), arns.declared().clone()));
    let kept: Arc<BTreeMap<String, Declared>> = Arc::new(of_accounts.collect());
    for ((account, block), mut arns) in accounts.iter_mut().zip(&blocks).zip(all) {
        let evaluator = evaluator(&account.name);
        arns.kept = Arc::clone(&kept);
        identity::fill(account, block, &evaluator, arns, diagnostics);
        storage::fill(account, block, &evaluator, diagnostics);
    }
    storage::check_all(&accounts, diagnostics);
    storage::grant_writers(&mut accounts);
    accounts
}

/// What a claim about an account says as a statement; nothing if a part is broken, which is reported.
pub(crate) fn claimed(
    names: &Names<'_>,
    account: &Account,
    claim: &ast::Statement,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Statement<Span>> {
    let mut reader =
        Statements { typer: Typer::new(names, Some(&account.variables)), arns: &account.arns, subject: &[] };
    let found = reader.statement(claim);
    diagnostics.append(&mut reader.typer.diagnostics);
    found
}

fn account(
    evaluator: &Evaluator<'_, '_>,
    name: &str,
    block: &Block<'_>,
    span: Span,
    region: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Account> {
    let fields = Arc::new(evaluator.fields(kinds::ACCOUNT, block, span, diagnostics));
    let mut provenance = Provenance::default();
    provenance.add("", Arc::clone(&fields));
    let of = AccountFields::of(&fields, span);
    let image_share = image_share(evaluator, (name, block), &mut provenance, diagnostics);
    let region = of.region.map(|set| set.value).or_else(|| region.map(str::to_owned)).unwrap_or_default();
    let account = Account {
        name: name.to_owned(),
        span,
        id: of.id?,
        region,
        profile: of.profile,
        role: of.role,
        external_id: of.external_id,
        mfa_serial: of.mfa_serial,
        session: of.session,
        protect: of.protect,
        prune: of.prune,
        tags: of.tags,
        image_share,
        identity: Identity::default(),
        storage: Storage::default(),
        arns: Arns::default(),
        variables: evaluator.variables.clone(),
        provenance,
    };
    // A broken `role` is there, and has been reported.
    check(&account, fields.is_broken(AccountFields::ROLE), diagnostics);
    Some(account)
}

/// The block `image_share` of an account.
fn image_share(
    evaluator: &Evaluator<'_, '_>,
    (name, account): (&str, &Block<'_>),
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ImageShare> {
    let block = account.child(kinds::IMAGE_SHARE, None, &[])?;
    let span = account.last_span(kinds::IMAGE_SHARE, None);
    let fields = Arc::new(evaluator.fields(kinds::IMAGE_SHARE, &block, span, diagnostics));
    provenance.add(kinds::IMAGE_SHARE, Arc::clone(&fields));
    let ImageShareFields { to, bakers, tags } = ImageShareFields::of(&fields, span);
    if let Some(own) = to.value.iter().find(|other| other.value == name) {
        diagnostics.push(errors::shared_with_itself(own.span, name));
    }
    for (set, what) in [(&to, "to"), (&bakers, "bakers")] {
        if set.value.is_empty() && fields.chain(what).is_some() && !fields.is_broken(what) {
            diagnostics.push(errors::shares_nothing(set.span(), what));
        }
    }
    Some(ImageShare { to, bakers, tags })
}

fn check(account: &Account, has_broken_role: bool, diagnostics: &mut Vec<Diagnostic>) {
    if let (Some(profile), Some(role)) = (&account.profile, &account.role) {
        diagnostics.push(errors::profile_and_role(role.span(), profile.span(), &account.name));
    }
    if let Some(profile) = account.profile.as_ref().filter(|profile| profile.value.trim().is_empty()) {
        diagnostics.push(errors::empty_profile(profile.span()));
    }
    if let Some(role) = &account.role {
        match role_account(&role.value, &account.region) {
            Err(why) => {
                let partition = Partition::of(&account.region).name();
                let like = format!("arn:{partition}:iam::{}:role/asiaq", account.id.value);
                diagnostics.push(errors::not_a_role_arn(role.span(), &role.value, &like, &why));
            }
            Ok(of) if of != account.id.value => {
                diagnostics.push(errors::role_of_another_account(
                    role.span(),
                    of,
                    account.id.span(),
                    &account.name,
                ));
            }
            Ok(_) => {}
        }
    } else if !has_broken_role {
        let of_role = [
            (AccountFields::EXTERNAL_ID, account.external_id.as_ref().map(Resolved::span)),
            (AccountFields::MFA_SERIAL, account.mfa_serial.as_ref().map(Resolved::span)),
            (AccountFields::SESSION, account.session.as_ref().map(Resolved::span)),
        ];
        for (field, span) in of_role.into_iter().filter_map(|(field, span)| Some((field, span?))) {
            diagnostics.push(errors::setting_without_role(span, field, account.profile.is_some()));
        }
    }
    let texts = [(&EXTERNAL_ID, &account.external_id), (&MFA_SERIAL, &account.mfa_serial)];
    for (limits, set) in texts {
        diagnostics.extend(set.as_ref().and_then(|set| errors::sts_text(set.span(), limits, &set.value)));
    }
}

/// AWS STS API reference, `AssumeRole`.
const EXTERNAL_ID: StsText =
    StsText { what: "the external ID of a role", least: 2, most: 1224, signs: "+=,.@:/-_" };
const MFA_SERIAL: StsText =
    StsText { what: "the serial number of an MFA device", least: 9, most: 256, signs: "+=/:,.@-_" };

/// The account of a role's ARN, `arn:aws:iam::123456789012:role/asiaq`, or what is wrong with it for an account with
/// resources in `region` (IAM user guide, "IAM identifiers").
fn role_account<'a>(arn: &'a str, region: &str) -> Result<&'a str, String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, rest] = parts.as_slice() else {
        return Err("it does not have the form of one".to_owned());
    };
    if !asiaq_iam::is_account_id(account) {
        return Err(format!("`{account}` is not an account id, which has 12 digits"));
    }
    let expected = Partition::of(region).name();
    if *partition != expected {
        return Err(format!("the region `{region}` is in the partition `{expected}`"));
    }
    let Some(path) = rest.strip_prefix("role/") else {
        return Err(format!("`{rest}` is not the name of a role"));
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_sign) {
        return Err(format!("`{name}` is not the name of a role"));
    }
    if path.len() > 64 + 512 || !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.starts_with('/') {
        return Err(format!("`{path}` is not the path and name of a role"));
    }
    Ok(account)
}
