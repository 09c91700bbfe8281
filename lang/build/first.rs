//! What an expression of the grammar may begin with: where the next byte is none of these, it need not be tried.

use pest_meta::ast::{Expr, Rule};

/// A set of bytes.
#[derive(Clone, PartialEq)]
pub(crate) struct Bytes([bool; 256]);

impl Bytes {
    pub(crate) fn none() -> Self {
        Self([false; 256])
    }

    pub(crate) fn all() -> Self {
        Self([true; 256])
    }

    fn range(low: u8, high: u8) -> Self {
        let mut bytes = Self::none();
        for byte in low..=high {
            bytes.set(byte, true);
        }
        bytes
    }

    fn set(&mut self, byte: u8, is_in: bool) {
        if let Some(slot) = self.0.get_mut(usize::from(byte)) {
            *slot = is_in;
        }
    }

    fn both(&self, other: &Self, of: impl Fn(bool, bool) -> bool) -> Self {
        let mut bytes = Self::none();
        for ((slot, a), b) in bytes.0.iter_mut().zip(self.0).zip(other.0) {
            *slot = of(a, b);
        }
        bytes
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        self.both(other, |a, b| a || b)
    }

    /// As a pattern of Rust.
    pub(crate) fn pattern(&self) -> String {
        let mut ranges = Vec::new();
        let mut start = None;
        for (byte, is_in) in self.0.iter().chain([&false]).enumerate() {
            match (start, is_in) {
                (None, true) => start = Some(byte),
                (Some(first), false) => {
                    ranges.push(format!("{first}..={}", byte - 1));
                    start = None;
                }
                (None, false) | (Some(_), true) => {}
            }
        }
        ranges.join(" | ")
    }
}

/// How an expression begins.
pub(crate) struct First {
    pub(crate) bytes: Bytes,
    /// Whether it may match without taking anything.
    pub(crate) is_nullable: bool,
}

/// The rules of a grammar.
pub(crate) struct Grammar<'r>(pub(crate) &'r [Rule]);

impl Grammar<'_> {
    pub(crate) fn rule(&self, name: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.name == name)
    }

    /// The bytes of an expression that takes exactly one of ASCII and makes no node.
    pub(crate) fn class(&self, expr: &Expr) -> Option<Bytes> {
        match expr {
            Expr::Str(text) => match text.as_bytes() {
                [byte] => Some(Bytes::range(*byte, *byte)),
                _ => None,
            },
            Expr::Range(low, high) => match (low.as_bytes(), high.as_bytes()) {
                ([low], [high]) => Some(Bytes::range(*low, *high)),
                _ => None,
            },
            Expr::Choice(left, right) => Some(self.class(left)?.or(&self.class(right)?)),
            Expr::Ident(name) if name == "ASCII_DIGIT" => Some(Bytes::range(b'0', b'9')),
            Expr::Ident(name) => {
                let rule = self.rule(name)?;
                (rule.ty == pest_meta::ast::RuleType::Silent).then(|| self.class(&rule.expr))?
            }
            _ => None,
        }
    }

    pub(crate) fn first(&self, expr: &Expr) -> First {
        let taking = |bytes| First { bytes, is_nullable: false };
        if let Some(bytes) = self.class(expr) {
            return taking(bytes);
        }
        match expr {
            Expr::Str(text) => {
                let bytes = text.bytes().next().map_or_else(Bytes::none, |byte| Bytes::range(byte, byte));
                First { bytes, is_nullable: text.is_empty() }
            }
            Expr::Ident(name) => match self.rule(name) {
                Some(rule) => self.first(&rule.expr),
                None if name == "ANY" => taking(Bytes::all()),
                None => First { bytes: Bytes::none(), is_nullable: true },
            },
            Expr::PosPred(_) | Expr::NegPred(_) => First { bytes: Bytes::none(), is_nullable: true },
            Expr::Seq(left, right) => self.sequence(left, right),
            Expr::Choice(left, right) => {
                let (left, right) = (self.first(left), self.first(right));
                First {
                    bytes: left.bytes.or(&right.bytes),
                    is_nullable: left.is_nullable || right.is_nullable,
                }
            }
            Expr::Opt(inner) | Expr::Rep(inner) => First { is_nullable: true, ..self.first(inner) },
            Expr::RepOnce(inner) => self.first(inner),
            _ => First { bytes: Bytes::all(), is_nullable: true },
        }
    }

    fn sequence(&self, left: &Expr, right: &Expr) -> First {
        match left {
            Expr::NegPred(refused) => {
                let after = self.first(right);
                let refused = self.refused(refused);
                First { bytes: after.bytes.both(&refused, |a, b| a && !b), ..after }
            }
            Expr::PosPred(wanted) => {
                let (wanted, after) = (self.first(wanted), self.first(right));
                if wanted.is_nullable {
                    return after;
                }
                First { bytes: after.bytes.both(&wanted.bytes, |a, b| a && b), ..after }
            }
            _ => {
                let left = self.first(left);
                if !left.is_nullable {
                    return left;
                }
                let right = self.first(right);
                First { bytes: left.bytes.or(&right.bytes), is_nullable: right.is_nullable }
            }
        }
    }

    /// Bytes before which an expression matches, whatever follows.
    fn refused(&self, expr: &Expr) -> Bytes {
        match (self.class(expr), expr) {
            (Some(bytes), _) => bytes,
            (None, Expr::Choice(left, right)) => self.refused(left).or(&self.refused(right)),
            (None, Expr::Ident(name)) => {
                self.rule(name).map_or_else(Bytes::none, |rule| self.refused(&rule.expr))
            }
            (None, _) => Bytes::none(),
        }
    }
}
