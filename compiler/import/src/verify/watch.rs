//! Alarms, topics and metrics of log files.

use std::collections::BTreeMap;

use asiaq_lang::Span;

use super::asked::{Evaluated, items, plain};
use super::resolvers::{Tree, text, yes};
use super::{Comparison, Scope};
use crate::ini::Section;

pub(super) fn compare(
    tree: &Tree,
    scope: &Scope<'_>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    of_topics(tree, scope, evaluated, comparison);
    let alarms = alarms(evaluated);
    for section in &tree.alarms.sections {
        if section.name != "notifications" && section.name != "defaults" {
            of_alarm(tree, scope, section, &alarms, evaluated, comparison);
        }
    }
    for section in &tree.log_metrics.sections {
        of_log_metric(scope, section, evaluated, comparison);
    }
}

/// Team, namespace, metric, subject.
type Subject = (String, String, String, String);

/// The alarms of the program by what they watch, with the starts of their paths.
fn alarms(evaluated: &Evaluated) -> BTreeMap<Subject, String> {
    let starts = evaluated.ending(".when").filter_map(|path| path.strip_suffix(".when"));
    let subject = |start: &str| {
        let get = |field: &str| evaluated.plain(&format!("{start}.{field}"));
        let team = if get("team").is_empty() { evaluated.plain("project.team") } else { get("team") };
        let log = get("log_metric");
        let (namespace, metric) =
            if log.is_empty() { (get("namespace"), get("metric")) } else { ("LogMetrics".to_owned(), log) };
        let on = get("on");
        (team, namespace, metric, if on == "all" { String::new() } else { on })
    };
    starts
        .filter(|start| start.starts_with("alarm."))
        .map(|start| (subject(start), start.to_owned()))
        .collect()
}

/// Everything that a section says.
fn whole(section: &Section) -> Span {
    section.options.iter().filter(|option| !option.is_default).fold(section.span, |span, option| {
        if option.span.file == span.file && option.span.start >= span.start {
            span.to(option.span)
        } else {
            span
        }
    })
}

fn of_alarm(
    tree: &Tree,
    scope: &Scope<'_>,
    section: &Section,
    alarms: &BTreeMap<Subject, String>,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let parts: Vec<&str> = section.name.split('.').collect();
    let (head, subject) = match parts.as_slice() {
        [_, _, _] => (parts.clone(), ""),
        [head @ .., subject] => (head.to_vec(), *subject),
        [] => return,
    };
    let [team, namespace, metric @ ..] = head.as_slice() else { return };
    let metric = metric.join(".");
    let parent = format!("{team}.{namespace}.{metric}");
    let get = |option: &str| {
        let sections = [section.name.as_str(), parent.as_str(), "defaults"];
        sections.iter().find_map(|name| tree.alarms.section(name)?.get(option))
    };
    let place = Some(whole(section));
    let path = |field: &str| format!("{}.alarm [{}] {field}", scope.env, section.name);
    let key = ((*team).to_owned(), (*namespace).to_owned(), metric, subject.to_owned());
    let start = alarms.get(&key);
    let bounds = [("threshold_max", ">"), ("threshold_min", "<")];
    let statistic = match text(get("statistic")) {
        "SampleCount" => "samples".to_owned(),
        other => other.to_lowercase(),
    };
    let bounds: Vec<String> = bounds
        .iter()
        .filter_map(|(option, sign)| Some(format!("{statistic} {sign} {}", get(option)?.value)))
        .collect();
    comparison.compare(
        path("exists"),
        &(!bounds.is_empty()).to_string(),
        &start.is_some().to_string(),
        place,
    );
    let Some(start) = start else { return };
    let new = |field: &str| evaluated.plain(&format!("{start}.{field}"));
    let old = format!("{} for {} x {}s", bounds.join(" or "), text(get("duration")), text(get("period")));
    comparison.compare(path("when"), &old, &in_seconds(&new("when")), place);
    comparison.compare(path("level"), text(get("level")), &new("level"), place);
    if !yes(text(get("log_pattern_metric"))) {
        let custom = text(get("custom_metric")).eq_ignore_ascii_case("true");
        comparison.compare(path("custom_metric"), &custom.to_string(), &new("custom"), place);
    }
}

/// A condition with its period in seconds.
fn in_seconds(when: &str) -> String {
    let Some((start, period)) = when.rsplit_once(' ') else { return when.to_owned() };
    match period.strip_suffix('m').and_then(|minutes| minutes.parse::<u32>().ok()) {
        Some(minutes) => format!("{start} {}s", minutes.saturating_mul(60)),
        None => when.to_owned(),
    }
}

fn of_topics(tree: &Tree, scope: &Scope<'_>, evaluated: &Evaluated, comparison: &mut Comparison<'_>) {
    for setting in tree.alarms.section("notifications").into_iter().flat_map(|section| &section.options) {
        let parts: Vec<&str> = setting.key.split('_').collect();
        let (Some(team), Some(env), Some(level)) = (parts.first(), parts.get(1), parts.last()) else {
            continue;
        };
        if parts.len() < 3 || *env != scope.env {
            continue;
        }
        let is_usual = team.eq_ignore_ascii_case(&evaluated.plain("project.team"));
        let name = if is_usual { (*level).to_owned() } else { format!("{team}_{level}") };
        let old: Vec<&str> =
            setting.value.split(',').map(str::trim).filter(|endpoint| !endpoint.is_empty()).collect();
        let new = evaluated.plain(&format!("topic.{name}.subscribers"));
        let path = format!("{}.topic.{name}.subscribers", scope.env);
        comparison.compare(path, &old.join(", "), &new, Some(setting.key_span.to(setting.span)));
    }
}

fn of_log_metric(
    scope: &Scope<'_>,
    section: &Section,
    evaluated: &Evaluated,
    comparison: &mut Comparison<'_>,
) {
    let mut parts = section.name.split('.');
    let (Some(hostclass), Some(metric)) = (parts.next(), parts.next()) else { return };
    let is_it = |start: &&str| {
        let name = start.strip_prefix("log_metric.").unwrap_or_default();
        let on = items(evaluated.written(&format!("{start}.on")));
        (name == metric || name == format!("{metric}_{hostclass}"))
            && on.iter().any(|on| plain(on) == hostclass)
    };
    let start = evaluated.ending(".pattern").filter_map(|path| path.strip_suffix(".pattern")).find(is_it);
    for (option, field) in [("log_file", "file"), ("filter_pattern", "pattern"), ("metric_value", "value")] {
        let setting = section.get(option);
        let new =
            start.map(|start| unquoted(evaluated.written(&format!("{start}.{field}")))).unwrap_or_default();
        let path = format!("{}.log_metric [{}] {option}", scope.env, section.name);
        comparison.compare(path, text(setting), &new, Some(whole(section)));
    }
}

/// A text without its quotes: brackets belong to patterns.
fn unquoted(written: &str) -> String {
    let Some(inner) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return written.to_owned();
    };
    let mut text = String::new();
    let mut signs = inner.chars();
    while let Some(sign) = signs.next() {
        text.extend(if sign == '\\' { signs.next() } else { Some(sign) });
    }
    text
}
