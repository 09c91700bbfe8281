//! What runs in environments, and how it stands to the program.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::EnvironmentSummary;
use asiaq_runtime::{Action, Cause, DeployRecord, Group, Host, Plan, RaisedAlarm};
use serde::Serialize;

/// An environment as it is now.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct EnvironmentStatus {
    pub(crate) name: String,
    pub(crate) region: String,
    /// Whether the program declares it.
    pub(crate) declared: bool,
    /// What its pipeline runs, and what else runs there.
    pub(crate) hostclasses: Vec<HostclassStatus>,
    /// Its alarms that are on.
    pub(crate) alarms: Vec<RaisedAlarm>,
    /// What an apply would do; absent where there is no plan.
    pub(crate) plan: Option<Pending>,
}

/// The instances of a hostclass in an environment.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct HostclassStatus {
    /// The hostclass; absent for instances without this tag.
    pub(crate) name: Option<String>,
    /// Whether the pipeline of the environment runs it.
    pub(crate) declared: bool,
    /// Its Auto Scaling groups: two during a deploy, none before the first apply.
    pub(crate) groups: Vec<GroupStatus>,
    /// Number of its instances by state, as in the EC2 API.
    pub(crate) states: BTreeMap<String, usize>,
    /// What its instances run.
    pub(crate) images: Vec<ImageStatus>,
    /// Ids of the instances that their groups would launch from something newer now.
    pub(crate) outdated: Vec<String>,
}

/// The sizes of an Auto Scaling group.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct GroupStatus {
    pub(crate) name: String,
    pub(crate) desired: u32,
    /// Instances that are in service and healthy.
    pub(crate) in_service: u32,
    /// The deploy that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deploy: Option<DeployRecord>,
}

/// An AMI, and how many instances run it.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ImageStatus {
    pub(crate) id: String,
    /// UTC, ISO 8601; absent if the AMI no longer exists.
    pub(crate) created: Option<String>,
    pub(crate) instances: usize,
}

/// What an apply would do in an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Pending {
    pub(crate) create: usize,
    pub(crate) update: usize,
    pub(crate) replace: usize,
    pub(crate) delete: usize,
    /// Steps among them that undo changes which asiaq did not make.
    pub(crate) drift: usize,
}

impl Pending {
    /// The number of all steps.
    pub(crate) fn all(self) -> usize {
        [self.create, self.update, self.replace, self.delete].iter().sum()
    }
}

/// What AWS says of environments.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) hosts: Vec<Host>,
    /// Auto Scaling groups with their regions.
    pub(crate) groups: Vec<(String, Group)>,
    pub(crate) alarms: Vec<RaisedAlarm>,
}

/// The environments in order of name: those that are declared, and others where something runs.
pub(crate) fn statuses(
    declared: &[EnvironmentSummary],
    seen: &Seen,
    plan: Option<&BTreeMap<String, Pending>>,
) -> Vec<EnvironmentStatus> {
    let Seen { hosts, groups, alarms } = seen;
    // The regions of environments that are no longer declared.
    let mut regions: BTreeMap<&str, &str> = BTreeMap::new();
    for host in hosts {
        regions.extend(host.environment.as_deref().map(|env| (env, host.region.as_str())));
    }
    regions.extend(groups.iter().map(|(region, group)| (group.address.env(), region.as_str())));
    regions.extend(declared.iter().map(|env| (env.name.as_str(), env.region.as_str())));
    let status = |(name, region): (&str, &str)| {
        let summary = declared.iter().find(|env| env.name == name);
        let here: Vec<&Host> =
            hosts.iter().filter(|host| host.environment.as_deref() == Some(name)).collect();
        let groups: Vec<&Group> =
            groups.iter().map(|(_, group)| group).filter(|group| group.address.env() == name).collect();
        EnvironmentStatus {
            name: name.to_owned(),
            region: region.to_owned(),
            declared: summary.is_some(),
            hostclasses: hostclasses(summary, &here, &groups),
            alarms: alarms.iter().filter(|alarm| alarm.address.env() == name).cloned().collect(),
            plan: plan.map(|plan| plan.get(name).copied().unwrap_or_default()),
        }
    };
    regions.into_iter().map(status).collect()
}

/// The hostclasses of an environment: in the order of the pipeline, and then others by name.
fn hostclasses(
    summary: Option<&EnvironmentSummary>,
    hosts: &[&Host],
    groups: &[&Group],
) -> Vec<HostclassStatus> {
    let pipeline = summary.and_then(|env| env.pipeline.as_ref());
    let declared = pipeline.into_iter().flat_map(|pipeline| pipeline.stages.iter().flatten());
    let mut names: Vec<Option<&str>> = declared.map(|name| Some(name.as_str())).collect();
    let count = names.len();
    let live = hosts.iter().map(|host| host.hostclass.as_deref());
    let live: BTreeSet<_> = live.chain(groups.iter().map(|group| group.hostclass.as_deref())).collect();
    let others: Vec<_> = live.into_iter().filter(|name| !names.contains(name)).collect();
    names.extend(others);
    let status = |(at, name): (usize, Option<&str>)| {
        let hosts: Vec<&&Host> = hosts.iter().filter(|host| host.hostclass.as_deref() == name).collect();
        let mut states = BTreeMap::new();
        let mut images: BTreeMap<&str, (Option<&String>, usize)> = BTreeMap::new();
        for host in &hosts {
            *states.entry(host.state.clone()).or_default() += 1;
            if let Some(image) = &host.image {
                images.entry(image).or_insert((host.image_created.as_ref(), 0)).1 += 1;
            }
        }
        let of_image = |(id, (created, instances)): (&str, (Option<&String>, usize))| ImageStatus {
            id: id.to_owned(),
            created: created.cloned(),
            instances,
        };
        let of_class = groups.iter().filter(|group| group.hostclass.as_deref() == name);
        HostclassStatus {
            name: name.map(ToOwned::to_owned),
            declared: at < count,
            groups: of_class
                .map(|group| GroupStatus {
                    name: group.name.clone(),
                    desired: group.desired,
                    in_service: group.in_service,
                    deploy: group.deploy.clone(),
                })
                .collect(),
            states,
            images: images.into_iter().map(of_image).collect(),
            outdated: hosts.iter().filter(|host| host.outdated).map(|host| host.id.clone()).collect(),
        }
    };
    names.into_iter().enumerate().map(status).collect()
}

/// What a plan does, by the name of the environment or account.
pub(crate) fn pending(plan: &Plan) -> BTreeMap<String, Pending> {
    let mut all: BTreeMap<String, Pending> = BTreeMap::new();
    for step in &plan.steps {
        let pending = all.entry(step.address.scope().to_string()).or_default();
        let number = match step.action {
            Action::Create { .. } => &mut pending.create,
            Action::Update { .. } => &mut pending.update,
            Action::Replace { .. } => &mut pending.replace,
            Action::Delete { .. } => &mut pending.delete,
        };
        *number += 1;
        pending.drift += usize::from(step.cause == Cause::Drift);
    }
    all
}
