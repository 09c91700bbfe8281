//! `disco_log_metrics.ini`: metrics of log files.

use std::collections::BTreeMap;

use asiaq_compiler::did_you_mean;
use asiaq_lang::Diagnostic;

use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::Section;
use crate::old::{Old, whole};
use crate::words::{is_name, name_of, quoted};

/// The options of a metric, with the fields.
const FIELDS: [(&str, &str); 3] =
    [("log_file", "file"), ("filter_pattern", "pattern"), ("metric_value", "value")];

/// Writes the metrics of log files. Those of one name that say the same are one for several hostclasses.
pub(crate) fn translate(old: &mut Old, draft: &mut Draft) {
    let ini = std::mem::take(&mut old.log_metrics);
    let mut written: Vec<(String, Vec<String>, Node)> = Vec::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for section in &ini.sections {
        let mut parts = section.name.split('.');
        let (Some(hostclass), Some(metric)) = (parts.next(), parts.next()) else {
            let message = "a metric of a log file is `[HOSTCLASS.METRIC]`";
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, section.span, message));
            continue;
        };
        if parts.next().is_some() || !is_name(metric) {
            let message = format!("the name of the metric becomes `{}`", name_of(metric));
            old.find(Diagnostic::new(codes::CANNOT_BE_SAID, section.span, message));
        }
        let body = fields(old, section);
        let node = Node::block(String::new(), Some(section.span), body).commented(&section.comments);
        let name = name_of(metric);
        match names.get(&name).and_then(|at| written.get_mut(*at)) {
            Some((_, hostclasses, first)) if first.is_same(&node) => {
                hostclasses.push(name_of(hostclass));
                first.stand_for(&node);
                first.comments.extend(node.comments);
            }
            Some(_) => {
                let other = name_of(&format!("{metric}_{hostclass}"));
                let message = format!("another hostclass has a metric `{name}`: this one becomes `{other}`");
                old.find(Diagnostic::new(codes::CANNOT_BE_SAID, section.span, message));
                written.push((other, vec![name_of(hostclass)], node));
            }
            None => {
                names.insert(name.clone(), written.len());
                written.push((name, vec![name_of(hostclass)], node));
            }
        }
    }
    for (name, hostclasses, mut node) in written {
        let on = match hostclasses.as_slice() {
            [only] => only.clone(),
            several => crate::words::list(several),
        };
        if let (Some(body), Some(origin)) = (&mut node.body, node.origin) {
            body.insert(0, Node::field(format!("on = {on}"), origin));
        }
        draft.add("alarms.asq", Node { text: format!("log_metric {name}"), ..node });
    }
    draft.add("alarms.asq", Node::remark(ini.rest.clone()));
    old.log_metrics = ini;
}

fn fields(old: &mut Old, section: &Section) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (option, name) in FIELDS {
        let Some(setting) = section.get(option) else {
            let message = format!("`[{}]` lacks `{option}`: the original fails", section.name);
            old.find(Diagnostic::new(codes::MISSING_OPTION, section.span, message));
            continue;
        };
        let is_number = setting.value.parse::<f64>().is_ok();
        let value = if name == "value" && is_number { setting.value.clone() } else { quoted(&setting.value) };
        nodes.push(Node::field(format!("{name} = {value}"), whole(setting)).commented(&setting.comments));
    }
    let known = FIELDS.map(|(option, _)| option);
    for option in
        section.options.iter().filter(|option| !option.is_default && !known.contains(&option.key.as_str()))
    {
        let message = format!("nothing reads the option `{}` of a log metric", option.key);
        let mut found = Diagnostic::new(codes::UNREAD_OPTION, option.key_span, message);
        if let Some(near) = did_you_mean(&option.key, &known) {
            found = found.help(format!("did you mean `{near}`?"));
        }
        old.find(found);
    }
    nodes
}
