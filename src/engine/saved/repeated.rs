//! Values that occur several times in a saved plan are written once.
//!
//! `{"=":12}` stands for item 12 of the list of repeated values. Fields beside `=` replace those of that item, or are
//! further ones. An item refers to earlier items only.

mod reading;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asiaq_ir::Ir;
use asiaq_runtime::Plan;
use serde_json::Value;

pub(super) use reading::unpack;
use values::{Form, Values};

/// The field that refers to a repeated value.
const SAME: &str = "=";

/// A plan as text without repetitions.
pub(super) struct Repeated {
    /// The list of repeated values.
    pub(super) repeated: String,
    pub(super) plan: String,
}

/// Packs a plan; absent if a value looks like a reference.
pub(super) fn pack(plan: &Plan) -> serde_json::Result<Option<Repeated>> {
    let mut values = Values::default();
    let mut resources = Vec::new();
    let mut places = BTreeMap::new();
    for (address, node) in &plan.ir.resources {
        let value = values.intern(serde_json::to_value(node)?);
        values.count(value);
        places.insert(address.as_str(), value);
        resources.push((address.to_string(), value));
    }
    let mut steps = Vec::new();
    for step in &plan.steps {
        let declared = places.get(step.address.as_str()).copied();
        let value = values.step(serde_json::to_value(step)?, declared);
        values.count(value);
        steps.push(value);
    }
    if values.is_ambiguous {
        return Ok(None);
    }
    let mut writer = Writer { values: &values, places: BTreeMap::new(), repeated: Vec::new() };
    let mut text = String::new();
    let shell = serde_json::to_value(without_contents(plan))?;
    object(&mut text, &shell, |text, key, value| match key {
        "steps" => list(text, &steps, |text, step| writer.write(text, *step)),
        "ir" => object(text, value, |text, key, value| match key {
            "resources" => {
                text.push('{');
                fields(text, &resources, |text, resource| writer.write(text, *resource));
                text.push('}');
            }
            _ => text.push_str(&value.to_string()),
        }),
        _ => text.push_str(&value.to_string()),
    });
    Ok(Some(Repeated { repeated: format!("[{}]", writer.repeated.join(",")), plan: text }))
}

/// A plan without its resources and steps, which are most of it.
fn without_contents(plan: &Plan) -> Plan {
    let Ir { project, accounts, environments, moved, renames, resources: _, elsewhere, barriers, kept } =
        &plan.ir;
    let ir = Ir {
        elsewhere: elsewhere.clone(),
        project: project.clone(),
        accounts: accounts.clone(),
        environments: environments.clone(),
        moved: moved.clone(),
        renames: renames.clone(),
        resources: BTreeMap::new(),
        barriers: barriers.clone(),
        kept: kept.clone(),
    };
    Plan {
        project: plan.project.clone(),
        now: plan.now.clone(),
        scope: plan.scope.clone(),
        ir,
        steps: Vec::new(),
        notes: plan.notes.clone(),
        known: plan.known.clone(),
        images: plan.images.clone(),
        protected: plan.protected.clone(),
        unmanaged: plan.unmanaged.clone(),
    }
}

fn list<T>(text: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    text.push('[');
    for (at, item) in items.iter().enumerate() {
        comma(text, at);
        write(text, item);
    }
    text.push(']');
}

/// Writes fields without the braces around them.
fn fields<K: AsRef<str>, T>(text: &mut String, fields: &[(K, T)], mut write: impl FnMut(&mut String, &T)) {
    for (at, (key, value)) in fields.iter().enumerate() {
        comma(text, at);
        name(text, key.as_ref());
        write(text, value);
    }
}

/// Writes an object whose fields are written by name.
fn object(text: &mut String, object: &Value, mut write: impl FnMut(&mut String, &str, &Value)) {
    let entries = object.as_object().into_iter().flatten();
    let entries: Vec<(&str, (&str, &Value))> =
        entries.map(|(key, value)| (key.as_str(), (key.as_str(), value))).collect();
    text.push('{');
    fields(text, &entries, |text, (key, value)| write(text, key, value));
    text.push('}');
}

fn comma(text: &mut String, at: usize) {
    if at > 0 {
        text.push(',');
    }
}

fn name(text: &mut String, key: &str) {
    text.push_str(&Value::from(key).to_string());
    text.push(':');
}

/// Writes values, and collects the repeated ones.
struct Writer<'v> {
    values: &'v Values,
    /// The places of values in the list of repeated ones.
    places: BTreeMap<usize, usize>,
    repeated: Vec<String>,
}

impl Writer<'_> {
    fn write(&mut self, text: &mut String, number: usize) {
        if self.values.is_repeated(number) {
            let place = self.place(number);
            // Writing to a string does not fail.
            let _ = write!(text, "{{\"{SAME}\":{place}}}");
        } else {
            self.write_once(text, number);
        }
    }

    fn write_once(&mut self, text: &mut String, number: usize) {
        let values = self.values;
        match values.forms.get(number).map(|form| &**form) {
            Some(Form::Scalar(scalar)) => text.push_str(scalar),
            Some(Form::List(items)) => list(text, items, |text, item| self.write(text, *item)),
            Some(Form::Object(all)) => {
                text.push('{');
                fields(text, all, |text, value| self.write(text, *value));
                text.push('}');
            }
            Some(Form::Like(base, changed)) => {
                let place = self.place(*base);
                let _ = write!(text, "{{\"{SAME}\":{place},");
                fields(text, changed, |text, value| self.write(text, *value));
                text.push('}');
            }
            None => {}
        }
    }

    fn place(&mut self, number: usize) -> usize {
        if let Some(place) = self.places.get(&number) {
            return *place;
        }
        let mut text = String::new();
        self.write_once(&mut text, number);
        let place = self.repeated.len();
        self.repeated.push(text);
        self.places.insert(number, place);
        place
    }
}
