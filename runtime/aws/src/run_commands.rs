//! Commands that Systems Manager runs on instances.

use std::collections::BTreeSet;

use asiaq_runtime::{Invocation, InvocationStep, Result, RunCommand, StepOutput};
use aws_sdk_ssm::types::{
    CommandInvocation, CommandInvocationStatus as Status, CommandPlugin, InstanceInformation,
    InstanceInformationStringFilter, PingStatus,
};

use crate::config::Aws;
use crate::credentials::GET_OBJECT;
use crate::kinds::document::DESCRIBE_DOCUMENT;
use crate::kinds::smoke_test::{GET_COMMAND_INVOCATION, SEND_COMMAND};
use crate::operation::{Access, Operation, ops};
use crate::secrets::LIST_BUCKET_OBJECTS;

ops! { ssm:
    DESCRIBE_INSTANCE_INFORMATION = "DescribeInstanceInformation", Read;
    LIST_COMMAND_INVOCATIONS = "ListCommandInvocations", Read;
}

/// The operations of others that commands call too.
pub(crate) const MORE: &[Operation] = &[
    DESCRIBE_DOCUMENT.used_for(Access::Read),
    SEND_COMMAND.used_for(Access::Write),
    GET_COMMAND_INVOCATION.used_for(Access::Read),
];

/// Instances that one call names (Systems Manager API reference, `SendCommand`).
const AT_ONCE: usize = 50;
/// Characters of the outputs that AWS keeps (Systems Manager API reference, `GetCommandInvocation`).
const STDOUT: usize = 24_000;
const STDERR: usize = 8_000;

impl Aws {
    /// Those of the instances whose agents answer Systems Manager.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn online(&self, region: &str, ids: &[String]) -> Result<BTreeSet<String>> {
        let region = self.region(region);
        let mut online = BTreeSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let filter = InstanceInformationStringFilter::builder().key("InstanceIds");
            let filter = filter.set_values(Some(ids.to_vec())).build();
            let filter = DESCRIBE_INSTANCE_INFORMATION.built(filter)?;
            let call = region.ssm().describe_instance_information().filters(filter);
            let found: Vec<InstanceInformation> =
                DESCRIBE_INSTANCE_INFORMATION.all(call.into_paginator().items().send()).await?;
            let found = found.into_iter().filter(|one| one.ping_status() == Some(&PingStatus::Online));
            online.extend(found.filter_map(|one| one.instance_id));
        }
        Ok(online)
    }

    /// The names of the parameters of a document; none if there is no such document.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn document_parameters(&self, region: &str, name: &str) -> Result<Option<BTreeSet<String>>> {
        let region = self.region(region);
        let call = region.ssm().describe_document().name(name);
        let answer = match DESCRIBE_DOCUMENT.call(call.send()).await {
            Err(error) if error.code == "InvalidDocument" => return Ok(None),
            answer => answer?,
        };
        let parameters = answer.document.and_then(|document| document.parameters).unwrap_or_default();
        Ok(Some(parameters.into_iter().filter_map(|parameter| parameter.name).collect()))
    }

    /// Sends a command to instances: its ids, each with the instances that it is for.
    ///
    /// # Errors
    /// The first call that fails, with the ids of the commands that were sent before.
    pub async fn send(
        &self,
        region: &str,
        command: &RunCommand,
        ids: &[String],
    ) -> std::result::Result<Vec<(String, Vec<String>)>, (Vec<String>, asiaq_runtime::CloudError)> {
        let region = self.region(region);
        let mut sent: Vec<(String, Vec<String>)> = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let seconds = i32::try_from(command.begin.as_secs()).unwrap_or(i32::MAX);
            let parameters = command.parameters.clone().into_iter().collect();
            let call = region
                .ssm()
                .send_command()
                .document_name(&command.document)
                .set_instance_ids(Some(ids.to_vec()))
                .set_parameters(Some(parameters))
                .comment(&command.comment)
                .timeout_seconds(seconds)
                .max_concurrency(command.at_once.to_string())
                // An instance that fails does not stop the others.
                .max_errors("100%")
                .set_output_s3_bucket_name(command.bucket.clone());
            let answer = SEND_COMMAND.call(call.send()).await;
            let id = answer.and_then(|answer| {
                SEND_COMMAND.part("command id", answer.command.and_then(|command| command.command_id))
            });
            match id {
                Ok(id) => sent.push((id, ids.to_vec())),
                Err(error) => return Err((sent.into_iter().map(|(id, _)| id).collect(), error)),
            }
        }
        Ok(sent)
    }

    /// How far the instances are with a command. Some may be missing in the first seconds.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn invocations(&self, region: &str, command: &str) -> Result<Vec<Invocation>> {
        let region = self.region(region);
        let call = region.ssm().list_command_invocations().command_id(command).details(true);
        let found: Vec<CommandInvocation> =
            LIST_COMMAND_INVOCATIONS.all(call.into_paginator().items().send()).await?;
        Ok(found.into_iter().filter_map(invocation).collect())
    }

    /// What a step of a command has written on an instance.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn step_output(
        &self,
        region: &str,
        command: &str,
        instance: &str,
        step: &str,
    ) -> Result<StepOutput> {
        let region = self.region(region);
        let call = region.ssm().get_command_invocation().command_id(command).instance_id(instance);
        let answer = GET_COMMAND_INVOCATION.call(call.plugin_name(step).send()).await?;
        let stdout = answer.standard_output_content.unwrap_or_default();
        let stderr = answer.standard_error_content.unwrap_or_default();
        let is_cut = stdout.chars().count() >= STDOUT || stderr.chars().count() >= STDERR;
        Ok(StepOutput { stdout, stderr, is_cut })
    }

    /// What a command has written on an instance, whole, from the bucket that gets it; none if it is not there.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn whole_output(
        &self,
        region: &str,
        bucket: &str,
        command: &str,
        instance: &str,
    ) -> Result<Option<StepOutput>> {
        let region = self.region(region);
        let call = region.s3().list_objects_v2().bucket(bucket).prefix(format!("{command}/{instance}/"));
        let pages = LIST_BUCKET_OBJECTS.all(call.into_paginator().send()).await?;
        let objects = pages.into_iter().flat_map(|page| page.contents.unwrap_or_default());
        let mut keys: Vec<String> = objects.filter_map(|object| object.key).collect();
        keys.sort();
        let mut output = StepOutput::default();
        for key in &keys {
            let into = match key.rsplit('/').next() {
                Some("stdout") => &mut output.stdout,
                Some("stderr") => &mut output.stderr,
                _ => continue,
            };
            let call = region.s3().get_object().bucket(bucket).key(key);
            let bytes = GET_OBJECT.call(call.send()).await?.body.collect().await;
            let broken = |_| GET_OBJECT.refused(format!("the connection broke off while `{key}` was read"));
            into.push_str(&String::from_utf8_lossy(&bytes.map_err(broken)?.to_vec()));
        }
        Ok((!keys.is_empty()).then_some(output))
    }
}

fn invocation(seen: CommandInvocation) -> Option<Invocation> {
    let is_over = matches!(
        seen.status(),
        Some(Status::Success | Status::Failed | Status::TimedOut | Status::Cancelled)
    );
    let status = seen.status().map(Status::as_str).unwrap_or_default();
    let particulars: String =
        seen.status_details().unwrap_or_default().chars().filter(|sign| !sign.is_whitespace()).collect();
    let step = |step: CommandPlugin| {
        let ran = step.response_finish_date_time.is_some();
        Some(InvocationStep { name: step.name?, code: Some(step.response_code).filter(|_| ran) })
    };
    Some(Invocation {
        instance: seen.instance_id.clone()?,
        is_over,
        status: if particulars.is_empty() { status.to_owned() } else { particulars },
        steps: seen.command_plugins.unwrap_or_default().into_iter().filter_map(step).collect(),
    })
}
