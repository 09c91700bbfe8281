//! The values of a plan, each once.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::SAME;

/// Where a step has what it creates.
const CREATED: &str = "/action/create/node";

/// Shorter values are not longer than a reference.
const SHORTEST: usize = 12;

/// A value whose parts are numbers of other values.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A text, number, truth value or nothing, as JSON.
    Scalar(String),
    List(Vec<usize>),
    Object(Vec<(String, usize)>),
    /// An object, and the fields in which this one differs from it.
    Like(usize, Vec<(String, usize)>),
}

/// Values, each once.
#[derive(Default)]
pub(super) struct Values {
    numbers: BTreeMap<Rc<Form>, usize>,
    pub(super) forms: Vec<Rc<Form>>,
    /// How often each is a part of another one, or of the plan.
    uses: Vec<usize>,
    lengths: Vec<usize>,
    /// Whether an object looks like a reference.
    pub(super) is_ambiguous: bool,
}

impl Values {
    pub(super) fn intern(&mut self, value: Value) -> usize {
        let form = match value {
            Value::Array(items) => Form::List(items.into_iter().map(|item| self.intern(item)).collect()),
            Value::Object(fields) => Form::Object(self.fields(fields)),
            scalar => Form::Scalar(scalar.to_string()),
        };
        self.add(form)
    }

    fn fields(&mut self, fields: Map<String, Value>) -> Vec<(String, usize)> {
        self.is_ambiguous |= fields.get(SAME).is_some_and(Value::is_number);
        fields.into_iter().map(|(key, value)| (key, self.intern(value))).collect()
    }

    /// An object that has the fields of `base` except for few.
    pub(super) fn like(&mut self, base: usize, value: Value) -> usize {
        let Value::Object(fields) = value else { return self.intern(value) };
        let Some(Form::Object(of_base)) = self.forms.get(base).map(|form| &**form) else {
            return self.intern(Value::Object(fields));
        };
        let of_base: BTreeMap<String, usize> = of_base.iter().cloned().collect();
        if !of_base.keys().all(|key| fields.contains_key(key)) {
            return self.intern(Value::Object(fields));
        }
        let mut all = Vec::new();
        let mut changed = Vec::new();
        for (key, value) in fields {
            let before = of_base.get(&key).copied();
            let number = match before {
                Some(before) => self.like(before, value),
                None => self.intern(value),
            };
            if before != Some(number) {
                changed.push((key.clone(), number));
            }
            all.push((key, number));
        }
        let is_short = changed.len() * 2 <= all.len();
        self.add(if is_short { Form::Like(base, changed) } else { Form::Object(all) })
    }

    /// A step. What it creates is what the program declares, with a time.
    pub(super) fn step(&mut self, mut step: Value, declared: Option<usize>) -> usize {
        let node = declared.and_then(|_| step.pointer_mut(CREATED).map(Value::take));
        let number = self.intern(step);
        let (Some(node), Some(declared)) = (node, declared) else { return number };
        let node = self.like(declared, node);
        self.with(number, CREATED.split('/').skip(1), node)
    }

    /// An object with `value` at a path of fields in it.
    fn with<'k>(&mut self, object: usize, mut path: impl Iterator<Item = &'k str>, value: usize) -> usize {
        let Some(key) = path.next() else { return value };
        let Some(Form::Object(fields)) = self.forms.get(object).map(|form| &**form) else { return object };
        let mut fields = fields.clone();
        for (name, inner) in &mut fields {
            if name == key {
                *inner = self.with(*inner, path, value);
                break;
            }
        }
        self.add(Form::Object(fields))
    }

    fn add(&mut self, form: Form) -> usize {
        if let Form::Like(base, changed) = &form
            && changed.is_empty()
        {
            return *base;
        }
        if let Some(number) = self.numbers.get(&form) {
            return *number;
        }
        let parts: Vec<usize> = match &form {
            Form::Scalar(_) => Vec::new(),
            Form::List(items) => items.clone(),
            Form::Object(fields) => fields.iter().map(|(_, value)| *value).collect(),
            Form::Like(base, changed) => changed.iter().map(|(_, value)| *value).chain([*base]).collect(),
        };
        let own = match &form {
            Form::Scalar(text) => text.len(),
            Form::List(_) => 2,
            Form::Object(fields) | Form::Like(_, fields) => fields.iter().map(|(key, _)| key.len() + 4).sum(),
        };
        let length = parts.iter().filter_map(|part| self.lengths.get(*part)).fold(own, |sum, length| {
            // Beyond the shortest length, more makes no difference.
            (sum + length).min(SHORTEST)
        });
        for part in parts {
            self.count(part);
        }
        let (form, number) = (Rc::new(form), self.forms.len());
        self.numbers.insert(Rc::clone(&form), number);
        self.forms.push(form);
        self.uses.push(0);
        self.lengths.push(length);
        number
    }

    pub(super) fn count(&mut self, number: usize) {
        if let Some(uses) = self.uses.get_mut(number) {
            *uses += 1;
        }
    }

    pub(super) fn is_repeated(&self, number: usize) -> bool {
        let is_long = self.lengths.get(number).is_some_and(|length| *length >= SHORTEST);
        is_long && self.uses.get(number).is_some_and(|uses| *uses > 1)
    }
}
