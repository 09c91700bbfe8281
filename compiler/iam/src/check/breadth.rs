//! Statements that allow more than is likely to be meant.

use super::meant::Meant;
use super::{Checked, Use};
use crate::problem::{Code, Problem};

pub(super) fn check<P: Clone>(checked: &Checked<P>, problems: &mut Vec<Problem<P>>) {
    let statement = checked.statement;
    if !checked.is_allow() || checked.of != Use::Identity || !statement.conditions.is_empty() {
        return;
    }
    let is_all = |text: &str| text == "*";
    let on_all = statement
        .resources
        .as_ref()
        .is_some_and(|list| !list.excludes && list.values.iter().any(|text| is_all(&text.value)));
    if !on_all {
        return;
    }
    let at = |message: &str| Problem::new(Code::AllOnAll, statement.actions.place.clone(), message);
    if statement.actions.excludes {
        problems.push(
            at("this allows every action but these, on all resources")
                .help("actions that AWS adds are allowed too, and those of IAM unless they are listed: list what is allowed instead"),
        );
    } else if checked.meant.iter().any(|meant| matches!(meant, Meant::All)) {
        problems.push(
            at("this allows every action on all resources")
                .help("the holder is an administrator of the account: list the actions that are needed, or attach `AdministratorAccess`, which says so"),
        );
    }
}
