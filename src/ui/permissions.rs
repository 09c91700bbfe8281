//! An IAM policy as text.

use std::fmt::Write as _;

use asiaq_aws::Policy;

use super::table;
use super::text::PLAIN;
use super::width::width;

/// The statements: each with its name, resources and conditions, and its actions, one per line.
pub(crate) fn list(policy: &Policy) -> String {
    let mut text = String::new();
    for statement in &policy.statement {
        let resources: Vec<&str> = statement.resource.iter().map(String::as_str).collect();
        let mut heading = format!("{} on {}", statement.sid, resources.join(", "));
        for (key, values) in statement.condition.values().flatten() {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            // Writing to a string does not fail.
            let _ = write!(heading, ", where {key} is {}", values.join(" or "));
        }
        for line in table::wrapped(PLAIN, &heading, width(), 4) {
            let _ = writeln!(text, "{line}");
        }
        for action in &statement.action {
            let _ = writeln!(text, "  {action}");
        }
    }
    text
}
