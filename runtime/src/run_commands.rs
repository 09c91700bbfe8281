//! Commands that Systems Manager runs on instances: a document, and how each instance ended it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A document that is run on instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunCommand {
    /// Name of the document.
    pub document: String,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// Text that AWS shows beside the command.
    pub comment: String,
    /// How long it may take until an instance begins.
    pub begin: Duration,
    /// Instances at the same time.
    pub at_once: usize,
    /// Bucket that gets the whole output.
    pub bucket: Option<String>,
}

/// How far an instance is with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The instance.
    pub instance: String,
    /// Status in AWS's words, without spaces: `Success`, `DeliveryTimedOut`, ….
    pub status: String,
    /// Whether the status will not change.
    pub is_over: bool,
    /// What each step of the document did, in order.
    pub steps: Vec<InvocationStep>,
}

/// What a step of a document did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvocationStep {
    /// Name of the step.
    pub name: String,
    /// Exit code; absent if it did not run.
    pub code: Option<i32>,
}

/// What a step has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepOutput {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Whether there is more than this.
    pub is_cut: bool,
}

impl Invocation {
    /// The exit code that stands for it: the highest of the steps, 124 if it did not end in time, and never 0 if it did not
    /// succeed.
    pub fn code(&self) -> u8 {
        let codes = self.steps.iter().filter_map(|step| step.code);
        // A negative code is that of a step which did not run.
        let highest = codes.map(|code| u8::try_from(code).unwrap_or(1)).max().unwrap_or_default();
        match self.status.as_str() {
            "Success" => highest,
            "DeliveryTimedOut" | "ExecutionTimedOut" | "TimedOut" => 124,
            _ => highest.max(1),
        }
    }

    /// Why there is no exit code of the command itself, in words; absent if it ran to its end.
    pub fn failure(&self) -> Option<&'static str> {
        Some(match self.status.as_str() {
            "DeliveryTimedOut" => "the instance did not begin in time: its agent does not answer",
            "ExecutionTimedOut" | "TimedOut" => "the command did not end in time, and was stopped",
            "Undeliverable" => {
                "the command cannot be delivered: the instance does not exist, or its agent does not answer"
            }
            "Terminated" => "the command was given up, because others had failed",
            "InvalidPlatform" => "the document is not for the operating system of the instance",
            "AccessDenied" => "the instance is not allowed to run the command",
            "Cancelled" => "the command was cancelled",
            _ => return None,
        })
    }
}

/// The parameters of a command: those that are given, and its longest time.
///
/// # Errors
/// If the document has no such parameter, or none for the longest time; the message says which.
pub fn parameters_of(
    document: &str,
    known: &BTreeSet<String>,
    given: &[(String, String)],
    limit: Option<Duration>,
) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in given {
        if !known.contains(key) {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            let there = if known.is_empty() {
                "and no other".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            };
            return Err(format!("the document `{document}` has no parameter `{key}`; {there}"));
        }
        parameters.entry(key.clone()).or_default().push(value.clone());
    }
    if let Some(limit) = limit {
        const LIMIT: &str = "executionTimeout";
        if !known.contains(LIMIT) {
            return Err(format!(
                "the document `{document}` has no parameter `{LIMIT}`, so that `--timeout` cannot limit it"
            ));
        }
        parameters.insert(LIMIT.to_owned(), vec![limit.as_secs().to_string()]);
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(status: &str, codes: &[Option<i32>]) -> Invocation {
        let step = |code: &Option<i32>| InvocationStep { name: "run".to_owned(), code: *code };
        Invocation {
            instance: "i-1".to_owned(),
            status: status.to_owned(),
            is_over: true,
            steps: codes.iter().map(step).collect(),
        }
    }

    #[test]
    fn status_and_exit_codes_decide() {
        let code = |status, codes: &[Option<i32>]| invocation(status, codes).code();
        assert_eq!(code("Success", &[Some(0), Some(0)]), 0);
        assert_eq!(code("Failed", &[Some(3), Some(7), None]), 7);
        assert_eq!(code("Failed", &[Some(-1)]), 1);
        assert_eq!(code("Failed", &[]), 1);
        assert_eq!(code("Success", &[Some(4)]), 4);
        assert_eq!(code("ExecutionTimedOut", &[Some(-1)]), 124);
        assert_eq!(code("Undeliverable", &[]), 1);
        assert_eq!(invocation("Failed", &[Some(1)]).failure(), None);
        assert!(invocation("AccessDenied", &[]).failure().unwrap().contains("allowed"));
    }

    #[test]
    fn a_parameter_that_a_document_does_not_have_is_refused() {
        let known = ["commands", "executionTimeout"].map(str::to_owned).into();
        let given = |text: &[(&str, &str)]| -> Vec<(String, String)> {
            text.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let two = given(&[("commands", "a"), ("commands", "b")]);
        let made = parameters_of("d", &known, &two, Some(Duration::from_secs(90))).unwrap();
        assert_eq!(made["commands"], ["a", "b"]);
        assert_eq!(made["executionTimeout"], ["90"]);
        let wrong = parameters_of("d", &known, &given(&[("command", "a")]), None).unwrap_err();
        assert_eq!(
            wrong,
            "the document `d` has no parameter `command`; it has `commands`, `executionTimeout`"
        );
        let limit = parameters_of("d", &BTreeSet::new(), &[], Some(Duration::from_secs(1))).unwrap_err();
        assert!(limit.contains("`--timeout`"), "{limit}");
    }
}
