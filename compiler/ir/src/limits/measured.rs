use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::Serialize;

use super::Sent;
use super::breach::{Breaches, Problem};
use crate::{Address, Ref};

/// A value of the IR that can be compared with what AWS accepts. The derives implement it for structs and enums.
pub trait Measured {
    /// Adds what AWS does not accept of the value, sent as `sent`.
    fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>);

    /// Calls `each` with every field inside and its path from `path`, as in `filters/0/name`.
    fn fields(path: &str, each: &mut dyn FnMut(&str, &'static Sent)) {
        let _ = (path, each);
    }
}

impl Measured for String {
    fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>) {
        for shape in sent.shapes {
            if let Some(problem) = Problem::of_text(shape, self, sent.plus) {
                found.add(sent, shape, problem);
                return;
            }
        }
    }
}

macro_rules! numbers {
    ($($number:ty),+) => { $(
        impl Measured for $number {
            fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>) {
                let value = i64::from(*self);
                if let Some(shape) = sent.shapes.iter().find(|shape| !shape.accepts_number(value)) {
                    found.add(sent, shape, Problem::Number { value });
                }
            }
        }
    )+ };
}

numbers!(u8, u16, u32, i32, i64);

macro_rules! always_accepted {
    ($($value:ty),+) => { $(
        impl Measured for $value {
            fn measure<'a>(&'a self, _: &'static Sent, _: &mut Breaches<'a>) {}
        }
    )+ };
}

// Addresses and CIDR blocks are written by asiaq, ids and attributes by AWS.
always_accepted!(bool, Ipv4Net, Ipv4Addr, Address, Ref, BTreeMap<String, String>);

impl<T: Measured> Measured for Option<T> {
    fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>) {
        match self {
            Some(value) => value.measure(sent, found),
            None if sent.is_call => {}
            None => {
                // The first member is the one that is sent; the others name the same thing.
                if let Some(shape) = sent.shapes.first().filter(|shape| shape.is_required) {
                    found.add(sent, shape, Problem::Missing);
                }
            }
        }
    }

    fn fields(path: &str, each: &mut dyn FnMut(&str, &'static Sent)) {
        T::fields(path, each);
    }
}

impl<T: Measured> Measured for Vec<T> {
    fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>) {
        count(self.len(), sent, found);
        for element in self {
            element.measure(sent, found);
        }
    }

    fn fields(path: &str, each: &mut dyn FnMut(&str, &'static Sent)) {
        T::fields(&format!("{path}/0"), each);
    }
}

impl<T: Measured + Serialize> Measured for BTreeSet<T> {
    fn measure<'a>(&'a self, sent: &'static Sent, found: &mut Breaches<'a>) {
        count(self.len(), sent, found);
        for element in self {
            let as_json = || serde_json::to_value(element).unwrap_or_default();
            found.element(as_json, |found| element.measure(sent, found));
        }
    }

    fn fields(path: &str, each: &mut dyn FnMut(&str, &'static Sent)) {
        T::fields(&format!("{path}/0"), each);
    }
}

/// A list without elements is not sent.
fn count(count: usize, sent: &'static Sent, found: &mut Breaches<'_>) {
    if count == 0 {
        return;
    }
    for shape in sent.shapes {
        if let Some(problem) = Problem::of_count(shape, count) {
            found.add(sent, shape, problem);
        }
    }
}
