//! What depends on what among identities: any change of names, paths and attachments arrives, whichever call fails.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;

use super::lowering::origin;
use super::world::{NOW, PROJECT};
use crate::memory::InjectedFault;
use crate::{CancellationToken, Coverage, Limits, Memory, Outcome, Plan, apply, observe_for, plan};

const REGION: &str = "us-west-2";

fn at(path: &str) -> Address {
    Address::of(&Scope::account("audit"), path)
}

fn to(path: &str) -> Ref {
    Ref::To(at(path))
}

/// A program with these resources in the account `audit`.
fn program(resources: impl IntoIterator<Item = (&'static str, Resource)>) -> Ir {
    let account = Account {
        id: "111122223333".to_owned(),
        region: REGION.to_owned(),
        profile: None,
        role: None,
        external_id: None,
        mfa_serial: None,
        session: None,
        protect: false,
        prune: false,
        origin: origin(1),
    };
    let node = |(path, resource): (&str, Resource)| {
        let address = at(path);
        let tags = address.ownership_tags(PROJECT).into_iter();
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let node = Node {
            resource,
            region: REGION.to_owned(),
            tags,
            after: BTreeSet::new(),
            origin: origin(1),
            protect: None,
            provenance: BTreeMap::new(),
        };
        (address, node)
    };
    Ir {
        project: PROJECT.to_owned(),
        accounts: BTreeMap::from([("audit".to_owned(), account)]),
        resources: resources.into_iter().map(node).collect(),
        ..Ir::default()
    }
}

/// Three policies, a role with its instance profile, a user group and a user. The words are what changes.
fn every(policy: &str, role: &str, group: &str, attached: &[&str]) -> Ir {
    let policies: BTreeSet<Ref> = attached.iter().map(|path| to(path)).collect();
    let managed = |name: &str, path: &str| ManagedPolicy {
        name: name.to_owned(),
        path: path.to_owned(),
        description: None,
        document: "{}".to_owned(),
    };
    let boundary = Some(to("policy/guard"));
    let role = Role {
        name: "web".to_owned(),
        path: role.to_owned(),
        description: None,
        trust: "{}".to_owned(),
        max_session: 3600,
        boundary: boundary.clone(),
        policies: policies.clone(),
        inline: BTreeSet::new(),
    };
    let profile =
        InstanceProfile { name: "web".to_owned(), path: "/".to_owned(), role: Some(to("role/web")) };
    let developers = UserGroup {
        name: group.to_owned(),
        path: "/".to_owned(),
        policies: policies.clone(),
        inline: BTreeSet::new(),
    };
    let alice = User {
        name: "alice".to_owned(),
        path: "/".to_owned(),
        boundary,
        policies,
        inline: BTreeSet::new(),
        groups: BTreeSet::from([to("group/developers")]),
    };
    program([
        ("policy/read", managed("read", policy).into()),
        ("policy/write", managed("write", "/").into()),
        ("policy/guard", managed("guard", "/").into()),
        ("role/web", role.into()),
        ("role/web/profile", profile.into()),
        ("group/developers", developers.into()),
        ("user/alice", alice.into()),
    ])
}

async fn planned(memory: &Memory, ir: &Ir) -> Plan {
    let accounts = BTreeMap::from([("audit".to_owned(), REGION.to_owned())]);
    let needs = Needs { accounts, ..Needs::all() };
    let observed = observe_for(memory, PROJECT, &BTreeSet::new(), &needs).await.unwrap();
    plan(ir, &observed, &Coverage::default(), NOW)
}

async fn run(memory: &Memory, ir: &Ir) -> Outcome {
    let plan = planned(memory, ir).await;
    apply(memory, &plan, &Limits::default(), &CancellationToken::new(), &|_| {}).await
}

/// From one program to the other, then to none, whichever call fails.
async fn arrives(before: &Ir, after: &Ir) {
    let none = Ir { resources: BTreeMap::new(), ..before.clone() };
    for failing in std::iter::once(None).chain((0..40).map(Some)) {
        for how in [InjectedFault::Before, InjectedFault::After] {
            let memory = Memory::new();
            assert!(run(&memory, before).await.is_complete());
            let plan = planned(&memory, after).await;
            if let Some(n) = failing {
                memory.fail(n, how);
            }
            let stop = CancellationToken::new();
            let first = apply(&memory, &plan, &Limits::default(), &stop, &|_| {}).await;
            memory.heal();
            assert!(failing.is_some() || first.is_complete(), "{:#?}", first.failed);
            for ir in [after, &none] {
                let outcome = run(&memory, ir).await;
                assert!(outcome.is_complete(), "{failing:?} {how:?}: {:#?}", outcome.failed);
                let left = planned(&memory, ir).await.steps;
                assert!(left.is_empty(), "{failing:?} {how:?}: {left:#?}");
            }
            assert_eq!(memory.contents(), [], "nothing is left");
        }
    }
}

#[tokio::test]
async fn any_change_of_identities_arrives() {
    let both = ["policy/read", "policy/write"];
    let before = every("/", "/", "developers", &both);
    for after in [
        every("/team/", "/", "developers", &both),
        every("/", "/", "engineers", &both),
        every("/team/", "/", "engineers", &["policy/write"]),
        every("/", "/", "developers", &[]),
    ] {
        arrives(&before, &after).await;
    }
}

#[tokio::test]
async fn a_protected_account_refuses_what_replaces_or_ends_its_identities() {
    let memory = Memory::new();
    let mut first = every("/", "/", "developers", &["policy/read"]);
    first.accounts.get_mut("audit").unwrap().protect = true;
    run(&memory, &first).await;
    let refused = |plan: &Plan, allowed: &[Risk]| -> Vec<String> {
        let allowed = allowed.iter().copied().collect();
        let refused = plan.refused(&allowed).into_iter();
        refused.map(|refusal| format!("{} {}", refusal.step.address, refusal.by)).collect()
    };
    let mut other = every("/", "/team/", "developers", &["policy/write"]);
    let open = planned(&memory, &other).await;
    assert_eq!(refused(&open, &[]), [""; 0]);
    other.accounts.get_mut("audit").unwrap().protect = true;
    let held = planned(&memory, &other).await;
    assert_eq!(refused(&held, &[]), ["account/audit/role/web protected by shop.asq:1"]);
    assert_eq!(refused(&held, &[Risk::Replace]), [""; 0]);
    // A user does not come back with the keys that it had.
    let none = Ir { resources: BTreeMap::new(), ..first };
    let held = planned(&memory, &none).await;
    let ends = refused(&held, &[Risk::Replace]);
    assert_eq!(ends, ["account/audit/user/alice protected by shop.asq:1"]);
}

#[tokio::test]
async fn a_replaced_role_says_why_and_what_stops() {
    let memory = Memory::new();
    let both = ["policy/read", "policy/write"];
    run(&memory, &every("/", "/", "developers", &both)).await;
    let plan = planned(&memory, &every("/", "/team/", "developers", &both)).await;
    let role = plan.steps.iter().find(|step| step.address == at("role/web")).unwrap();
    assert!(matches!(role.action, crate::Action::Replace { .. }), "{role:#?}");
    let why = role.reasons.iter().find_map(|reason| reason.why.as_deref());
    assert_eq!(why, Some("AWS cannot move a role to another path, and a new one has another identity"));
}

#[tokio::test]
async fn the_end_of_what_an_account_has_is_to_be_named() {
    let memory = Memory::new();
    let before = every("/", "/", "developers", &["policy/read"]);
    assert!(run(&memory, &before).await.is_complete());
    // Fewer resources of a declared account are no end of it.
    let fewer = Ir { resources: BTreeMap::new(), ..before.clone() };
    assert_eq!(planned(&memory, &fewer).await.unnamed_ends(), BTreeMap::new());
    let gone = Ir { accounts: BTreeMap::new(), ..fewer };
    let plan = planned(&memory, &gone).await;
    let audit = Scope::account("audit");
    assert_eq!(plan.unnamed_ends(), BTreeMap::from([(audit.clone(), before.resources.len())]));
    let named = Coverage { named: true, only: Some(BTreeSet::from([audit])), ..Coverage::default() };
    assert_eq!(Plan { scope: named, ..plan }.unnamed_ends(), BTreeMap::new());
}
