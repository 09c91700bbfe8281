//! Waits for the instances of an Auto Scaling group to pass the smoke test.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_ir::{SmokeCheck, SmokeTest};
use aws_sdk_autoscaling::types::{Activity, ScalingActivityStatusCode};
use futures::future;

use super::command::{self, Run};
use super::http;
use super::machine::{self, Machine};
use super::target::Targets;
use crate::error;
use crate::kinds::autoscaling_group;
use crate::kinds::prelude::*;

ops! { autoscaling:
    DESCRIBE_SCALING_ACTIVITIES = "DescribeScalingActivities", Write;
}

/// The label of errors of our own: waiting for instances is no call.
pub(super) const OPERATION: &str = "SmokeTest";

/// Failed launches in a row after which the wait ends.
const LAUNCHES: usize = 3;

/// Waits until as many instances as the group's desired capacity are in service and pass the test. Fails if an instance
/// terminates without a replacement, after [`LAUNCHES`] failed launches in a row, and at the test's timeout. The error
/// gives the state of each instance.
pub(crate) async fn until_passed(region: &Region<'_>, group: &str, test: &SmokeTest) -> Result<()> {
    until(region, group, Some(&test.check), Duration::from_secs(test.timeout.into())).await
}

async fn until(region: &Region<'_>, group: &str, test: Option<&SmokeCheck>, limit: Duration) -> Result<()> {
    let mut watch =
        Watch { region, group, test, before: None, lived: BTreeSet::new(), runs: Runs::default() };
    let mut wait = region.wait(limit);
    loop {
        match watch.look().await? {
            Outlook::Passed => return Ok(()),
            Outlook::Failed(why) => return Err(error::refused(OPERATION, why)),
            Outlook::Open { short, .. } if wait.pause(&short).await => {}
            Outlook::Open { full, .. } => {
                return Err(error::timed_out(OPERATION, format!("after {} s {full}", limit.as_secs())));
            }
        }
    }
}

/// Waits until as many instances as the group's desired capacity are in service.
pub(crate) async fn until_in_service(region: &Region<'_>, group: &str, limit: Duration) -> Result<()> {
    until(region, group, None, limit).await
}

/// State of the wait.
struct Watch<'a> {
    region: &'a Region<'a>,
    group: &'a str,
    /// What an instance in service has to pass, if anything.
    test: Option<&'a SmokeCheck>,
    /// Scaling activities that had ended before the first poll.
    before: Option<BTreeSet<String>>,
    /// Ids of instances that have been seen alive.
    lived: BTreeSet<String>,
    runs: Runs,
}

/// Result of one poll.
enum Outlook {
    Passed,
    /// What is missing: in short, and with the state of each instance.
    Open {
        short: String,
        full: String,
    },
    Failed(String),
}

/// Check results, by instance id.
#[derive(Default)]
struct Runs {
    /// Ids of instances that have passed.
    passed: BTreeSet<String>,
    /// Command ids of running commands, by instance id.
    commands: BTreeMap<String, String>,
    /// Result of the last finished command, by instance id.
    ended: BTreeMap<String, String>,
}

impl Watch<'_> {
    async fn look(&mut self) -> Result<Outlook> {
        let Some(group) = autoscaling_group::look(self.region, self.group).await? else {
            return Err(error::refused(OPERATION, format!("there is no group `{}` any more", self.group)));
        };
        let wanted = group.desired_capacity().and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
        if wanted == 0 {
            return Ok(Outlook::Passed);
        }
        let machines = machine::machines(self.region, &group).await?;
        let alive = machines.iter().filter(|machine| !machine.has_ended()).count();
        let lost = machines.iter().any(|machine| machine.has_ended() && self.lived.contains(&machine.id));
        self.lived.extend(machines.iter().filter(|machine| !machine.has_ended()).map(|one| one.id.clone()));

        let targets = match self.test {
            Some(SmokeCheck::Target) => Targets::of(self.region, &group).await?,
            Some(SmokeCheck::Tag | SmokeCheck::Http { .. } | SmokeCheck::Ssm { .. }) | None => {
                Targets::default()
            }
        };
        let checks = machines.iter().map(|machine| self.check(machine, &targets));
        let checks: Vec<Check> = future::try_join_all(checks).await?;
        let mut passing = 0;
        let mut open = Vec::new();
        // The instances by what is missing, for a line that does not grow with their number.
        let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (machine, check) in machines.iter().zip(checks) {
            match self.runs.note(&machine.id, check) {
                None => passing += 1,
                Some(why) => {
                    by_reason.entry(without_address(machine, &why)).or_default().push(&machine.id);
                    open.push(format!("{}: {why}", machine.describe()));
                }
            }
        }
        if passing >= wanted {
            return Ok(Outlook::Passed);
        }
        let mut said = format!("{passing} of {wanted} instances of `{}` pass", self.group);
        let short =
            by_reason.iter().fold(said.clone(), |said, (why, ids)| format!("{said}; {}", few(ids, why)));
        for why in open {
            said = format!("{said}; {why}");
        }
        // More running instances than wanted mean that the group was made smaller.
        if lost && alive < wanted {
            return Ok(Outlook::Failed(said));
        }
        if alive < wanted {
            let failures = self.failed_launches().await?;
            if let Some(newest) = &failures.newest {
                said = format!("{said}; an instance could not be launched: {newest}");
            }
            if failures.in_a_row >= LAUNCHES {
                return Ok(Outlook::Failed(said));
            }
        }
        Ok(Outlook::Open { short, full: said })
    }

    async fn check(&self, machine: &Machine, targets: &Targets) -> Result<Check> {
        if machine.has_ended() {
            return Ok(Check::Waits(machine.reason().unwrap_or("it has ended").to_owned()));
        }
        if !machine.is_in_service() {
            return Ok(Check::Waits("not in service yet".to_owned()));
        }
        if self.runs.passed.contains(&machine.id) {
            return Ok(Check::Passes);
        }
        let Some(test) = self.test else { return Ok(Check::PassesNow) };
        Ok(match test {
            SmokeCheck::Tag if machine.said().is_some() => Check::PassesNow,
            SmokeCheck::Tag => Check::Waits("its tag `smoketest` is empty".to_owned()),
            SmokeCheck::Target => match targets.obstacle(&machine.id) {
                None => Check::PassesNow,
                Some(why) => Check::Waits(why),
            },
            SmokeCheck::Http { port, path } => match machine.address() {
                None => Check::Waits("it has no private address yet".to_owned()),
                Some(address) => match http::probe(address, *port, path).await {
                    Ok(()) => Check::Passes,
                    Err(why) => Check::Waits(format!("`http://{address}:{port}{path}`: {why}")),
                },
            },
            SmokeCheck::Ssm { document } => Check::Runs(match self.runs.commands.get(&machine.id) {
                Some(command) => command::look(self.region, command, &machine.id).await?,
                None => command::send(self.region, document, &machine.id).await?,
            }),
        })
    }

    /// Recent failed launches, with AWS's messages.
    async fn failed_launches(&mut self) -> Result<Failures> {
        let request = self.region.autoscaling().describe_scaling_activities();
        let request = request.auto_scaling_group_name(self.group).max_records(20);
        let activities =
            DESCRIBE_SCALING_ACTIVITIES.call(request.send()).await?.activities.unwrap_or_default();
        let failed = |activity: &&Activity| {
            matches!(
                activity.status_code(),
                Some(ScalingActivityStatusCode::Failed | ScalingActivityStatusCode::Cancelled)
            )
        };
        let id = |activity: &Activity| activity.activity_id.clone();
        let before = self.before.get_or_insert_with(|| activities.iter().filter_map(id).collect());
        let is_new = |activity: &&Activity| !id(activity).is_some_and(|id| before.contains(&id));
        let newest = activities.iter().find(failed).and_then(|activity| activity.status_message());
        Ok(Failures {
            newest: newest.map(ToOwned::to_owned),
            in_a_row: activities.iter().filter(is_new).take_while(failed).count(),
        })
    }
}

/// What is missing, without the address of the instance in it.
fn without_address(machine: &Machine, why: &str) -> String {
    machine.address().map_or_else(|| why.to_owned(), |address| why.replace(address, "ADDRESS"))
}

/// The first instances of those with the same obstacle, and the obstacle.
fn few(ids: &[&str], why: &str) -> String {
    let (named, rest) = ids.split_at_checked(2).filter(|(_, rest)| rest.len() > 1).unwrap_or((ids, &[]));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}: {why}", named.join(", "))
}

/// Launches that failed.
struct Failures {
    newest: Option<String>,
    in_a_row: usize,
}

/// Result of the check of one instance.
enum Check {
    /// The instance passes, and is not checked again.
    Passes,
    /// The instance passes, and is checked again at the next poll.
    PassesNow,
    /// The instance does not pass yet: the reason.
    Waits(String),
    /// The state of the instance's command.
    Runs(Run),
}

impl Runs {
    /// Records a check. Returns the reason if the instance does not pass.
    fn note(&mut self, machine: &str, check: Check) -> Option<String> {
        let last = |ended: &BTreeMap<String, String>| {
            ended.get(machine).map(|ended| format!(", the last one {ended}")).unwrap_or_default()
        };
        match check {
            Check::PassesNow => None,
            Check::Passes | Check::Runs(Run::Succeeded) => {
                self.passed.insert(machine.to_owned());
                None
            }
            Check::Waits(why) => Some(why),
            Check::Runs(Run::Unknown) => Some("Systems Manager does not know it yet".to_owned()),
            Check::Runs(Run::Runs(command, status)) => {
                let why = format!("command `{command}` is {status}{}", last(&self.ended));
                self.commands.insert(machine.to_owned(), command);
                Some(why)
            }
            // The software on the instance may not have been ready, so the command is sent again.
            Check::Runs(Run::Failed(end)) => {
                let command = self.commands.remove(machine).unwrap_or_default();
                let why = format!("command `{command}` {end}");
                self.ended.insert(machine.to_owned(), end);
                Some(why)
            }
        }
    }
}
