//! A Systems Manager command document, run on one instance.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;
use aws_sdk_ssm::types::CommandInvocationStatus as Status;

use crate::kinds::prelude::*;

ops! { ssm:
    SEND_COMMAND = "SendCommand", Write;
    GET_COMMAND_INVOCATION = "GetCommandInvocation", Write;
}

/// Maximum number of characters of the output in a message.
const TAIL: usize = 200;

/// The state of a command.
pub(super) enum Run {
    /// The instance is not registered with Systems Manager yet.
    Unknown,
    /// In progress: command id and status.
    Runs(String, String),
    /// The command succeeded.
    Succeeded,
    /// The command failed: its status and the end of its output.
    Failed(String),
}

/// Runs a command document on an instance.
pub(super) async fn send(region: &Region<'_>, document: &str, machine: &str) -> Result<Run> {
    let request = region.ssm().send_command().document_name(document).instance_ids(machine);
    match SEND_COMMAND.call(request.comment("smoke test").send()).await {
        Err(error) if error.code == "InvalidInstanceId" => Ok(Run::Unknown),
        answer => {
            let id = answer?.command.and_then(|command| command.command_id);
            Ok(Run::Runs(SEND_COMMAND.part("command id", id)?, "sent".to_owned()))
        }
    }
}

/// The state of a sent command.
pub(super) async fn look(region: &Region<'_>, command: &str, machine: &str) -> Result<Run> {
    let runs = |status: &str| Run::Runs(command.to_owned(), status.to_owned());
    let request = region.ssm().get_command_invocation().command_id(command).instance_id(machine);
    let seen = match GET_COMMAND_INVOCATION.call(request.send()).await {
        Err(error) if error.code == "InvocationDoesNotExist" => return Ok(runs("sent")),
        answer => answer?,
    };
    Ok(match seen.status() {
        Some(Status::Success) => Run::Succeeded,
        Some(Status::Failed | Status::TimedOut | Status::Cancelled) => Run::Failed(end(&seen)),
        status => runs(status.map_or("under way", Status::as_str)),
    })
}

/// Runs a command document with parameters, and waits for its end: why it is no success, where it is none.
pub(crate) async fn run(
    region: &Region<'_>,
    document: &str,
    machine: &str,
    parameters: &BTreeMap<String, String>,
    limit: Duration,
) -> Result<std::result::Result<(), String>> {
    let values = parameters.iter().map(|(name, value)| (name.clone(), vec![value.clone()])).collect();
    let request = region.ssm().send_command().document_name(document).instance_ids(machine);
    let request = request.set_parameters(Some(values)).comment("deploy");
    let mut wait = region.wait(limit);
    let mut command: Option<String> = None;
    loop {
        let waits = match &command {
            None => match SEND_COMMAND.call(request.clone().send()).await {
                Err(error) if error.code == "InvalidInstanceId" => {
                    "Systems Manager does not know the instance yet".to_owned()
                }
                answer => {
                    let id = answer?.command.and_then(|command| command.command_id);
                    let id = SEND_COMMAND.part("command id", id)?;
                    command = Some(id.clone());
                    format!("command `{id}` is sent")
                }
            },
            Some(id) => match look(region, id, machine).await? {
                Run::Succeeded => return Ok(Ok(())),
                Run::Failed(why) => return Ok(Err(why)),
                Run::Runs(id, status) => format!("command `{id}` is {status}"),
                Run::Unknown => "Systems Manager does not know the instance yet".to_owned(),
            },
        };
        if !wait.pause(&waits).await {
            let what = format!("after {} s {waits}", limit.as_secs());
            return Err(crate::error::timed_out(SEND_COMMAND.name, what));
        }
    }
}

fn end(seen: &GetCommandInvocationOutput) -> String {
    let status = seen.status().map_or("over", Status::as_str);
    let printed = [seen.standard_error_content(), seen.standard_output_content()];
    let printed = printed.into_iter().flatten().map(str::trim).find(|text| !text.is_empty());
    let Some(printed) = printed else { return status.to_owned() };
    let skipped = printed.chars().count().saturating_sub(TAIL);
    let tail: String = printed.chars().skip(skipped).collect();
    format!("{status}: {}{}", if skipped > 0 { "…" } else { "" }, tail.replace('\n', " "))
}
