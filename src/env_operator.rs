//! The operators of environments, as `asiaq operator` shows them and works with them.

use asiaq_ir::Operator;
use asiaq_runtime::{LiveOperator, operator_differences};

/// An operator of an environment: declared, in its bucket, or both.
#[derive(Clone, Debug)]
pub(crate) struct EnvOperator {
    pub(crate) env: String,
    pub(crate) bucket: String,
    /// Name of the account.
    pub(crate) account: String,
    /// `ENV/operator/NAME`, also of one that is not declared.
    pub(crate) address: String,
    pub(crate) declared: Option<Operator>,
    pub(crate) live: Option<LiveOperator>,
}

/// How an operator in a bucket stands to the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As declared.
    Declared,
    /// The next apply creates it.
    Missing,
    /// The next apply changes these fields.
    Differs(Vec<&'static str>),
    /// It is there and not the project's. The next apply takes it over if these fields are none, and refuses otherwise.
    Untaken(Vec<&'static str>),
    /// The next apply deactivates it.
    NoLonger,
    /// The program does not declare it.
    Undeclared,
}

impl EnvOperator {
    pub(crate) fn standing(&self) -> Standing {
        match (&self.declared, &self.live) {
            (Some(_), None) => Standing::Missing,
            (Some(declared), Some(live)) => {
                let mut differences = operator_differences(declared, &live.operator);
                if live.address.as_deref() != Some(&self.address) {
                    return Standing::Untaken(differences);
                }
                if !live.operator.is_whole {
                    differences.push("group");
                }
                if differences.is_empty() { Standing::Declared } else { Standing::Differs(differences) }
            }
            (None, Some(live)) if live.address.as_deref() == Some(&self.address) => Standing::NoLonger,
            (None, _) => Standing::Undeclared,
        }
    }

    /// What its file says, otherwise what the program does.
    pub(crate) fn operator(&self) -> Option<&Operator> {
        self.live.as_ref().map(|live| &live.operator).or(self.declared.as_ref())
    }
}
