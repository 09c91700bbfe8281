//! Copies of all kinds: what AWS lets somebody copy from a resource of the project onto something of their own never
//! makes a step about that.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, CREATED_TAG, ENV_TAG, Environment, Ir, Kind, Mark, NAME_TAG, Needs, Node, Ref,
    Resource, refs_in, resolve,
};
use serde_json::Value;

use super::lowering::origin;
use super::world::{NOW, PROJECT};
use crate::{Coverage, Goal, Memory, Observed, Strange, check_tag_integrity, observe_for, own_name, plan};

const REGION: &str = "us-west-2";

/// A sample of each kind.
fn samples() -> Vec<Resource> {
    serde_json::from_str(include_str!("../../../compiler/ir/src/kinds/tests/samples.json")).unwrap()
}

/// What others lie in, all of one owner.
struct Homes {
    vpc: String,
    subnet: String,
    group: String,
}

fn tags(path: &str) -> BTreeMap<String, String> {
    let address = Address::new("ci", path);
    let tags = address.ownership_tags(PROJECT).map(|(key, value)| (key.to_owned(), value.to_owned()));
    tags.into_iter().chain([(CREATED_TAG.to_owned(), NOW.to_owned())]).collect()
}

impl Homes {
    fn plant(memory: &Memory, tags: impl Fn(&str) -> BTreeMap<String, String>) -> Self {
        let mut homes = Self { vpc: String::new(), subnet: String::new(), group: String::new() };
        let sample = |kind| samples().into_iter().find(|sample| sample.kind() == kind).unwrap();
        let plant =
            |kind, homes: &Self, path: &str| memory.plant(REGION, homes.take_in(&sample(kind)), tags(path));
        homes.vpc = plant(Kind::Vpc, &homes, "vpc");
        homes.subnet = plant(Kind::Subnet, &homes, "net/subnet");
        homes.group = plant(Kind::SecurityGroup, &homes, "net/group");
        homes
    }

    /// A resource that lies in these.
    fn take_in(&self, resource: &Resource) -> Resource {
        let value = resource.to_value();
        let is_in = |fields: &[&str], reference: &Ref| {
            let fields = fields.iter().filter_map(|field| value.get(*field));
            fields.flat_map(refs_in).any(|other| other == *reference)
        };
        resolve(resource, &mut |reference| {
            Ref::Id(if is_in(&["vpc", "requester", "accepter"], reference) {
                self.vpc.clone()
            } else if is_in(&["subnet", "subnets"], reference) {
                self.subnet.clone()
            } else if is_in(&["group"], reference) {
                self.group.clone()
            } else {
                "something".to_owned()
            })
        })
    }
}

/// An account with a resource of the project, and a foreign one that has its tags.
struct Scene {
    memory: Memory,
    ir: Ir,
    copy: String,
}

/// How much of the tags somebody copies.
#[derive(Clone, Copy, Debug)]
enum Copied {
    All,
    OnlyOwnership,
    /// The tags of a resource that an earlier version of asiaq created.
    Unnamed,
}

fn scene(sample: &Resource, copied: Copied) -> Scene {
    let memory = Memory::new();
    let ours = Homes::plant(&memory, tags);
    let theirs = Homes::plant(&memory, |_| BTreeMap::new());
    let kind = sample.kind();
    let mut tags = tags("thing");
    if kind.schema().hides_tags {
        tags.remove(CREATED_TAG);
    }
    let own = ours.take_in(sample);
    let id = memory.plant(REGION, own.clone(), tags.clone());
    let name = own_name(&own, &id).filter(|_| !matches!(copied, Copied::Unnamed));
    tags.extend(name.map(|name| (NAME_TAG.to_owned(), name)));
    memory.edit(kind, &id, |_, live| live.clone_from(&tags));

    // The name of something else is another one: AWS gives a name once.
    let mut other = theirs.take_in(sample).to_value();
    let field = match kind.mark() {
        Mark::Name | Mark::NameInVpc => Some(("name", Value::from("somebody-elses"))),
        Mark::Zone => Some(("zone", serde_json::json!({ "id": "another-zone" }))),
        Mark::Id | Mark::Birth | Mark::Parent => None,
    };
    if let Some((field, value)) = field {
        other[field] = value;
    }
    if matches!(copied, Copied::OnlyOwnership) {
        tags.retain(|key, _| key.starts_with("asiaq:"));
    }
    let copy = memory.plant(REGION, serde_json::from_value(other).unwrap(), tags.clone());

    let mut ir = Ir { project: PROJECT.into(), ..Ir::default() };
    let environment = Environment {
        region: REGION.into(),
        account: None,
        account_name: None,
        protect: false,
        secrets: None,
        origin: origin(1),
    };
    ir.environments.insert("ci".into(), environment);
    let node = Node {
        resource: own,
        region: REGION.into(),
        tags: self::tags("thing"),
        after: BTreeSet::new(),
        origin: origin(1),
        protect: None,
        provenance: BTreeMap::new(),
    };
    ir.resources.insert(Address::new("ci", "thing"), node);
    Scene { memory, ir, copy }
}

async fn observed(memory: &Memory) -> Observed {
    let accounts = BTreeMap::from([("audit".to_owned(), REGION.to_owned())]);
    let needs = Needs { accounts, ..Needs::all() };
    observe_for(memory, PROJECT, &BTreeSet::from([REGION.to_owned()]), &needs).await.unwrap()
}

#[tokio::test]
async fn nothing_happens_to_a_copy() {
    for sample in samples().iter().filter(|sample| sample.kind().mark() != Mark::Parent) {
        for copied in [Copied::All, Copied::OnlyOwnership, Copied::Unnamed] {
            let Scene { memory, ir, copy } = scene(sample, copied);
            let what = format!("{:?}, {copied:?}", sample.kind());
            let observed = observed(&memory).await;
            let undeclared = Ir { resources: BTreeMap::new(), ..ir.clone() };
            let gone = Ir { project: PROJECT.into(), ..Ir::default() };
            for ir in [&ir, &undeclared, &gone] {
                for goal in [Goal::Apply, Goal::Destroy] {
                    let scope = Coverage { goal, ..Coverage::default() };
                    let plan = plan(ir, &observed, &scope, NOW);
                    let touched = plan.steps.iter().find(|step| {
                        step.live().is_some_and(|live| live.id == copy)
                            || step.wanted().is_some_and(|wanted| {
                                asiaq_ir::refs(wanted).iter().any(|to| to.id() == Some(&copy))
                            })
                    });
                    let is_refused = check_tag_integrity(PROJECT, &observed, &scope).is_err();
                    assert!(touched.is_none() || is_refused, "{what}: {touched:#?}");
                    // What is not refused is told.
                    let is_told =
                        plan.notes.iter().any(|note| note.to_string().contains(&format!("`{copy}`")));
                    assert!(is_refused || is_told, "{what}: {:?}", plan.notes);
                    let is_deleted = plan.steps.iter().any(|step| {
                        step.live().is_some_and(|live| live.id == copy) && step.wanted().is_none()
                    });
                    assert!(!is_deleted, "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_copy_that_lies_elsewhere_or_has_another_name_is_known() {
    let certain = |kind: Kind| !matches!(kind.mark(), Mark::Birth) || matches!(kind, Kind::Subnet);
    for sample in samples().iter().filter(|sample| sample.kind().mark() != Mark::Parent) {
        let Scene { memory, copy, .. } = scene(sample, Copied::All);
        let observed = observed(&memory).await;
        let is_foreign = observed.foreign.iter().any(|foreign| foreign.id == copy);
        let lies_in = !sample.lies_in().is_empty();
        assert_eq!(is_foreign, certain(sample.kind()) || lies_in, "{:?}", sample.kind());
    }
}

#[tokio::test]
async fn the_subnets_of_others_are_no_facts_of_the_project() {
    let sample = samples().into_iter().find(|sample| sample.kind() == Kind::Subnet).unwrap();
    let Scene { memory, copy, .. } = scene(&sample, Copied::All);
    let observed = observed(&memory).await;
    let [foreign] = &observed.foreign[..] else { panic!("{:?}", observed.foreign) };
    assert_eq!(foreign.id, copy);
    let Strange::LiesIn(vpc) = &foreign.why else { panic!("{foreign:?}") };
    let facts = &observed.facts.regions[REGION];
    assert!(facts.subnets.values().all(|subnet| subnet.vpc != *vpc), "{:?}", facts.subnets);
}

#[tokio::test]
async fn two_runs_that_left_two_resources_are_no_doubt() {
    for sample in samples().iter().filter(|sample| sample.kind().mark() != Mark::Parent) {
        let Scene { memory, ir, copy } = scene(sample, Copied::All);
        // The second one is where the first one is, and marked as itself.
        let homes = ir.resources[&Address::new("ci", "thing")].resource.clone();
        memory.edit(sample.kind(), &copy, |resource, tags| {
            let name = resource.to_value().get("name").cloned();
            let mut second = homes.to_value();
            if let (Some(name), Mark::Name | Mark::NameInVpc) = (name, sample.kind().mark()) {
                second["name"] = name;
            }
            *resource = serde_json::from_value(second).unwrap();
            let own = own_name(resource, &copy);
            tags.extend(own.map(|own| (NAME_TAG.to_owned(), own)));
            if let Some(created) = tags.get_mut(CREATED_TAG) {
                *created = "2026-01-02T00:00:00.000000".to_owned();
            }
        });
        let observed = observed(&memory).await;
        assert_eq!(observed.foreign, [], "{:?}", sample.kind());
        assert_eq!(crate::doubles(&observed.found), [], "{:?}", sample.kind());
        let plan = plan(&ir, &observed, &Coverage { only: None, ..Coverage::default() }, NOW);
        let deleted = plan
            .steps
            .iter()
            .filter(|step| step.wanted().is_none() && step.address == Address::new("ci", "thing"));
        assert_eq!(deleted.count(), 1, "{:?}: {:#?}", sample.kind(), plan.steps);
    }
}

/// Why the tags of a resource are refused.
fn refusal(observed: &Observed) -> String {
    check_tag_integrity(PROJECT, observed, &Coverage::default()).unwrap_err().to_string()
}

#[tokio::test]
async fn tags_that_asiaq_cannot_have_written_are_refused() {
    let with = async |changes: &[(&str, &str)]| {
        let memory = Memory::new();
        let mut tags = tags("thing");
        tags.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        memory.plant(REGION, asiaq_ir::ElasticIp {}.into(), tags);
        refusal(&observed(&memory).await)
    };
    let contradiction = with(&[(ENV_TAG, "prod"), (ADDRESS_TAG, "demo/zzz")]).await;
    insta::assert_snapshot!(contradiction, @"`elastic-ip-0001` in us-west-2 is tagged `asiaq:env = prod` and `asiaq:address = demo/zzz`, which contradict each other: restore the tags, or remove its tag `asiaq:project` so that asiaq does not manage it any more");
    for address in ["qa/../demo/x", "demo//x", "demo/./x", "/demo/x", "demo/", "demo", "", "demo/a\nb"] {
        let refusal = with(&[(ADDRESS_TAG, address)]).await;
        assert!(refusal.contains("is no address such as `ci/vpc`"), "{address:?}: {refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }
    let account = with(&[(asiaq_ir::ACCOUNT_TAG, "main")]).await;
    assert!(account.contains("`asiaq:account = main`"), "{account}");
}

#[tokio::test]
async fn what_lies_in_nothing_of_the_project_is_refused_where_its_network_is_not_known() {
    let memory = Memory::new();
    let theirs = Homes::plant(&memory, |_| BTreeMap::new());
    for sample in samples().iter().filter(|sample| sample.kind().mark() == Mark::Birth) {
        if sample.lies_in().is_empty() {
            continue;
        }
        let id = memory.plant(REGION, theirs.take_in(sample), tags("thing"));
        let refusal = refusal(&observed(&memory).await);
        assert!(refusal.contains(&format!("`{id}`")), "{:?}: {refusal}", sample.kind());
        memory.lose(sample.kind(), &id);
    }
}

#[tokio::test]
async fn a_double_is_refused_with_both_ids_unless_that_is_allowed() {
    let sample = samples().into_iter().find(|sample| sample.kind() == Kind::ElasticIp).unwrap();
    let Scene { memory, ir, .. } = scene(&sample, Copied::All);
    let observed = observed(&memory).await;
    insta::assert_snapshot!(refusal(&observed), @r"
    `ci/thing` is more than one resource: `elastic-ip-0007` (us-west-2) and `elastic-ip-0008` (us-west-2)
    they have the same ownership tags, and nothing shows that asiaq created all of them: remove the tag `asiaq:project` of the ones that are not asiaq's, or let `asiaq apply --allow data-loss` keep the one that fits and delete the others
    ");
    let allowed = Coverage { delete_doubles: true, ..Coverage::default() };
    assert_eq!(check_tag_integrity(PROJECT, &observed, &allowed), Ok(()));
    let plan = plan(&ir, &observed, &allowed, NOW);
    assert_eq!(plan.steps.iter().filter(|step| step.kind == Kind::ElasticIp).count(), 1);
}

#[tokio::test]
async fn what_lies_in_a_double_is_counted_there() {
    let memory = Memory::new();
    let homes = [Homes::plant(&memory, tags), Homes::plant(&memory, tags)];
    let refusal = refusal(&observed(&memory).await);
    let [ours, theirs] = homes.map(|homes| homes.vpc);
    let expected = format!(
        "`ci/vpc` is more than one resource: `{ours}` (us-west-2) and `{theirs}` (us-west-2), and so are 2 resources \
         in them\n"
    );
    assert!(refusal.starts_with(&expected), "{refusal}");
}

#[tokio::test]
async fn an_old_mark_is_accepted_and_renewed_once() {
    // No version of asiaq has made what keeps data without the mark.
    let is_old = |sample: &&Resource| own_name(sample, "x").is_some() && !sample.kind().has_own_service();
    for sample in samples().iter().filter(is_old) {
        let Scene { memory, ir, copy } = scene(sample, Copied::Unnamed);
        memory.lose(sample.kind(), &copy);
        let observed = observed(&memory).await;
        assert_eq!(check_tag_integrity(PROJECT, &observed, &Coverage::default()), Ok(()));
        let plan = plan(&ir, &observed, &Coverage::default(), NOW);
        let step = plan.steps.iter().find(|step| step.address == Address::new("ci", "thing")).unwrap();
        let crate::Action::Update { set_tags, live, .. } = &step.action else { panic!("{step:#?}") };
        assert_eq!(set_tags.get(NAME_TAG), own_name(&live.resource, &live.id).as_ref());
        assert_eq!(step.risk, asiaq_ir::Risk::Safe);
        memory.edit(sample.kind(), &live.id, |_, tags| tags.extend(set_tags.clone()));
        let observed = self::observed(&memory).await;
        let again = crate::plan(&ir, &observed, &Coverage::default(), NOW);
        assert!(
            again.steps.iter().all(|step| step.address != Address::new("ci", "thing")),
            "{:#?}",
            again.steps
        );
    }
}

#[tokio::test]
async fn a_project_with_a_new_name_sees_what_stood_under_the_old_one() {
    let memory = Memory::new();
    let theirs = Homes::plant(&memory, |path| {
        let mut tags = tags(path);
        tags.insert(asiaq_ir::PROJECT_TAG.to_owned(), "old".to_owned());
        tags.insert(asiaq_ir::ORIGIN_TAG.to_owned(), "github.com/acme/infra".to_owned());
        tags
    });
    let sample = samples().into_iter().find(|sample| sample.kind() == Kind::Vpc).unwrap();
    let Scene { mut ir, .. } = scene(&sample, Copied::All);
    let node = ir.resources.remove(&Address::new("ci", "thing")).unwrap();
    ir.resources.insert(Address::new("ci", "vpc"), node);
    let observed = observed(&memory).await;
    let mut notes = |cidr: &str, origin: Option<&str>| {
        for node in ir.resources.values_mut() {
            let Resource::Vpc(vpc) = &mut node.resource else { panic!("only a VPC") };
            (vpc.cidr, vpc.dhcp_options) = (cidr.parse().unwrap(), None);
        }
        crate::write_origin(&mut ir, origin, false);
        let notes = plan(&ir, &observed, &Coverage::default(), NOW).notes;
        notes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let expected = format!(
        "`ci/vpc` is created, and `{}` of project `old` may be what it was under another name of this project: to \
         keep that, give the project the name `old` again",
        theirs.vpc
    );
    assert_eq!(notes("10.0.0.0/20", None), std::slice::from_ref(&expected), "of the same block");
    assert_eq!(notes("10.9.0.0/20", None), [] as [&str; 0]);
    assert_eq!(notes("10.9.0.0/20", Some("github.com/acme/infra")), [expected], "from the same place");
    assert_eq!(notes("10.9.0.0/20", Some("github.com/acme/other")), [] as [&str; 0]);
}
