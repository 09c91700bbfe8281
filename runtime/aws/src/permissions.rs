//! Minimal IAM policies of a project, for a plan, an apply or a destroy.
//!
//! The files of a kind declare the operations that they call ([`IamActions`]); here these become statements. What an action can
//! be narrowed to is from the Service Authorization Reference; where that is not certain, a statement is as wide
//! as AWS makes it.

mod statement;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Home, Ir, Kind, Needs, ScopeKind, SecretStore};

use crate::operation::{Access, IamActions, Operation};
use crate::{
    access_keys, assumed_role, bakes, caches, caller, chaos, credentials, databases, deploys, fleet, images,
    key_pairs, kinds, leases, log_events, machines, operators, principals, quotas, run_commands, search,
    secrets, snapshots, tables, tag_index,
};
pub use statement::{Policy, Statement};

/// The command that a policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `asiaq plan`, which changes nothing.
    Plan,
    /// `asiaq show`, which changes nothing and reads no leases, and `asiaq hosts`.
    Show,
    /// `asiaq status`, which lists instances and makes a plan.
    Status,
    /// `asiaq ssh` and `asiaq exec`.
    Ssh,
    /// `asiaq exec --ssm`.
    Ssm,
    /// `asiaq tail`.
    Tail,
    /// `asiaq stop`, `asiaq terminate` and `asiaq tag`.
    Terminate,
    /// `asiaq apply`, which creates, updates and deletes resources.
    Apply,
    /// `asiaq destroy`.
    Destroy,
    /// `asiaq adopt`, which writes tags and marks.
    Adopt,
    /// `asiaq limits`, which changes nothing.
    Limits,
    /// `asiaq iam`, which changes nothing.
    Iam,
    /// `asiaq unmanaged`, which changes nothing.
    Unmanaged,
    /// `asiaq keys`, which changes the access keys of users.
    Keys,
    /// `asiaq database`, which reboots databases and deletes snapshots.
    Database,
    /// `asiaq search`, which sends requests to search domains.
    Search,
    /// `asiaq cache`, which takes snapshots.
    Cache,
    /// `asiaq table`, which takes backups, restores them and exports tables.
    Table,
    /// `asiaq operator`, which writes passwords.
    Operator,
    /// `asiaq bake`, which starts instances and makes images.
    Bake,
    /// `asiaq deploy` and `asiaq test`, which do what an apply does, and promote images.
    Deploy,
    /// `asiaq sandbox`, which does what an apply and a destroy do.
    Sandbox,
    /// `asiaq image`, which tags and deletes images.
    Image,
    /// `asiaq secret`, `asiaq config` and `asiaq keypair`, which read and write secrets.
    Secret,
    /// `asiaq chaos`, which terminates instances.
    Chaos,
    /// `asiaq snapshot`, which makes, tags and deletes snapshots of disks.
    Snapshot,
}

impl Purpose {
    /// Whether it is about what exists of one kind, and makes nothing.
    fn is_of_one_kind(self) -> bool {
        matches!(
            self,
            Self::Iam
                | Self::Unmanaged
                | Self::Keys
                | Self::Database
                | Self::Search
                | Self::Cache
                | Self::Table
                | Self::Operator
                | Self::Image
                | Self::Bake
                | Self::Ssh
                | Self::Ssm
                | Self::Tail
                | Self::Terminate
                | Self::Secret
                | Self::Chaos
                | Self::Snapshot
        )
    }
}

/// The least policy for the resources of `ir`, whose program `needs` these facts of the account: several documents
/// where one would be longer than a managed policy may be.
///
/// Every kind may be listed, since a resource that is no longer declared may exist; what belongs to accounts, if anything
/// of an account is declared. What a listing does not say is read only of kinds that the project [may have](may_have).
/// Write actions are those of the kinds in `ir`. `sts:GetCallerIdentity` needs no permission.
pub fn permissions(ir: &Ir, needs: &Needs, purpose: Purpose) -> Vec<Policy> {
    if purpose == Purpose::Deploy {
        let mut all = actions(ir, needs, Purpose::Apply);
        let more = deploys::MORE
            .iter()
            .copied()
            .flatten()
            .map(|operation| (operation.action, operation.service.home));
        all.extend(more);
        if needs.shares_images {
            let shares = [images::SHARES, images::SHARING].into_iter().flatten();
            all.extend(shares.map(|operation| (operation.action, operation.service.home)));
        }
        return statement::documents(&all, ir, Purpose::Apply);
    }
    if purpose == Purpose::Sandbox {
        let mut all = actions(ir, needs, Purpose::Apply);
        all.extend(actions(ir, needs, Purpose::Destroy));
        return statement::documents(&all, ir, Purpose::Apply);
    }
    statement::documents(&actions(ir, needs, purpose), ir, purpose)
}

/// The actions, each with the home of its service.
fn actions(ir: &Ir, needs: &Needs, purpose: Purpose) -> BTreeMap<&'static str, Home> {
    let declared: BTreeSet<Kind> = ir.resources.values().map(|node| node.resource.kind()).collect();
    let listed = Kind::ALL
        .iter()
        .filter(|kind| kind.schema().scope == ScopeKind::Environment || !needs.accounts.is_empty())
        .filter(|_| !purpose.is_of_one_kind());
    let kinds =
        listed.map(|kind| (kinds::actions(*kind), may_have(ir, needs, *kind), declared.contains(kind)));
    let others = beside_kinds(purpose);
    let seen = if purpose == Purpose::Unmanaged { kinds::census::OPS } else { &[] };
    let is_allowed = |access: Access, may_have: bool, is_declared: bool| match access {
        Access::Read => true,
        Access::Own => may_have,
        Access::Fact(need) => needs.contains(need),
        Access::Write => is_declared && !only_reads(purpose) && purpose != Purpose::Destroy,
        Access::Delete => {
            let deletes =
                [Purpose::Apply, Purpose::Destroy, Purpose::Terminate, Purpose::Chaos, Purpose::Adopt];
            is_declared && deletes.contains(&purpose)
        }
        Access::Free => false,
    };
    let mut actions = BTreeMap::new();
    for (operations, may_have, is_declared) in kinds.chain([(others, true, true), (seen, true, true)]) {
        let operations = operations.iter().copied().flatten();
        let needed = operations.filter(|one| is_allowed(one.access, may_have, is_declared));
        let needed = needed.filter(|one| purpose != Purpose::Adopt || only_marks(one));
        actions.extend(needed.map(|operation| (operation.action, operation.service.home)));
    }
    if purpose == Purpose::Image && needs.shares_images {
        actions.extend(images::SHARES.iter().map(|operation| (operation.action, operation.service.home)));
    }
    if ir.accounts.values().any(|account| account.prune) {
        let prunes: IamActions = match purpose {
            Purpose::Apply => principals::PRUNING,
            Purpose::Plan | Purpose::Status => &[principals::READS],
            _ => &[],
        };
        let removes = |one: &&Operation| matches!(one.access, Access::Read | Access::Own | Access::Delete);
        let needed = prunes.iter().copied().flatten().filter(removes);
        actions.extend(needed.map(|operation| (operation.action, operation.service.home)));
    }
    // The caller hands the role of the snapshots to a search domain, which IAM knows no service for.
    if purpose == Purpose::Search || purpose == Purpose::Bake && needs.bakes_with_profile {
        actions.insert(statement::PASS_ROLE, Home::Global);
    } else if statement::role_takers(ir, purpose).is_empty() {
        actions.remove(statement::PASS_ROLE);
    } else if purpose == Purpose::Apply {
        actions.insert(statement::PASS_ROLE, Home::Global);
    }
    if purpose == Purpose::Secret {
        let stores: BTreeSet<&str> =
            ir.environments.values().filter_map(|env| env.secrets.as_ref()).map(service_of).collect();
        let is_of =
            |action: &str| action.split_once(':').is_some_and(|(service, _)| stores.contains(service));
        actions.retain(|action, _| !statement::is_of_stores(action) || is_of(action));
    } else if purpose != Purpose::Operator {
        for action in statement::unneeded_reads(ir, only_reads(purpose)) {
            actions.remove(action);
        }
    }
    if statement::linked(ir).is_empty() {
        actions.remove(statement::MAKE_LINKED_ROLE);
    }
    if ir.accounts.values().any(|account| account.role.is_some()) {
        actions.insert(statement::ASSUME_ROLE, Home::Global);
    }
    actions
}

/// The service of a store of secrets, as IAM calls it.
fn service_of(store: &SecretStore) -> &'static str {
    match store {
        SecretStore::Bucket(_) => "s3",
        SecretStore::Parameters(_) => "ssm",
        SecretStore::SecretsManager(_) => "secretsmanager",
    }
}

/// Whether a command changes nothing.
fn only_reads(purpose: Purpose) -> bool {
    matches!(
        purpose,
        Purpose::Plan
            | Purpose::Show
            | Purpose::Status
            | Purpose::Ssh
            | Purpose::Tail
            | Purpose::Limits
            | Purpose::Iam
            | Purpose::Unmanaged
    )
}

/// What a command calls beside the operations of kinds.
fn beside_kinds(purpose: Purpose) -> IamActions {
    match purpose {
        Purpose::Show => &[caller::OPS, assumed_role::OPS, tag_index::OPS, fleet::READS],
        Purpose::Limits => {
            &[caller::OPS, assumed_role::OPS, tag_index::OPS, quotas::OPS, quotas::USAGE, quotas::READS]
        }
        Purpose::Iam => &[caller::OPS, assumed_role::OPS, principals::READS],
        Purpose::Unmanaged => &[caller::OPS, assumed_role::OPS],
        Purpose::Keys => &[caller::OPS, assumed_role::OPS, access_keys::OPS, access_keys::MORE],
        Purpose::Database => &[caller::OPS, assumed_role::OPS, databases::OPS, databases::MORE],
        Purpose::Search => &[caller::OPS, assumed_role::OPS, search::OPS, search::MORE],
        Purpose::Cache => &[caller::OPS, assumed_role::OPS, caches::OPS, caches::MORE],
        Purpose::Table => &[caller::OPS, assumed_role::OPS, tag_index::OPS, tables::OPS, tables::MORE],
        Purpose::Operator => &[caller::OPS, assumed_role::OPS, operators::OPS],
        Purpose::Bake => &[caller::OPS, assumed_role::OPS, bakes::OPS, bakes::MORE],
        Purpose::Image => &[caller::OPS, assumed_role::OPS, images::OPS, images::USES, images::MORE],
        Purpose::Secret => &[
            caller::OPS,
            assumed_role::OPS,
            credentials::OPS,
            secrets::BUCKETS,
            secrets::PARAMETERS,
            secrets::MANAGED,
            key_pairs::MORE,
        ],
        Purpose::Chaos => &[caller::OPS, assumed_role::OPS, leases::OPS, chaos::MORE],
        Purpose::Snapshot => {
            &[caller::OPS, assumed_role::OPS, fleet::READS, fleet::REACHES, snapshots::OPS, snapshots::MORE]
        }
        Purpose::Ssh => &[caller::OPS, assumed_role::OPS, fleet::READS, fleet::LISTS, fleet::REACHES],
        Purpose::Tail => &[caller::OPS, assumed_role::OPS, log_events::OPS, log_events::MORE],
        Purpose::Terminate => &[
            caller::OPS,
            assumed_role::OPS,
            leases::OPS,
            fleet::READS,
            fleet::LISTS,
            machines::OPS,
            machines::MORE,
        ],
        Purpose::Ssm => &[
            caller::OPS,
            assumed_role::OPS,
            fleet::READS,
            fleet::LISTS,
            run_commands::OPS,
            run_commands::MORE,
        ],
        Purpose::Status => {
            &[caller::OPS, assumed_role::OPS, leases::OPS, tag_index::OPS, quotas::OPS, fleet::READS]
        }
        Purpose::Plan | Purpose::Apply | Purpose::Deploy | Purpose::Sandbox => {
            &[caller::OPS, assumed_role::OPS, leases::OPS, tag_index::OPS, quotas::OPS]
        }
        Purpose::Destroy => &[caller::OPS, assumed_role::OPS, leases::OPS, tag_index::OPS],
        Purpose::Adopt => {
            &[caller::OPS, assumed_role::OPS, leases::OPS, tag_index::OPS, kinds::alarm::ADOPTED]
        }
    }
}

/// Whether an operation writes nothing but tags, the marks of alarms, and leases.
fn only_marks(operation: &Operation) -> bool {
    let is_lease = || leases::OPS.iter().any(|lease| lease.action == operation.action);
    !matches!(operation.access, Access::Write | Access::Delete)
        || operation.action.contains("Tag")
        || operation.action == "cloudwatch:PutMetricAlarm"
        || is_lease()
}

/// Whether the project may have resources of a kind: where it has environments, of each of their kinds, since one that is
/// no longer declared may exist; of what belongs to accounts, of the kinds that the program has.
fn may_have(ir: &Ir, needs: &Needs, kind: Kind) -> bool {
    match kind.schema().scope {
        ScopeKind::Environment => !ir.environments.is_empty(),
        ScopeKind::Account => !needs.unused.contains(&kind),
    }
}
