//! Explains listeners, times and conditions.

use asiaq_lang::ast::{Comparison, Condition, Expr, ExprKind};

use crate::ide::{Analysis, markdown};
use crate::value::AppProtocol;

impl Analysis {
    /// A value as it is written.
    fn written(&self, expr: &Expr) -> String {
        markdown::code(&crate::explain::on_one_line(self.sources().slice(expr.span)))
    }

    /// `https 443 -> http 80`, or a side of it alone.
    pub(super) fn listener_text(&self, front: &Expr, back: Option<&Expr>) -> String {
        let Some(clients) = self.side_text(front) else { return String::new() };
        match back {
            None => format!("Clients use {clients}."),
            Some(back) => self.side_text(back).map_or_else(String::new, |instances| {
                format!("Clients use {clients}, the instances {instances}.")
            }),
        }
    }

    pub(super) fn redirect_text(&self, front: &Expr, to: &Expr) -> String {
        let sides = self.side_text(front).zip(self.side_text(to));
        let text = |(clients, to)| format!("Clients that use {clients} are redirected to {to}.");
        sides.map_or_else(String::new, text)
    }

    /// `HTTPS on port 443`
    fn side_text(&self, side: &Expr) -> Option<String> {
        let (protocol, port) = match &side.kind {
            ExprKind::Int(port) => {
                let protocol = match port.as_str() {
                    "80" => AppProtocol::Http,
                    "443" => AppProtocol::Https,
                    _ => AppProtocol::Tcp,
                };
                (protocol, markdown::code(port))
            }
            ExprKind::Name(word) => {
                let protocol = AppProtocol::of(word)?;
                (protocol, markdown::code(&protocol.usual_port()?.to_string()))
            }
            ExprKind::Phrase(word, port) => (AppProtocol::of(&word.text)?, self.written(port)),
            _ => return None,
        };
        Some(format!("{} on port {port}", protocol.word().to_uppercase()))
    }

    /// `cookie "banana_session"`
    pub(super) fn cookie_text(&self, argument: &Expr) -> String {
        match &argument.kind {
            ExprKind::String(_) => {
                format!(
                    "A client stays with one instance as long as the application's cookie {} lasts.",
                    self.written(argument)
                )
            }
            _ => format!("A client stays with one instance for {}.", self.written(argument)),
        }
    }

    /// `3 at "33 19 * * *"`
    pub(super) fn timed_text(&self, size: &Expr, time: &Expr) -> String {
        let ExprKind::String(_) = &time.kind else { return String::new() };
        let text = self.sources().slice(time.span).trim_matches('"');
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return String::new() };
        let clock = match (minute.parse::<u8>(), hour.parse::<u8>()) {
            (Ok(minute), Ok(hour)) => format!("from {hour:02}:{minute:02} UTC on"),
            _ => format!("from minute {} of hour {} (UTC) on", markdown::code(minute), markdown::code(hour)),
        };
        let mut days = Vec::new();
        for (field, name) in [(day, "day of the month"), (month, "month"), (weekday, "day of the week")] {
            if *field != "*" {
                days.push(format!("{name} {}", markdown::code(field)));
            }
        }
        let days = if days.is_empty() { "every day".to_owned() } else { days.join(", ") };
        format!("{} instances {clock}, {days}.", self.written(size))
    }

    /// `average > 99 or average < 1 for 5 x 5m`
    pub(super) fn condition_text(&self, condition: &Condition) -> String {
        let bounds: Vec<String> = condition
            .bounds
            .iter()
            .map(|bound| {
                let statistic = match bound.statistic.text.as_str() {
                    "samples" => "the number of samples".to_owned(),
                    word @ ("average" | "maximum" | "minimum" | "sum") => format!("the {word}"),
                    word => format!("{} {}", statistic(word), markdown::code(word)),
                };
                let comparison = match bound.comparison {
                    Comparison::Above => "above",
                    Comparison::AtLeast => "at least",
                    Comparison::Below => "below",
                    Comparison::AtMost => "at most",
                };
                format!("{statistic} is {comparison} {}", self.written(&bound.threshold))
            })
            .collect();
        format!(
            "The alarm goes off when {} in {} periods of {} in a row.",
            bounds.join(" or "),
            self.written(&condition.periods),
            self.written(&condition.period)
        )
    }
}

/// What a statistic of CloudWatch by a word of its own is.
fn statistic(word: &str) -> &'static str {
    let name = word.split_once('(').map_or(word, |(name, _)| name);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_ascii_lowercase();
    match name.as_str() {
        "iqm" => "the interquartile mean",
        "tm" => "the trimmed mean",
        "wm" => "the winsorized mean",
        "tc" => "the number of values within the bounds of",
        "ts" => "the sum of the values within the bounds of",
        "pr" => "the share of values within the bounds of",
        _ => "the percentile",
    }
}
