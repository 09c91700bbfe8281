//! An IAM policy as text.

use std::fmt::Write as _;

use asiaq_aws::Policy;

/// The statements: each with its name, resources and conditions, and its actions, one per line.
pub(crate) fn list(policy: &Policy) -> String {
    let mut text = String::new();
    for statement in &policy.statement {
        let resources: Vec<&str> = statement.resource.iter().map(String::as_str).collect();
        // Writing to a string does not fail.
        let _ = write!(text, "{} on {}", statement.sid, resources.join(", "));
        for (key, values) in statement.condition.values().flatten() {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let _ = write!(text, ", where {key} is {}", values.join(" or "));
        }
        text.push('\n');
        for action in &statement.action {
            let _ = writeln!(text, "  {action}");
        }
    }
    text
}
