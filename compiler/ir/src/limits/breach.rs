use std::collections::BTreeMap;

use serde_json::Value;

use super::{Sent, Shape, TagShapes};

/// A value that AWS does not accept.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach<'a> {
    /// The field of the resource, by its name in JSON.
    pub field: &'static str,
    /// The element of the field that the value is in, if the field is a set.
    pub element: Option<Value>,
    /// What the value is sent as.
    pub sent: &'static Sent,
    /// The member that does not accept it.
    pub shape: &'static Shape,
    /// What is wrong with it.
    pub problem: Problem<'a>,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem<'a> {
    /// It is absent.
    Missing,
    /// A text of `length` characters; at least `least` are required.
    Short {
        /// The text.
        text: &'a str,
        /// Its characters.
        length: usize,
        /// The fewest that are accepted.
        least: i64,
    },
    /// A text of `length` characters; at most `most` are accepted.
    Long {
        /// The text.
        text: &'a str,
        /// Its characters, with those that the adapter adds.
        length: usize,
        /// The most that are accepted.
        most: i64,
    },
    /// A text of `bytes` bytes; at most `most` are accepted.
    Bytes {
        /// The text.
        text: &'a str,
        /// The most that are accepted.
        most: usize,
    },
    /// A text with a character that is not accepted.
    Character {
        /// The text.
        text: &'a str,
        /// The first such character.
        character: char,
        /// Whether only the place is wrong: it must not be the first one.
        is_first: bool,
    },
    /// A text that is none of the accepted words.
    Word {
        /// The text.
        text: &'a str,
    },
    /// A number outside of the accepted range.
    Number {
        /// The number.
        value: i64,
    },
    /// A list of `count` elements, more or fewer than accepted.
    Count {
        /// The elements.
        count: usize,
    },
}

impl<'a> Problem<'a> {
    /// The text that it is about.
    pub fn text(&self) -> Option<&'a str> {
        match self {
            Self::Short { text, .. }
            | Self::Long { text, .. }
            | Self::Bytes { text, .. }
            | Self::Character { text, .. }
            | Self::Word { text } => Some(text),
            Self::Missing | Self::Number { .. } | Self::Count { .. } => None,
        }
    }

    /// The first problem of a text that `plus` characters are added to.
    pub(super) fn of_text(shape: &Shape, text: &'a str, plus: usize) -> Option<Self> {
        if let Some(range) = shape.length {
            // A text has no more characters than bytes.
            let count = || text.chars().count();
            if signed(text.len() + plus) > range.most && signed(count() + plus) > range.most {
                return Some(Self::Long { text, length: count() + plus, most: range.most });
            }
            if signed(text.len() + plus) < range.least.saturating_mul(4)
                && signed(count() + plus) < range.least
            {
                return Some(Self::Short { text, length: count(), least: range.least });
            }
        }
        if let Some(most) = shape.bytes.filter(|most| text.len() > *most) {
            return Some(Self::Bytes { text, most });
        }
        let refused = shape.chars.and_then(|chars| chars.first_other(text));
        if let Some(character) = refused {
            return Some(Self::Character { text, character, is_first: false });
        }
        let first = text.chars().next();
        if let (Some(first), Some(chars)) = (first, shape.first)
            && !chars.contains(first)
        {
            return Some(Self::Character { text, character: first, is_first: true });
        }
        (!shape.words.is_empty() && !shape.words.contains(&text)).then_some(Self::Word { text })
    }

    pub(super) fn of_count(shape: &Shape, count: usize) -> Option<Self> {
        let range = shape.count?;
        (!range.contains(signed(count))).then_some(Self::Count { count })
    }
}

pub(super) fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The values of a resource that AWS does not accept.
#[derive(Debug, Default)]
pub struct Breaches<'a>(pub(crate) Vec<Breach<'a>>);

impl<'a> Breaches<'a> {
    pub(super) fn add(&mut self, sent: &'static Sent, shape: &'static Shape, problem: Problem<'a>) {
        self.0.push(Breach { field: "", element: None, sent, shape, problem });
    }

    /// Adds those that `measure` finds, in the field called `name`.
    pub(crate) fn field(&mut self, name: &'static str, measure: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        measure(self);
        self.0.iter_mut().skip(before).for_each(|found| found.field = name);
    }

    /// Adds those that `measure` finds, in one element of a set.
    pub(super) fn element(&mut self, element: impl FnOnce() -> Value, measure: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        measure(self);
        if self.0.len() > before {
            let element = element();
            self.0.iter_mut().skip(before).for_each(|found| found.element = Some(element.clone()));
        }
    }
}

/// Tags that AWS does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagBreach<'a> {
    /// More tags than it accepts on one resource.
    Count {
        /// The tags, with those that the engine adds.
        count: usize,
        /// The member that does not accept them.
        shape: &'static Shape,
    },
    /// The key of a tag.
    Key {
        /// The key.
        key: &'a str,
        /// The member that does not accept it.
        shape: &'static Shape,
        /// What is wrong with it.
        problem: Problem<'a>,
    },
    /// The value of a tag.
    Value {
        /// The key.
        key: &'a str,
        /// The member that does not accept it.
        shape: &'static Shape,
        /// What is wrong with it.
        problem: Problem<'a>,
    },
}

impl TagShapes {
    /// The tags that AWS does not accept, the first problem of each.
    pub fn breaches<'a>(&self, tags: &'a BTreeMap<String, String>) -> Vec<TagBreach<'a>> {
        let mut found = Vec::new();
        let count = tags.len() + self.own;
        if !tags.is_empty() && Problem::of_count(self.tags, count).is_some() {
            found.push(TagBreach::Count { count, shape: self.tags });
        }
        for (key, value) in tags {
            if let Some(problem) = Problem::of_text(self.key, key, 0) {
                found.push(TagBreach::Key { key, shape: self.key, problem });
            } else if let Some(problem) = Problem::of_text(self.value, value, 0) {
                found.push(TagBreach::Value { key, shape: self.value, problem });
            }
        }
        found
    }
}
