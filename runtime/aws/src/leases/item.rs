//! A lease as an item of the table.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use asiaq_ir::Scope;
use asiaq_runtime::{Change, Grant, Holder, Lease, Result};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, Update};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::operation::BuildError;

use crate::operation::Operation;

/// The table, one for all projects of a region.
pub use asiaq_ir::LEASE_TABLE as LEASES;

pub(super) const PROJECT: &str = "project";
pub(super) const ENVIRONMENT: &str = "environment";

const VERSION: &str = "version";
const RUN: &str = "run";
const OWNER: &str = "owner";
const CALLER: &str = "caller";
const COMMAND: &str = "command";
const SINCE: &str = "since";
const EXPIRES: &str = "expires";
const WRITTEN: &str = "written";
const BROKEN_BY: &str = "broken_by";

/// Attributes that exist only while the lease is held.
const HOLD: [&str; 6] = [RUN, OWNER, CALLER, COMMAND, SINCE, EXPIRES];

/// The environment and its lease, from an answer of `operation`.
///
/// An item that another program has written or changed may be damaged. It concerns its environment only: the lease
/// counts as held, until somebody breaks it.
pub(super) fn read(operation: Operation, item: &HashMap<String, AttributeValue>) -> Result<(Scope, Lease)> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let time = |name: &str| text(name).and_then(|text| time(&text));
    let version = item.get(VERSION).and_then(|value| value.as_n().ok()?.parse().ok());
    let is_held = item.contains_key(RUN);
    let is_sound = version.is_some() && (!is_held || text(RUN).is_some() && time(EXPIRES).is_some());
    let grant = (is_held || !is_sound).then(|| Grant {
        holder: Holder {
            run: text(RUN).unwrap_or_default(),
            owner: text(OWNER).unwrap_or_else(|| UNKNOWN.to_owned()),
            caller: text(CALLER).unwrap_or_else(|| UNKNOWN.to_owned()),
            command: text(COMMAND).unwrap_or_else(|| UNKNOWN.to_owned()),
            since: time(SINCE).unwrap_or(SystemTime::UNIX_EPOCH),
        },
        expires: time(EXPIRES).filter(|_| is_sound).unwrap_or_else(never),
    });
    let lease = Lease {
        version: version.unwrap_or_default(),
        grant,
        written: text(WRITTEN),
        broken_by: text(BROKEN_BY),
    };
    let scope = operation.part(ENVIRONMENT, text(ENVIRONMENT))?;
    Ok((Scope::from(scope), lease))
}

/// What a damaged item does not say.
const UNKNOWN: &str = "unknown";

/// The end of the year 9999: a damaged lease does not expire by itself.
fn never() -> SystemTime {
    const END: Duration = Duration::from_secs(253_402_300_799);
    SystemTime::UNIX_EPOCH.checked_add(END).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The update that makes a change where it fits, as [`Change::on`] says.
pub(super) fn write(project: &str, env: &str, change: &Change<'_>) -> Result<Update, BuildError> {
    let mut update = Expression::default();
    let condition = match *change {
        Change::Take { seen, grant } => {
            let Grant { holder, expires } = grant;
            update.set(RUN, &holder.run);
            update.set(OWNER, &holder.owner);
            update.set(CALLER, &holder.caller);
            update.set(COMMAND, &holder.command);
            update.set(SINCE, &moment(holder.since));
            update.set(EXPIRES, &moment(*expires));
            update.remove(BROKEN_BY);
            if seen.grant.is_some() {
                update.remove(WRITTEN);
            }
            as_seen(&mut update, seen)
        }
        Change::Renew { run, expires } => {
            update.set(EXPIRES, &moment(expires));
            update.is(RUN, AttributeValue::S(run.to_owned()))
        }
        Change::Release { run, written } => {
            for name in HOLD {
                update.remove(name);
            }
            update.remove(BROKEN_BY);
            match written {
                Some(written) => update.set(WRITTEN, written),
                None => update.remove(WRITTEN),
            }
            update.is(RUN, AttributeValue::S(run.to_owned()))
        }
        Change::Break { seen, by } => {
            for name in HOLD {
                update.remove(name);
            }
            update.remove(WRITTEN);
            update.set(BROKEN_BY, by);
            // Only a damaged lease is held and has no version.
            if seen.version == 0 { update.restart() } else { as_seen(&mut update, seen) }
        }
    };
    let text = |text: &str| AttributeValue::S(text.to_owned());
    Update::builder()
        .table_name(LEASES)
        .key(PROJECT, text(project))
        .key(ENVIRONMENT, text(env))
        .condition_expression(condition)
        .update_expression(update.text())
        .set_expression_attribute_names(Some(update.names))
        .set_expression_attribute_values(Some(update.values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
}

fn as_seen(update: &mut Expression, seen: &Lease) -> String {
    match seen.version {
        0 => format!("attribute_not_exists({})", update.name(VERSION)),
        version => update.is(VERSION, AttributeValue::N(version.to_string())),
    }
}

/// An update expression. Names are replaced, for some of them are words of DynamoDB's own.
#[derive(Default)]
struct Expression {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    set: Vec<String>,
    remove: Vec<String>,
    /// Whether versions begin again.
    restarts: bool,
}

impl Expression {
    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn set(&mut self, name: &str, value: &str) {
        let placeholder = self.name(name);
        self.set.push(format!("{placeholder} = :{name}"));
        self.values.insert(format!(":{name}"), AttributeValue::S(value.to_owned()));
    }

    fn remove(&mut self, name: &str) {
        let placeholder = self.name(name);
        self.remove.push(placeholder);
    }

    /// A condition: the attribute is this.
    fn is(&mut self, name: &str, value: AttributeValue) -> String {
        let placeholder = self.name(name);
        self.values.insert(format!(":is_{name}"), value);
        format!("{placeholder} = :is_{name}")
    }

    /// Begins the versions again. The condition: there is none, or it is no number.
    fn restart(&mut self) -> String {
        let version = self.name(VERSION);
        self.values.insert(":number".to_owned(), AttributeValue::S("N".to_owned()));
        self.restarts = true;
        format!("attribute_not_exists({version}) OR NOT attribute_type({version}, :number)")
    }

    /// The expression; the version goes up with every one.
    fn text(&mut self) -> String {
        let version = self.name(VERSION);
        self.values.insert(":one".to_owned(), AttributeValue::N("1".to_owned()));
        if self.restarts {
            self.set.push(format!("{version} = :one"));
        }
        let part = |word: &str, parts: &[String]| match parts {
            [] => String::new(),
            parts => format!("{word} {} ", parts.join(", ")),
        };
        let parts = part("SET", &self.set) + &part("REMOVE", &self.remove);
        if self.restarts { parts } else { format!("{parts}ADD {version} :one") }
    }
}

/// A time as people read it: UTC, ISO 8601.
fn moment(time: SystemTime) -> String {
    DateTime::from(time).fmt(Format::DateTime).unwrap_or_default()
}

fn time(text: &str) -> Option<SystemTime> {
    SystemTime::try_from(DateTime::from_str(text, Format::DateTime).ok()?).ok()
}
