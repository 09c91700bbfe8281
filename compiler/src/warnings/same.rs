//! Compares values by meaning, without their places.

use crate::value::{Address, NameServer, Value};

/// Whether `a` and `b` say the same. Rules, routes and the like are only compared where they stand: what no
/// override can set is never the same.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Address(a), Value::Address(b))
        | (Value::NameServer(NameServer::Address(a)), Value::NameServer(NameServer::Address(b))) => {
            same_address(a, b)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, &b.value))
        }
        (Value::Tags(a), Value::Tags(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && a.value == b.value)
        }
        (Value::Error, _) | (_, Value::Error) => false,
        _ => a == b,
    }
}

fn same_address(a: &Address, b: &Address) -> bool {
    match (a, b) {
        (Address::Offset { network: a, by: m }, Address::Offset { network: b, by: n }) => {
            m == n && a.as_ref().map(|a| &a.value) == b.as_ref().map(|b| &b.value)
        }
        (Address::Ip(_) | Address::Offset { .. }, _) => a == b,
    }
}
