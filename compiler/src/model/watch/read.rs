//! From declarations to what is watched.

use std::sync::Arc;

use asiaq_lang::ast::Decl;
use asiaq_lang::{Diagnostic, Span};

use super::{Alarm, LogMetric, Metric, Topic, Watch};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::model::Provenance;
use crate::names::name_span;
use crate::value::{Spanned, Value, Watched};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Days that CloudWatch keeps a log (Amazon CloudWatch Logs API reference, `PutRetentionPolicy`).
const RETENTIONS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// Evaluates what is watched in one environment.
pub(in crate::model) fn of_environment(
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Watch {
    let mut reader = Reader { evaluator, provenance, diagnostics };
    Watch {
        topics: reader.each("topic", Reader::topic),
        alarms: reader.each("alarm", Reader::alarm),
        log_metrics: reader.each("log_metric", Reader::log_metric),
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

impl Declared<'_> {
    /// Where a field was set; the declaration where nothing says it.
    fn chain(&self, field: &str) -> Vec<Span> {
        self.fields.chain(field).map_or_else(|| vec![self.span], <[Span]>::to_vec)
    }

    /// A field that is always there, or what stands in for it where it is broken.
    fn flag(&self, field: &str, broken: bool) -> Resolved<bool> {
        self.fields.boolean(field).unwrap_or_else(|| Resolved { value: broken, chain: self.chain(field) })
    }

    fn watched(&self) -> Resolved<Vec<Spanned<Watched>>> {
        let watched = |value| if let Value::Watched(watched) = value { Some(watched) } else { None };
        self.fields
            .list("on", watched)
            .unwrap_or_else(|| Resolved { value: Vec::new(), chain: self.chain("on") })
    }
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
        let subscriber = |value| if let Value::Subscriber(who) = value { Some(who) } else { None };
        let subscribers = fields.list("subscribers", subscriber);
        let topic = Topic {
            name: (*name).to_owned(),
            span: *span,
            called: fields.text("name"),
            team: fields.text("team"),
            subscribers: subscribers.unwrap_or_else(|| Resolved { value: Vec::new(), chain: vec![*span] }),
        };
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
        (!fields.is_broken("name")).then_some(topic)
    }

    fn alarm(&mut self, declared: &Declared<'a>) -> Option<Alarm> {
        let Declared { name, span, fields, .. } = declared;
        let metric = self.metric(declared)?;
        let level = fields.text("level");
        let of_level = level.filter(|level| self.evaluator.names.get("topic", &level.value).is_some());
        let when = fields.condition("when")?;
        let alarm = Alarm {
            name: (*name).to_owned(),
            span: *span,
            ancestors: declared.ancestors.clone(),
            metric,
            when,
            on: declared.watched(),
            notify: fields.reference("notify").or(of_level),
            custom: declared.flag("custom", false),
            dimensions: fields.texts("dimensions"),
            port: fields.ports("port").map(|port| port.map(|ports| ports.from)),
            missing: fields
                .text("missing")
                .map_or_else(|| Resolved { value: "missing".to_owned(), chain: vec![*span] }, aws_word),
            ok: declared.flag("ok", true),
            description: fields.text("description"),
            called: fields.text("name"),
            team: fields.text("team"),
            enabled: declared.flag("enabled", true),
        };
        let is_broken =
            ["on", "notify", "level", "dimensions", "port", "name"].iter().any(|f| fields.is_broken(f));
        (!is_broken).then_some(alarm)
    }

    /// The metric of an alarm: its own, or one of a log.
    fn metric(&mut self, declared: &Declared<'a>) -> Option<Metric> {
        let Declared { span, fields, .. } = declared;
        let (namespace, metric) = (fields.text("namespace"), fields.text("metric"));
        if let Some(log) = fields.reference("log_metric") {
            if let Some(plain) = namespace.as_ref().or(metric.as_ref()) {
                self.diagnostics.push(errors::two_metrics(plain.place(*span), log.place(*span)));
                return None;
            }
            return Some(Metric::Log(log));
        }
        if fields.is_broken("log_metric") || fields.is_broken("namespace") || fields.is_broken("metric") {
            return None;
        }
        match (namespace, metric) {
            (Some(namespace), Some(metric)) => Some(Metric::Plain { namespace, metric }),
            (namespace, metric) => {
                let missing = if namespace.is_none() { "namespace" } else { "metric" };
                let said = namespace.or(metric).map(|set| set.place(*span));
                self.diagnostics.push(errors::alarm_without_metric(*span, declared.name, missing, said));
                None
            }
        }
    }

    fn log_metric(&mut self, declared: &Declared<'a>) -> Option<LogMetric> {
        let Declared { name, span, fields, .. } = declared;
        let retention = fields.duration("retention").and_then(|set| self.retention(set));
        let on = declared.watched();
        for one in &on.value {
            if let Watched::Named(text) = &one.value {
                self.diagnostics.push(errors::log_of_no_hostclass(one.span, text));
            }
        }
        let file = fields.text("file")?;
        if !is_log_file(&file.value) {
            self.diagnostics.push(errors::log_file(file.span(), &file.value));
            return None;
        }
        Some(LogMetric {
            name: (*name).to_owned(),
            span: *span,
            on,
            file,
            pattern: fields.text("pattern")?,
            value: fields.text("value")?,
            retention,
        })
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
