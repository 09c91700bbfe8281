//! `disco_alarms.ini`: alarms, and `[notifications]`, the topics that they notify.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::did_you_mean;
use asiaq_lang::{Diagnostic, Span};

use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Section, Setting, trim};
use crate::old::{Old, whole};
use crate::options::truth;
use crate::scopes::Scopes;
use crate::words::{is_true, name_of, quoted};

/// The options of an alarm.
const OPTIONS: [&str; 8] = [
    "level",
    "statistic",
    "period",
    "duration",
    "custom_metric",
    "threshold_max",
    "threshold_min",
    "log_pattern_metric",
];

/// Those without which there is no alarm.
const REQUIRED: [&str; 5] = ["level", "statistic", "period", "duration", "custom_metric"];

/// The name of a section, in its parts.
pub(crate) struct Name<'a> {
    pub(crate) team: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) metric: String,
    /// The hostclass, database or search domain; nothing for all.
    pub(crate) subject: Option<&'a str>,
}

impl<'a> Name<'a> {
    pub(crate) fn of(section: &'a str) -> Option<Self> {
        let parts: Vec<&str> = section.split('.').collect();
        match parts.as_slice() {
            [team, namespace, metric] => {
                Some(Self { team, namespace, metric: (*metric).to_owned(), subject: None })
            }
            [team, namespace, metric @ .., subject] if !metric.is_empty() => {
                Some(Self { team, namespace, metric: metric.join("."), subject: Some(subject) })
            }
            _ => None,
        }
    }
}

/// An alarm that was read.
struct Alarm<'a> {
    section: &'a Section,
    name: Name<'a>,
    /// Its name in the program.
    called: String,
    fields: Vec<Node>,
}

/// Writes topics and alarms. The answer is the team of most of them.
pub(crate) fn translate(old: &mut Old, scopes: &Scopes, draft: &mut Draft) -> Option<(String, Span)> {
    let ini = std::mem::take(&mut old.alarms);
    let sections: Vec<(&Section, Option<Name<'_>>)> =
        ini.sections.iter().map(|section| (section, Name::of(&section.name))).collect();
    let team = usual_team(&sections, ini.section("notifications"));
    let usual = team.as_ref().map(|(team, _)| team.as_str()).unwrap_or_default();
    let topics = topics(old, scopes, ini.section("notifications"), usual, draft);
    let defaults = ini.section("defaults");
    let is_alarm = |section: &Section| !["notifications", "defaults"].contains(&section.name.as_str());
    if let (None, Some(first)) = (defaults, ini.sections.iter().find(|section| is_alarm(section))) {
        let message = "there is no section `[defaults]`: the original fails for every alarm";
        old.find(Diagnostic::new(codes::MISSING_OPTION, first.span, message));
    }
    if let Some(defaults) = defaults {
        report_unread(old, defaults);
    }
    let mut alarms: Vec<Alarm<'_>> = Vec::new();
    let mut taken = BTreeSet::new();
    for (section, name) in sections.into_iter().filter(|(section, _)| is_alarm(section)) {
        report_unread(old, section);
        let Some(name) = name else {
            let why = "an alarm is `[TEAM.NAMESPACE.METRIC]` or `[TEAM.NAMESPACE.METRIC.HOSTCLASS]`";
            let message = format!("the original fails for every alarm: {why}");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, section.span, message));
            draft.add("alarms.asq", Node::remark(as_comment(section, why)));
            continue;
        };
        let called = called(&name, &mut taken);
        let search = Search { own: section, parent: parent_of(&ini.sections, &name), defaults };
        match fields(old, &search, &name, usual) {
            Ok(fields) => {
                let level = search.get("level").map(|level| level.value.clone()).unwrap_or_default();
                has_topics(old, scopes, &topics, (section, &name), &level);
                alarms.push(Alarm { section, name, called, fields });
            }
            Err(why) => draft.add("alarms.asq", Node::remark(as_comment(section, &why))),
        }
    }
    for alarm in &alarms {
        draft.add("alarms.asq", written(alarm, &alarms));
    }
    draft.add("alarms.asq", Node::remark(ini.rest.clone()));
    old.alarms = ini;
    team
}

/// The team that most alarms have.
fn usual_team(sections: &[(&Section, Option<Name<'_>>)], topics: Option<&Section>) -> Option<(String, Span)> {
    let mut count: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
    for (section, name) in sections {
        if let Some(name) = name {
            count.entry(name.team).or_insert((0, section.span)).0 += 1;
        }
    }
    for topic in topics.iter().flat_map(|section| &section.options) {
        if let Some((team, _)) = topic.key.split_once('_') {
            count.entry(team).or_insert((0, topic.key_span)).0 += 1;
        }
    }
    let most = count.into_iter().max_by_key(|(team, (count, _))| (*count, std::cmp::Reverse(*team)));
    most.map(|(team, (_, span))| (team.to_owned(), span))
}

fn called(name: &Name<'_>, taken: &mut BTreeSet<String>) -> String {
    let plain = match name.subject {
        Some(subject) => name_of(&format!("{}_{subject}", name.metric)),
        None => name_of(&name.metric),
    };
    let longer = name_of(&format!("{plain}_{}", name.namespace));
    let longest = name_of(&format!("{longer}_{}", name.team));
    let free =
        [plain, longer, longest.clone()].into_iter().find(|name| !taken.contains(name)).unwrap_or(longest);
    taken.insert(free.clone());
    free
}

/// The section of the same metric for everything.
fn parent_of<'a>(sections: &'a [Section], name: &Name<'_>) -> Option<&'a Section> {
    name.subject?;
    let parent = format!("{}.{}.{}", name.team, name.namespace, name.metric);
    sections.iter().find(|section| section.name == parent)
}

/// The sections that are searched for an option.
struct Search<'a> {
    own: &'a Section,
    parent: Option<&'a Section>,
    defaults: Option<&'a Section>,
}

impl<'a> Search<'a> {
    fn get(&self, option: &str) -> Option<&'a Setting> {
        let sections = [Some(self.own), self.parent, self.defaults];
        sections.into_iter().flatten().find_map(|section| section.get(option))
    }
}

/// The fields of an alarm, or why there is none.
fn fields(old: &mut Old, search: &Search<'_>, name: &Name<'_>, usual: &str) -> Result<Vec<Node>, String> {
    let missing = REQUIRED.into_iter().find(|option| search.get(option).is_none());
    if let Some(missing) = missing {
        let message =
            format!("`[{}]` lacks `{missing}`: the original cannot make the alarm", search.own.name);
        old.find(Diagnostic::new(codes::MISSING_OPTION, search.own.span, message));
        return Err(format!("it has no `{missing}`"));
    }
    let mut nodes = Vec::new();
    let of_log = search.get("log_pattern_metric").is_some_and(|setting| truth(old, setting));
    if of_log {
        nodes.push(Node::field(format!("log_metric = {}", name_of(&name.metric)), search.own.span));
        if name.namespace != "LogMetrics" {
            let message =
                format!("no log metric is in the namespace `{}`: they are in `LogMetrics`", name.namespace);
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, search.own.span, message));
        }
    } else {
        nodes.push(Node::field(format!("namespace = {}", quoted(name.namespace)), search.own.span));
        nodes.push(Node::field(format!("metric = {}", quoted(&name.metric)), search.own.span));
        if let Some(setting) = search.get("custom_metric") {
            let is_custom = setting.value.eq_ignore_ascii_case("true");
            if !is_custom && is_true(&setting.value) {
                let message =
                    format!("`{}` counts as no: here the original knows only `true`", setting.value);
                old.find(Diagnostic::new(codes::SILENTLY_FALSE, setting.span, message));
            }
            if is_custom {
                nodes.push(Node::field("custom = true", whole(setting)));
            }
        }
    }
    nodes.push(condition(old, search)?);
    if let Some(level) = search.get("level") {
        match level.value.as_str() {
            "critical" => {}
            "info" => nodes.push(Node::field("level = info", whole(level))),
            other => {
                let why = format!("the level `{other}` is neither `critical` nor `info`");
                old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, level.span, why.clone()));
                return Err(why);
            }
        }
        if name.team != usual {
            nodes.push(Node::field(format!("team = {}", quoted(name.team)), search.own.span));
            let topic = name_of(&format!("{}_{}", name.team, level.value));
            nodes.push(Node::field(format!("notify = {topic}"), search.own.span));
        }
    }
    Ok(nodes)
}

fn condition(old: &mut Old, search: &Search<'_>) -> Result<Node, String> {
    let mut bad = |setting: &Setting, why: String| {
        old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, setting.span, format!("`{}`: {why}", setting.key)));
        why
    };
    let statistic = match search.get("statistic") {
        Some(setting) => match setting.value.as_str() {
            "SampleCount" => "samples",
            "Average" => "average",
            "Sum" => "sum",
            "Minimum" => "minimum",
            "Maximum" => "maximum",
            other => return Err(bad(setting, format!("`{other}` is no statistic of CloudWatch"))),
        },
        None => "average",
    };
    let mut bounds = Vec::new();
    let mut origin = search.own.span;
    let mut comments = Vec::new();
    for (option, sign) in [("threshold_max", '>'), ("threshold_min", '<')] {
        let Some(setting) = search.get(option) else { continue };
        let is_number = !setting.value.is_empty() && setting.value.chars().all(|sign| sign.is_ascii_digit());
        if !is_number {
            return Err(bad(setting, format!("`{}` is no whole number from 0 on", setting.value)));
        }
        bounds.push(format!("{statistic} {sign} {}", setting.value));
        origin = whole(setting);
        comments.extend(setting.comments.iter().cloned());
    }
    if bounds.is_empty() {
        let message = format!("`[{}]` has no threshold: the original makes no alarm", search.own.name);
        old.find(Diagnostic::new(codes::MISSING_OPTION, search.own.span, message));
        return Err("it has no `threshold_max` and no `threshold_min`".to_owned());
    }
    let mut numbers = Vec::new();
    for option in ["duration", "period"] {
        let Some(setting) = search.get(option) else { continue };
        match setting.value.parse::<u32>() {
            Ok(number) if number > 0 => numbers.push(number),
            _ => return Err(bad(setting, format!("`{}` is no number", setting.value))),
        }
    }
    let [count, seconds] = numbers.as_slice() else { return Err("it has no period".to_owned()) };
    let period =
        if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") };
    let text = format!("when = {} for {count} x {period}", bounds.join(" or "));
    Ok(Node::field(text, origin).commented(&comments))
}

/// The declaration of an alarm. One that has a parent says only what differs.
fn written(alarm: &Alarm<'_>, alarms: &[Alarm<'_>]) -> Node {
    let is_parent = |one: &Alarm<'_>, two: &Alarm<'_>| {
        let (one, two) = (&one.name, &two.name);
        one.subject.is_some()
            && two.subject.is_none()
            && (one.team, one.namespace) == (two.team, two.namespace)
            && one.metric == two.metric
    };
    let parent_of = |one: &Alarm<'_>| alarms.iter().find(|two| is_parent(one, two));
    let parent = parent_of(alarm);
    let inherited = parent.map(|parent| parent.fields.as_slice()).unwrap_or_default();
    let is_new = |node: &&Node| !inherited.iter().any(|other| other.is_same(node));
    let mut body: Vec<Node> = alarm.fields.iter().filter(is_new).cloned().collect();
    let children = alarms.iter().filter(|one| parent_of(one).is_some_and(|two| std::ptr::eq(two, alarm)));
    for said in children.flat_map(|child| &child.fields) {
        for own in &mut body {
            own.stand_for(said);
        }
    }
    let back = |name: &str, usual: &str| {
        let is_field = |node: &Node| node.text.starts_with(name);
        (inherited.iter().any(is_field) && !alarm.fields.iter().any(is_field)).then(|| Node {
            text: usual.to_owned(),
            origin: Some(alarm.section.span),
            ..Node::default()
        })
    };
    body.extend(back("level =", "level = critical"));
    body.extend(back("custom =", "custom = false"));
    if let Some(subject) = alarm.name.subject {
        let is_named = alarm.name.namespace == "AWS/RDS" || alarm.name.namespace == "AWS/ES";
        let subject = if is_named { quoted(subject) } else { name_of(subject) };
        body.push(Node::field(format!("on = {subject}"), alarm.section.span));
    }
    let head = match parent {
        Some(parent) => format!("alarm {} : {}", alarm.called, parent.called),
        None => format!("alarm {}", alarm.called),
    };
    Node::block(head, Some(alarm.section.span), body).commented(&alarm.section.comments)
}

pub(crate) fn as_comment(section: &Section, why: &str) -> Vec<String> {
    let mut lines = section.comments.clone();
    lines.push(format!("Not taken over: {why}"));
    lines.push(format!("[{}]", section.name));
    for option in section.options.iter().filter(|option| !option.is_default) {
        lines.extend(format!("{} = {}", option.key, option.value).lines().map(str::to_owned));
    }
    lines
}

fn report_unread(old: &mut Old, section: &Section) {
    for option in section.options.iter().filter(|option| !option.is_default) {
        if OPTIONS.contains(&option.key.as_str()) {
            continue;
        }
        let message = format!("nothing reads the option `{}` of an alarm", option.key);
        let found = Diagnostic::new(codes::UNREAD_OPTION, option.key_span, message);
        let plain = option.key.split('@').next().unwrap_or_default();
        old.find(if option.key.contains('@') && OPTIONS.contains(&plain) {
            found.help("alarms are the same in all environments: the original knows no `@ENV` here")
        } else if let Some(near) = did_you_mean(&option.key, &OPTIONS) {
            found.help(format!("did you mean `{near}`?"))
        } else {
            found
        });
    }
}

/// Writes the topics; the answer are their names in AWS.
fn topics(
    old: &mut Old,
    scopes: &Scopes,
    section: Option<&Section>,
    usual: &str,
    draft: &mut Draft,
) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let Some(section) = section else { return known };
    let mut declared: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for setting in section.options.iter().filter(|setting| !setting.is_default) {
        known.insert(setting.key.clone());
        let parts: Vec<&str> = setting.key.split('_').collect();
        let [team, env, level @ ("critical" | "info")] = parts.as_slice() else {
            let why = "a topic is `TEAM_ENV_critical` or `TEAM_ENV_info`";
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, setting.key_span, why));
            let text = format!("{} = {}", setting.key, setting.value);
            draft.add("alarms.asq", Node::refused(text, whole(setting), why).commented(&setting.comments));
            continue;
        };
        let name = if team.eq_ignore_ascii_case(usual) {
            (*level).to_owned()
        } else {
            name_of(&format!("{team}_{level}"))
        };
        let endpoints = endpoints(old, setting);
        let node = if let Some(env) = scopes.find(env) {
            if env.name.chars().any(|sign| sign.is_ascii_uppercase()) {
                let message = format!("it never matches: keys are in lower case, and `{}` is not", env.name);
                old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, setting.key_span, message));
            }
            Node::list(format!("subscribers@{} =", env.name), whole(setting), endpoints)
        } else {
            let message = format!("there is no environment `{env}`, of which the topic would be");
            let help = format!("say its type with `--env {env}=TYPE`, or correct the name");
            old.find(
                Diagnostic::new(codes::OVERRIDE_WITHOUT_ENVIRONMENT, setting.key_span, message).help(help),
            );
            let list = Node::list(format!("subscribers@{env} ="), whole(setting), endpoints);
            Node { refused: Some(format!("no environment `{env}` is known")), ..list }
        };
        let fields = declared.entry(name).or_insert_with(|| {
            let own = !team.eq_ignore_ascii_case(usual);
            let name = format!("name = \"{team}_${{env.name}}_{level}\"");
            own.then(|| Node::field(name, whole(setting))).into_iter().collect()
        });
        fields.push(node.commented(&setting.comments));
    }
    let mut comments = section.comments.as_slice();
    for (name, fields) in declared {
        let node = Node::block(format!("topic {name}"), Some(section.span), lifted(fields, scopes));
        draft.add("alarms.asq", node.commented(comments));
        comments = &[];
    }
    known
}

/// One field where every environment has the same subscribers.
fn lifted(fields: Vec<Node>, scopes: &Scopes) -> Vec<Node> {
    let of_environments = |node: &&Node| node.refused.is_none() && node.text.starts_with("subscribers@");
    let lists: Vec<&Node> = fields.iter().filter(of_environments).collect();
    let Some((first, rest)) = lists.split_first().filter(|_| lists.len() == scopes.environments.len()) else {
        return fields;
    };
    let plain = |node: &Node| Node { text: "subscribers =".to_owned(), ..node.clone() };
    if rest.is_empty() || !rest.iter().all(|node| plain(node).is_same(&plain(first))) {
        return fields;
    }
    let comments: Vec<String> = rest.iter().flat_map(|node| node.comments.clone()).collect();
    let mut all = plain(first).commented(&comments);
    for node in rest {
        all.stand_for(&plain(node));
    }
    let others = fields.iter().filter(|node| !of_environments(node)).cloned();
    std::iter::once(all).chain(others).collect()
}

fn endpoints(old: &mut Old, setting: &Setting) -> Vec<Node> {
    let mut nodes = Vec::new();
    for written in setting.value.split(',').filter(|part| !trim(part).is_empty()) {
        let endpoint = trim(written);
        let origin = old.part(setting, endpoint);
        if !endpoint.contains('@') && !endpoint.starts_with("http") {
            let why = format!("`{endpoint}` is neither an email address nor a URL");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, origin, why.clone()));
            nodes.push(Node::refused(endpoint, origin, why));
            continue;
        }
        if endpoint != written {
            let message = "there is white space around the endpoint: the original takes it as a part of it";
            old.find(Diagnostic::new(codes::WRONG_SEPARATOR, origin, message));
        }
        nodes.push(Node::field(quoted(endpoint), origin));
    }
    nodes
}

/// Reports the environments in which nothing makes the topic of an alarm.
fn has_topics(
    old: &mut Old,
    scopes: &Scopes,
    topics: &BTreeSet<String>,
    (section, name): (&Section, &Name<'_>),
    level: &str,
) {
    let lacks = |env: &&str| !topics.contains(&format!("{}_{env}_{level}", name.team));
    let missing: Vec<&str> = scopes.environments.keys().map(String::as_str).filter(lacks).collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<String> = missing.iter().map(|env| format!("`{}_{env}_{level}`", name.team)).collect();
    let message = format!("nothing makes the topic that the alarm notifies: {}", names.join(", "));
    let mut found = Diagnostic::new(codes::ALARM_WITHOUT_TOPIC, section.span, message);
    if name.team.chars().any(|sign| sign.is_ascii_uppercase()) {
        found = found.help("names of topics are in lower case, and the team of the alarm is not");
    }
    old.find(found);
}
