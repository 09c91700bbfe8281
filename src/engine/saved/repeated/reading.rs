//! Reading of a plan with a list of repeated values.

use serde_json::{Map, Value};

use super::{SAME, comma, name};

/// How many times longer than its file a plan may be, and the length that every plan may have: a list of values that
/// refer to each other can stand for more than fits in memory.
const MOST: (usize, usize) = (100, 1 << 24);

/// How deep the values of a plan may be nested, references included.
const DEEPEST: usize = 128;

/// The text of a plan with its repeated values; absent if it refers to one that is not there, is too deep or too long.
/// `length` is that of the file.
pub(in super::super) fn unpack(plan: &Value, repeated: &[Value], length: usize) -> Option<String> {
    let (times, least) = MOST;
    let reader = Reader { repeated, most: length.saturating_mul(times).max(least) };
    let mut text = String::new();
    reader.write(&mut text, plan, repeated.len(), DEEPEST)?;
    Some(text)
}

struct Reader<'f> {
    repeated: &'f [Value],
    most: usize,
}

impl<'f> Reader<'f> {
    /// Writes a value of at most `depth` levels that may refer to the repeated ones before `end`.
    fn write(&self, text: &mut String, value: &'f Value, end: usize, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match value {
            Value::Array(items) => {
                text.push('[');
                for (at, item) in items.iter().enumerate() {
                    comma(text, at);
                    self.write(text, item, end, depth)?;
                }
                text.push(']');
            }
            Value::Object(own) => match place(own, end) {
                Some(place) if own.len() == 1 => self.write(text, self.repeated.get(place)?, place, depth)?,
                _ => {
                    let mut fields = Vec::new();
                    self.fields(own, end, depth, &mut fields)?;
                    text.push('{');
                    for (at, (key, value, end)) in fields.into_iter().enumerate() {
                        comma(text, at);
                        name(text, key);
                        self.write(text, value, end, depth)?;
                    }
                    text.push('}');
                }
            },
            scalar => text.push_str(&scalar.to_string()),
        }
        (text.len() <= self.most).then_some(())
    }

    /// The fields of an object, each with the end of what it may refer to.
    fn fields(
        &self,
        object: &'f Map<String, Value>,
        end: usize,
        depth: usize,
        fields: &mut Vec<(&'f str, &'f Value, usize)>,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let is_reference = object.get(SAME).is_some_and(Value::is_number);
        if is_reference {
            let place = place(object, end)?;
            self.fields(self.repeated.get(place)?.as_object()?, place, depth, fields)?;
        }
        for (key, value) in object.iter().filter(|(key, _)| !is_reference || *key != SAME) {
            // The names in one object differ.
            let known = if is_reference { fields.iter_mut().find(|(known, ..)| known == key) } else { None };
            match known {
                Some(known) => *known = (key, value, end),
                None => fields.push((key, value, end)),
            }
        }
        Some(())
    }
}

/// The place before `end` that an object refers to.
fn place(object: &Map<String, Value>, end: usize) -> Option<usize> {
    let place = usize::try_from(object.get(SAME)?.as_u64()?).ok()?;
    (place < end).then_some(place)
}
