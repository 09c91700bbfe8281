//! Literals of the network: addresses, blocks, ports.

use std::net::Ipv4Addr;

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, ExprKind};
use ipnet::Ipv4Net;

use super::Typer;
use crate::errors;
use crate::types::Ty;
use crate::value::{Address, Allocation, Ports, Spanned, Value};

impl Typer<'_, '_> {
    pub(super) fn ip(&mut self, span: Span, text: &str) -> Option<Ipv4Addr> {
        let parsed = parse_ip(text);
        if parsed.is_none() {
            self.report(errors::bad_address(span, text));
        }
        parsed
    }

    /// A block: `a.b.c.d/n`, or `internet` for all of it.
    pub(super) fn cidr(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Option<Ipv4Net> {
        match &expr.kind {
            ExprKind::Cidr(text) => self.cidr_text(expr.span, text, ty),
            ExprKind::Name(word) if word == "internet" => Some(Ipv4Net::default()),
            ExprKind::Ip(text) => {
                if self.ip(expr.span, text).is_some() {
                    self.report(errors::address_for_block(expr.span, text, *ty.required() == Ty::Allocation));
                }
                None
            }
            _ => {
                self.mismatch(expr, ty, site);
                None
            }
        }
    }

    fn cidr_text(&mut self, span: Span, text: &str, ty: &Ty) -> Option<Ipv4Net> {
        let (address, prefix) = text.split_once('/')?;
        let Some(address) = parse_ip(address) else {
            self.report(errors::bad_address(span, text));
            return None;
        };
        let Some(block) = parse_prefix(prefix).and_then(|prefix| Ipv4Net::new(address, prefix).ok()) else {
            self.report(errors::bad_prefix(span, text, prefix));
            return None;
        };
        if block.trunc() != block {
            self.report(errors::host_bits_set(span, block, ty));
            return None;
        }
        Some(block)
    }

    pub(super) fn address(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Option<Address> {
        match &expr.kind {
            ExprKind::Ip(text) => self.ip(expr.span, text).map(Address::Ip),
            ExprKind::Offset(text) => {
                self.offset(expr.span, text).map(|by| Address::Offset { network: None, by })
            }
            ExprKind::Sum(network, offset) => {
                let by = self.offset(expr.span, offset)?;
                Some(Address::Offset { network: Some(Spanned::new(network.text.clone(), network.span)), by })
            }
            ExprKind::Int(digits) => {
                self.report(errors::offset_without_sign(expr.span, digits));
                None
            }
            _ => {
                self.mismatch(expr, ty, site);
                None
            }
        }
    }

    fn offset(&mut self, span: Span, text: &str) -> Option<i64> {
        if text.contains('.') {
            self.report(errors::fractional_offset(span));
            return None;
        }
        let by: Option<i64> = text.replace(char::is_whitespace, "").parse().ok();
        let by = by.filter(|by| by.unsigned_abs() < 1 << 32);
        if by.is_none() {
            self.report(errors::number_too_large(span));
        }
        by
    }

    pub(super) fn allocation(&mut self, expr: &Expr, site: Span) -> Value {
        let allocation = match &expr.kind {
            ExprKind::Auto { prefix: None, pool: None } => Some(Allocation::Share),
            ExprKind::Name(word) if word == "auto" => Some(Allocation::Share),
            ExprKind::Auto { prefix: Some(prefix), pool } => {
                let Some(length) = parse_prefix(&prefix.text).filter(|length| *length <= 32) else {
                    return self.report(errors::bad_prefix(
                        prefix.span,
                        &format!("/{}", prefix.text),
                        &prefix.text,
                    ));
                };
                match pool {
                    None => Some(Allocation::Sized(length)),
                    Some(pool) => self.pool(pool).and_then(|pool| {
                        if length < pool.prefix_len() {
                            self.report(errors::larger_than_pool(prefix.span, length, pool));
                            return None;
                        }
                        Some(Allocation::Pool { prefix: length, pool })
                    }),
                }
            }
            ExprKind::Auto { prefix: None, pool: Some(_) } => {
                return self.report(errors::pool_without_size(expr.span));
            }
            ExprKind::Cidr(_) | ExprKind::Ip(_) => {
                self.cidr(expr, &Ty::Allocation, site).map(Allocation::Fixed)
            }
            _ => return self.mismatch(expr, &Ty::Allocation, site),
        };
        allocation.map_or(Value::Error, Value::Allocation)
    }

    fn pool(&mut self, expr: &Expr) -> Option<Ipv4Net> {
        let behind = self.behind_lets(expr)?.clone();
        self.cidr(&behind, &Ty::Cidr, expr.span)
    }

    pub(super) fn ports(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Option<Ports> {
        match &expr.kind {
            ExprKind::Int(digits) => {
                let port = self.port(expr.span, digits)?;
                Some(Ports { from: port, to: port })
            }
            ExprKind::Range(from, to) => {
                let (from, to) = (self.range_end(from, ty)?, self.range_end(to, ty)?);
                if from > to {
                    self.report(errors::range_backwards(expr.span, from, to));
                    return None;
                }
                Some(Ports { from, to })
            }
            ExprKind::Offset(text) => {
                self.report(errors::bad_port(expr.span, text));
                None
            }
            ExprKind::Name(word) if matches!(word.as_str(), "any" | "all") => {
                self.report(errors::every_port(expr.span, word));
                None
            }
            _ => {
                self.mismatch(expr, ty, site);
                None
            }
        }
    }

    fn range_end(&mut self, expr: &Expr, ty: &Ty) -> Option<u16> {
        let behind = self.behind_lets(expr)?.clone();
        if let ExprKind::Int(digits) = &behind.kind {
            return self.port(behind.span, digits);
        }
        self.mismatch(&behind, ty, expr.span);
        None
    }

    fn port(&mut self, span: Span, digits: &str) -> Option<u16> {
        let port = digits.parse().ok();
        if port.is_none() {
            self.report(errors::bad_port(span, digits));
        }
        port
    }
}

/// Four octets without leading zeros, which some tools read as octal.
fn parse_ip(text: &str) -> Option<Ipv4Addr> {
    text.parse().ok()
}

/// The length of a prefix, without leading zeros.
fn parse_prefix(text: &str) -> Option<u8> {
    if text.len() > 1 && text.starts_with('0') { None } else { text.parse().ok() }
}

/// Whether `text` is a DNS name: labels of letters, digits, dashes and underscores, at most 63 each and 253
/// in all (RFC 1035, with the underscore that service names use).
pub(crate) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
