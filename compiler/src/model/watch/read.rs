//! Evaluates the declarations of topics, alarms and log metrics.

use std::sync::Arc;

use asiaq_lang::ast::Decl;
use asiaq_lang::{Diagnostic, Span};

use super::{Alarm, LogMetric, Metric, Topic, Watch};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{AlarmFields, LogMetricFields, TopicFields};
use crate::library::kinds;
use crate::log_pattern;
use crate::model::Provenance;
use crate::names::name_span;
use crate::value::{Spanned, Watched};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Days that CloudWatch keeps a log (Amazon CloudWatch Logs API reference, `PutRetentionPolicy`).
const RETENTIONS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// Evaluates the topics, alarms and log metrics of one environment.
pub(in crate::model) fn of_environment(
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Watch {
    let mut reader = Reader { evaluator, provenance, diagnostics };
    Watch {
        topics: reader.each(kinds::TOPIC, Reader::topic),
        alarms: reader.each(kinds::ALARM, Reader::alarm),
        log_metrics: reader.each(kinds::LOG_METRIC, Reader::log_metric),
    }
}

struct Reader<'a, 'b, 'c> {
    evaluator: &'c Evaluator<'a, 'b>,
    provenance: &'c mut Provenance,
    diagnostics: &'c mut Vec<Diagnostic>,
}

/// A declaration with its fields.
struct Declared<'a> {
    name: &'a str,
    span: Span,
    ancestors: Vec<String>,
    fields: Arc<Fields>,
}

impl<'a> Reader<'a, '_, '_> {
    /// Every declaration of `kind` whose inheritance is whole, as far as it could be understood.
    fn each<T>(&mut self, kind: &str, mut read: impl FnMut(&mut Self, &Declared<'a>) -> Option<T>) -> Vec<T> {
        let names = self.evaluator.names;
        let mut found = Vec::new();
        for name in names.of_kind(kind) {
            let Some(chain) = names.get(kind, name).and_then(|decl| names.whole_chain(decl)) else {
                continue;
            };
            let Some(decl) = chain.first() else { continue };
            let block = Block::of_chain(&chain);
            let fields = Arc::new(self.evaluator.fields(kind, &block, name_span(decl), self.diagnostics));
            self.provenance.add(format!("{kind}.{name}"), Arc::clone(&fields));
            let called = |decl: &&Decl| decl.name.as_ref().map(|name| name.text.clone());
            let ancestors = chain.iter().skip(1).filter_map(called).collect();
            found.extend(read(self, &Declared { name, span: name_span(decl), ancestors, fields }));
        }
        found
    }

    fn topic(&mut self, declared: &Declared<'a>) -> Option<Topic> {
        let Declared { name, span, fields, .. } = declared;
        let TopicFields { subscribers, name: called, team } = TopicFields::of(fields, *span);
        let topic = Topic { name: (*name).to_owned(), span: *span, called, team, subscribers };
        let mut seen: Vec<&Spanned<crate::value::Subscriber>> = Vec::new();
        for one in &topic.subscribers.value {
            match seen.iter().find(|first| first.value == one.value) {
                Some(first) => {
                    self.diagnostics.push(errors::subscribed_twice(
                        one.span,
                        &one.value.endpoint,
                        first.span,
                    ));
                }
                None => seen.push(one),
            }
            if has_password(&one.value.endpoint) {
                self.diagnostics.push(errors::password_in_endpoint(one.span));
            }
        }
        (!fields.is_broken(TopicFields::NAME)).then_some(topic)
    }

    fn alarm(&mut self, declared: &Declared<'a>) -> Option<Alarm> {
        let Declared { name, span, fields, .. } = declared;
        let of = AlarmFields::of(fields, *span);
        let metric = self.metric(declared, of.namespace, of.metric, of.log_metric)?;
        let is_topic =
            |level: &Resolved<String>| self.evaluator.names.get(kinds::TOPIC, &level.value).is_some();
        let of_level = Some(of.level).filter(is_topic);
        let when = of.when?;
        let alarm = Alarm {
            name: (*name).to_owned(),
            span: *span,
            ancestors: declared.ancestors.clone(),
            metric,
            when,
            on: of.on,
            notify: of.notify.or(of_level),
            custom: of.custom,
            dimensions: of.dimensions,
            port: of.port.map(|port| port.map(|ports| ports.from)),
            missing: aws_word(of.missing),
            ok: of.ok,
            description: of.description,
            called: of.name,
            team: of.team,
            enabled: of.enabled,
        };
        let is_broken = [
            AlarmFields::ON,
            AlarmFields::NOTIFY,
            AlarmFields::LEVEL,
            AlarmFields::DIMENSIONS,
            AlarmFields::PORT,
            AlarmFields::NAME,
        ]
        .iter()
        .any(|field| fields.is_broken(field));
        (!is_broken).then_some(alarm)
    }

    /// The metric of an alarm: its own, or one of a log.
    fn metric(
        &mut self,
        declared: &Declared<'a>,
        namespace: Option<Resolved<String>>,
        metric: Option<Resolved<String>>,
        log: Option<Resolved<String>>,
    ) -> Option<Metric> {
        let Declared { span, fields, .. } = declared;
        if let Some(log) = log {
            if let Some(plain) = namespace.as_ref().or(metric.as_ref()) {
                self.diagnostics.push(errors::two_metrics(plain.place(*span), log.place(*span)));
                return None;
            }
            return Some(Metric::Log(log));
        }
        let read = [AlarmFields::LOG_METRIC, AlarmFields::NAMESPACE, AlarmFields::METRIC];
        if read.iter().any(|field| fields.is_broken(field)) {
            return None;
        }
        match (namespace, metric) {
            (Some(namespace), Some(metric)) => Some(Metric::Plain { namespace, metric }),
            (namespace, metric) => {
                let missing = if namespace.is_none() { AlarmFields::NAMESPACE } else { AlarmFields::METRIC };
                let said = namespace.or(metric).map(|set| set.place(*span));
                self.diagnostics.push(errors::alarm_without_metric(*span, declared.name, missing, said));
                None
            }
        }
    }

    fn log_metric(&mut self, declared: &Declared<'a>) -> Option<LogMetric> {
        let Declared { name, span, fields, .. } = declared;
        let of = LogMetricFields::of(fields, *span);
        let retention = of.retention.and_then(|set| self.retention(set));
        for one in &of.on.value {
            if let Watched::Named(text) | Watched::Store(_, text) = &one.value {
                self.diagnostics.push(errors::log_of_no_hostclass(one.span, text));
            }
        }
        let file = of.file?;
        if !is_log_file(&file.value) {
            self.diagnostics.push(errors::log_file(file.span(), &file.value));
            return None;
        }
        let pattern = of.pattern?;
        if !self.pattern(&pattern, &of.value) {
            return None;
        }
        let metric = LogMetric {
            name: (*name).to_owned(),
            span: *span,
            on: of.on,
            file,
            pattern,
            value: of.value,
            retention,
        };
        (!fields.is_broken(LogMetricFields::VALUE)).then_some(metric)
    }

    /// Whether CloudWatch Logs takes a pattern, and the pattern has the field that is the value.
    fn pattern(&mut self, pattern: &Resolved<String>, value: &Resolved<String>) -> bool {
        let read = match log_pattern::Pattern::read(&pattern.value) {
            Ok(read) => read,
            Err(mistake) => {
                self.diagnostics.push(errors::log_pattern(pattern.span(), &mistake));
                return false;
            }
        };
        let has_value = read.has(&value.value);
        if !has_value {
            let fields = read.fields();
            let found =
                errors::log_value_of_no_field(value.span(), &value.value, pattern.span(), fields.as_deref());
            self.diagnostics.push(found);
        }
        has_value
    }

    /// Whole days that AWS knows.
    fn retention(&mut self, seconds: Resolved<u64>) -> Option<Resolved<u32>> {
        let days = u32::try_from(seconds.value / DAY).unwrap_or(u32::MAX);
        if !seconds.value.is_multiple_of(DAY) || !RETENTIONS.contains(&days) {
            self.diagnostics.push(errors::retention(seconds.span(), seconds.value, RETENTIONS));
            return None;
        }
        Some(seconds.map(|_| days))
    }
}

/// Whether a URL has a user and a password, as in `https://user:password@example.com/`.
fn has_password(endpoint: &str) -> bool {
    let Some((_, rest)) = endpoint.split_once("://") else { return false };
    rest.split(['/', '?', '#']).next().is_some_and(|host| host.contains('@'))
}

/// Whether a path is absolute, and such that CloudWatch takes it into the name of a group, and AWS into a tag.
fn is_log_file(path: &str) -> bool {
    let is_sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    path.strip_prefix('/')
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(is_sound))
}

/// AWS's word for what no data means.
fn aws_word(word: Resolved<String>) -> Resolved<String> {
    word.map(|word| if word == "not_breaching" { "notBreaching".to_owned() } else { word })
}
