//! A hostclass as deploys find it in AWS, and what they will do with it.

use asiaq_compiler::Deployable;
use asiaq_runtime::{
    DeployGroup, DeployPhase, DeployRecord, DeployStatus, DeployStrategy, Deployed, HostclassImage,
    PlannedDeploy,
};

use crate::ui;

/// A hostclass as it is in AWS.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) what: Deployable,
    /// The group that serves.
    pub(super) serving: DeployGroup,
    /// The deploy that is under way, with the name of the group that has its record.
    pub(super) open: Option<(String, DeployRecord)>,
    /// The AMI in the newest version of its launch template, and the number of that.
    pub(super) newest: (String, String),
}

impl Target {
    /// The AMI before the deploy.
    pub(super) fn before(&self) -> &str {
        self.open.as_ref().map_or(&self.newest.0, |(_, record)| &record.before)
    }

    /// Whether a deploy is under way.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// How far its deploy is, among all groups of the project.
    pub(super) fn status(&self, groups: &[DeployGroup]) -> DeployStatus {
        let Self { what, serving, open, newest } = self;
        let record = open.as_ref().map(|(_, record)| record);
        let image = match record {
            Some(record) if serving.name == record.group => &record.image,
            Some(record) => &record.before,
            None => &newest.0,
        };
        let new = record.and_then(|record| groups.iter().find(|one| one.name == record.group));
        DeployStatus {
            env: what.env.clone(),
            hostclass: what.hostclass.clone(),
            group: serving.name.clone(),
            in_service: serving.in_service().len(),
            desired: serving.sizes.desired,
            image: image.clone(),
            under_way: record.cloned(),
            new_in_service: new.map(|new| new.in_service().len()),
            last: Deployed::read(&serving.tags),
        }
    }

    /// What a deploy does, step by step. `sharers` are the accounts that the AMI is then shared with.
    pub(crate) fn planned(&self, image: &HostclassImage, is_test: bool, sharers: &[String]) -> PlannedDeploy {
        let Target { what, serving, open, .. } = self;
        let mut steps = Vec::new();
        let mut step = |text: String| steps.push(text);
        let replaces = what.is_deployable && !is_test;
        step(format!("make a version of the launch template with {}", image.id));
        let is_rolling =
            open.as_ref().map_or(what.is_rolling, |(_, record)| record.strategy == DeployStrategy::Rolling);
        let count = if is_rolling { 1 } else { serving.sizes_now().desired.max(1) };
        step(format!(
            "start {} in a second Auto Scaling group",
            ui::count(usize::try_from(count).unwrap_or(1), "instance")
        ));
        step("wait until they are in service and pass the smoke test, if there is one".to_owned());
        if let Some(test) = &what.test {
            step(format!(
                "run the integration test `{}` on `{}` in `{}`",
                test.name, test.hostclass, test.env
            ));
        }
        if replaces && is_rolling {
            step("delete the second group".to_owned());
            step(format!("replace the instances of {}, a few at a time", serving.name));
            for place in &serving.places {
                step(format!("each has to get healthy behind `{}`", place.name()));
            }
        } else if replaces {
            for place in &serving.places {
                step(format!("put them behind `{}`, and wait until all are healthy there", place.name()));
            }
            step("put the new group in the place of the old one".to_owned());
        }
        step(format!("promote {} to `{}`", image.id, what.good_stage));
        if !sharers.is_empty() {
            step(format!("share it with {}, if one of `bakers` has baked it", ui::listed(sharers)));
        }
        step(if replaces && is_rolling {
            format!("{} starts new instances from {}", serving.name, image.id)
        } else if replaces {
            format!("drain {}, and delete it", serving.name)
        } else if is_test {
            "delete the second group and the version of the launch template".to_owned()
        } else {
            format!("delete the second group; {} starts new instances from {}", serving.name, image.id)
        });
        PlannedDeploy {
            env: what.env.clone(),
            hostclass: what.hostclass.clone(),
            image: image.id.clone(),
            before: self.before().to_owned(),
            group: serving.name.clone(),
            phase: open.as_ref().map(|(_, record)| record.phase.word()),
            steps,
        }
    }

    /// What the way back from a deploy that is under way does.
    pub(crate) fn undone(&self) -> PlannedDeploy {
        let Target { what, serving, open, newest } = self;
        let record = open.as_ref().map(|(_, record)| record);
        let phase = record.map(|record| record.phase);
        let steps = match phase {
            Some(DeployPhase::Retiring) => vec![
                "finish it: the new group has already taken the place of the old one".to_owned(),
                "then the same command with `--hostclass` puts the AMI before it in place".to_owned(),
            ],
            Some(_) | None => vec![
                "drain the new group, and delete it".to_owned(),
                "delete the version of the launch template".to_owned(),
            ],
        };
        PlannedDeploy {
            env: what.env.clone(),
            hostclass: what.hostclass.clone(),
            image: record.map_or(&newest.0, |record| &record.image).clone(),
            before: record.map_or(&newest.0, |record| &record.before).clone(),
            group: serving.name.clone(),
            phase: phase.map(DeployPhase::word),
            steps,
        }
    }
}

/// An AMI that is no longer there, as a record names it.
pub(super) fn gone(record: &DeployRecord, what: &Deployable) -> HostclassImage {
    HostclassImage {
        id: record.image.clone(),
        name: String::new(),
        hostclass: what.hostclass.clone(),
        account: String::new(),
        region: what.region.clone(),
        stage: None,
        product_line: None,
        is_private: false,
        state: "gone".to_owned(),
        created: 0,
        snapshots: Vec::new(),
        promoted: None,
        is_half_shared: false,
        used_by: Vec::new(),
    }
}
