//! A progress bar per environment.

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_runtime::{Action, Event, Operation, Plan, Progress as Stage};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

#[derive(Debug)]
pub(super) struct Bars {
    all: MultiProgress,
    by_env: BTreeMap<String, ProgressBar>,
}

impl Bars {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut operations: BTreeMap<&str, u64> = BTreeMap::new();
        for step in &plan.steps {
            *operations.entry(step.address.scope().as_str()).or_default() += match &step.action {
                Action::Create { .. } | Action::Delete { .. } => 1,
                Action::Update { detach, release, .. } => {
                    1 + u64::from(!detach.is_empty()) + u64::from(!release.is_empty())
                }
                Action::Replace { .. } => 2,
            };
        }
        let width = operations.keys().map(|env| env.chars().count()).max().unwrap_or_default();
        // The template is well-formed; the default bar would do as well.
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {elapsed} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─");
        let all = MultiProgress::new();
        let by_env = operations
            .into_iter()
            .map(|(env, total)| {
                let bar = all.add(ProgressBar::new(total).with_style(style.clone()));
                bar.set_prefix(format!("{env:width$}"));
                bar.enable_steady_tick(Duration::from_millis(200));
                (env.to_owned(), bar)
            })
            .collect();
        Self { all, by_env }
    }

    /// Shows the operations in progress in `env`, waiting ones first, with what they wait for.
    pub(super) fn show(&self, env: &str, current: &[(&Operation, Option<String>)]) {
        let Some(bar) = self.by_env.get(env) else { return };
        let here = || current.iter().filter(|(operation, _)| operation.address.scope().as_str() == env);
        let waiting = here().filter_map(|(Operation { verb, address, .. }, why)| {
            why.as_ref().map(|why| format!("{verb} {address} ({why})"))
        });
        let busy = here().filter(|(_, why)| why.is_none());
        let busy = busy.map(|(Operation { verb, address, .. }, _)| format!("{verb} {address}"));
        bar.set_message(waiting.chain(busy).collect::<Vec<_>>().join(", "));
    }

    /// Advances the bar after an operation, and shows the `line` of a failure.
    pub(super) fn advance(&self, event: &Event, line: Option<String>) {
        let Some(bar) = self.by_env.get(event.operation.address.scope().as_str()) else { return };
        match event.progress {
            Stage::Started => {}
            Stage::Finished { .. } => bar.inc(1),
            Stage::Failed { .. } | Stage::Skipped { .. } => {
                bar.inc(1);
                self.all.suspend(|| crate::ui::say(&line.unwrap_or_default()));
            }
        }
    }

    pub(super) fn finish(&self) {
        for bar in self.by_env.values() {
            bar.finish_and_clear();
        }
    }
}
