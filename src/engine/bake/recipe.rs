//! What one bake does, with everything decided before it begins.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use asiaq_compiler::{Bakery, Recipe};
use asiaq_ir::ImageFact;
use asiaq_runtime::PlannedBake;

use super::logs::Logs;
use super::overlay::Overlay;
use crate::ui;

/// A bake that can begin.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) recipe: Recipe,
    pub(super) bakery: Arc<Bakery>,
    /// The AMI that it starts from.
    pub(super) base: ImageFact,
    /// Name of the AMI that it makes.
    pub(super) name: String,
    /// Second since 1970 in the name.
    pub(super) second: u64,
    pub(super) instance_type: String,
    pub(super) overlay: Option<Overlay>,
    /// What it carries for the logs of the program.
    pub(super) logs: Option<Logs>,
    /// Tags of the AMI and its snapshots.
    pub(super) tags: BTreeMap<String, String>,
    /// Private address of the host with the packages.
    pub(super) repo: Option<String>,
}

impl Job {
    /// The region of the bakery.
    pub(super) fn region(&self) -> &str {
        &self.bakery.region
    }

    /// Arguments of its scripts.
    pub(super) fn arguments(&self) -> [String; 3] {
        let hostclass = self.recipe.hostclasses.first().cloned().unwrap_or_default();
        let repo = self.repo.clone().unwrap_or_else(|| "#None".to_owned());
        [hostclass, repo, self.second.to_string()]
    }

    /// Name of a script in the folder of scripts, by its place.
    pub(super) fn script_name(place: usize, name: &str) -> String {
        format!("{:02}-{name}", place + 1)
    }

    /// The folder that is copied to the destination.
    pub(super) fn sources(&self) -> Option<PathBuf> {
        self.bakery.sources.as_ref().map(PathBuf::from)
    }

    /// What it will do.
    pub(super) fn planned(&self) -> PlannedBake {
        let Bakery { env, network, destination, root, clean, .. } = &*self.bakery;
        let Recipe { user, scripts, .. } = &self.recipe;
        let mut steps = vec![
            format!(
                "start a {} in `{env}/{network}` from {}, which stops itself after {}",
                self.instance_type,
                self.base.id,
                minutes(self.bakery.limit)
            ),
            format!("learn its host keys from its console, and wait for `ssh {user}@…`"),
            "wait until cloud-init has finished".to_owned(),
        ];
        if let Some(sources) = self.sources() {
            steps.push(format!("rsync {}/ to {destination}", sources.display()));
        }
        if let Some(overlay) = &self.overlay {
            let files = self.recipe.files.as_deref().unwrap_or_default();
            steps.push(format!(
                "rsync {} of {files} and put them below {root}",
                ui::count(overlay.files(), "file")
            ));
        }
        let arguments: Vec<String> =
            self.arguments().iter().map(|word| crate::engine::shell::quoted(word)).collect();
        for (place, (name, _)) in scripts.iter().enumerate() {
            let script = Self::script_name(place, name);
            steps.push(format!("run {script} {} as root in {destination}", arguments.join(" ")));
        }
        steps.extend(self.logs.as_ref().map(|logs| logs.step(root)));
        steps.push(match clean {
            true => "remove host keys, machine id, notes of cloud-init, logs, histories and temporary files"
                .to_owned(),
            false => "remove the files of the bake".to_owned(),
        });
        steps.push("stop the instance".to_owned());
        steps.push(format!("make the AMI `{}`, and wait until it is available", self.name));
        if self.recipe.metadata_tokens {
            steps.push("have its instances require tokens for their metadata".to_owned());
        }
        steps.push("terminate the instance".to_owned());
        let warnings = self.overlay.as_ref().map(|overlay| overlay.warnings.clone()).unwrap_or_default();
        PlannedBake {
            name: self.recipe.name.clone(),
            image: self.name.clone(),
            base: (self.base.id.clone(), self.base.name.clone()),
            instance_type: self.instance_type.clone(),
            tags: self.tags.clone(),
            steps,
            warnings,
        }
    }
}

fn minutes(seconds: u64) -> String {
    format!("{} minutes", seconds.div_ceil(60))
}
