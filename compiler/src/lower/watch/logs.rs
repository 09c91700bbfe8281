use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{LogGroup, MetricFilter};

use super::{Target, targets};
use crate::errors;
use crate::evaluate::Resolved;
use crate::lower::Lowering;
use crate::lower::names::{NameSpace, Owner};
use crate::model::{Environment, LogMetric};

/// The metrics of one log, by hostclass and file.
type Logs<'m> = BTreeMap<(&'m str, &'m str), Vec<&'m LogMetric>>;

/// The namespace of the metrics of an environment's logs.
pub(super) fn namespace(env: &str) -> String {
    format!("LogMetrics/{env}")
}

/// The name of a metric, and of its filter.
pub(super) fn metric_name(host: &str, metric: &str) -> String {
    format!("{host}-{metric}")
}

impl<'a> Lowering<'a> {
    pub(super) fn logs(&mut self, env: &Environment) {
        let mut logs: Logs<'_> = BTreeMap::new();
        for metric in &env.watch.log_metrics {
            for target in targets(env, &metric.on.value, &|_| true) {
                let Target::Hostclass(host) = target else { continue };
                let name = metric_name(host, &metric.name);
                let owner = Owner { address: format!("{host} in {}", env.name), span: metric.span };
                if let Some(first) =
                    self.names.register(NameSpace::LogMetric, env, &format!("{}/{name}", env.name), owner)
                {
                    self.diagnostics.push(errors::log_metric_twice(
                        metric.span,
                        &name,
                        &env.name,
                        first.span,
                    ));
                    continue;
                }
                logs.entry((host, &metric.file.value)).or_default().push(metric);
            }
        }
        for ((host, file), metrics) in logs {
            self.log(env, host, file, &metrics);
        }
    }

    fn log<'m>(&mut self, env: &'m Environment, host: &'m str, file: &'m str, metrics: &[&'m LogMetric])
    where
        'a: 'm,
    {
        let Some(first) = metrics.first() else { return };
        let name = format!("{}/{host}{file}", env.name);
        let mut retention: Option<&Resolved<u32>> = None;
        for said in metrics.iter().filter_map(|metric| metric.retention.as_ref()) {
            match retention {
                Some(first) if first.value != said.value => {
                    let found =
                        errors::retentions_differ(said.span(), file, said.value, (first.value, first.span()));
                    self.diagnostics.push(found);
                }
                Some(_) | None => retention = retention.or(Some(said)),
            }
        }
        let filters: BTreeSet<MetricFilter> =
            metrics.iter().map(|metric| filter(env, host, metric)).collect();
        let path = format!("log/{host}/{}", file.trim_start_matches('/'));
        let mut node = self.node(env, &path, first.span).tagged(&format!("{}_{host}", env.name), &[]);
        let names =
            [(env.name.as_str(), env.span), (host, env.host(host).map_or(first.span, |host| host.span))];
        for (text, span) in names.into_iter().chain([(file, first.file.place(first.span))]) {
            node.part(LogGroup::NAME, text, span);
        }
        for (text, span) in names {
            node.part(LogGroup::FILTERS, text, span);
        }
        for metric in metrics {
            node.part(LogGroup::FILTERS, &metric.name, metric.span);
            for said in [&metric.pattern, &metric.value] {
                node.part(LogGroup::FILTERS, &said.value, said.place(metric.span));
            }
            let places = [&metric.pattern, &metric.value].map(Resolved::span);
            node.element(LogGroup::FILTERS, &metric_name(host, &metric.name), &places);
            node = node.declared_by(format!("log_metric.{}", metric.name));
        }
        let retention = node.optional(LogGroup::RETENTION, retention);
        self.add(node, LogGroup { name, retention, filters });
    }
}

fn filter(env: &Environment, host: &str, metric: &LogMetric) -> MetricFilter {
    let name = metric_name(host, &metric.name);
    MetricFilter {
        pattern: metric.pattern.value.clone(),
        namespace: namespace(&env.name),
        metric: name.clone(),
        value: metric.value.value.clone(),
        name,
    }
}
