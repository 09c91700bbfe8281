//! A document of Systems Manager on many instances: who is asked, and how each ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_ir::ScopeRef;
use asiaq_runtime::{Host, Invocation, RunCommand, StepOutput, parameters_of};

use super::account;
use super::machines::Chosen;
use crate::ui;

/// How long it may take until an instance begins: its agent asks every few seconds.
const BEGIN: Duration = Duration::from_mins(2);
/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a> {
    pub(crate) name: &'a str,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) comment: Option<&'a str>,
    /// Longest time on an instance.
    pub(crate) limit: Option<Duration>,
    /// Instances at the same time.
    pub(crate) at_once: usize,
    /// Bucket that gets the whole output.
    pub(crate) bucket: Option<&'a str>,
}

/// How a document ended on an instance.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub(crate) instance: String,
    pub(crate) code: u8,
    /// Why there is no exit code of the document itself.
    pub(crate) failure: Option<&'static str>,
    pub(crate) output: StepOutput,
}

/// The instances of one account and region, with the calls that reach them.
#[derive(Debug)]
struct Part<'c> {
    cloud: &'c Aws,
    region: &'c str,
    ids: Vec<String>,
}

/// A document that can be sent to instances.
#[derive(Debug)]
pub(crate) struct Prepared<'c> {
    parts: Vec<(Part<'c>, RunCommand)>,
    /// Ids of the instances whose agents do not answer, which are not asked.
    pub(crate) offline: BTreeSet<String>,
}

/// Finds out which instances answer, and checks the parameters of the document where it is to run.
pub(crate) async fn prepare_command<'c>(
    chosen: &'c Chosen,
    hosts: &[&'c Host],
    document: Document<'_>,
) -> anyhow::Result<Prepared<'c>> {
    let mut places: BTreeMap<(&str, &str), (&Aws, Vec<String>)> = BTreeMap::new();
    for host in hosts {
        let member =
            chosen.session.aws.of(ScopeRef::of_environment(host.environment.as_deref().unwrap_or_default()));
        let place = places.entry((&member.account, &host.region)).or_insert((&member.cloud, Vec::new()));
        place.1.push(host.id.clone());
    }
    let (mut parts, mut offline) = (Vec::new(), BTreeSet::new());
    for ((account, region), (cloud, ids)) in places {
        let online = cloud.online(region, &ids).await;
        let online = account::answered("list the instances that Systems Manager reaches", online)?;
        let (ids, away): (Vec<String>, Vec<String>) = ids.into_iter().partition(|id| online.contains(id));
        offline.extend(away);
        if ids.is_empty() {
            continue;
        }
        let known = cloud.document_parameters(region, document.name).await;
        let known = account::answered("read the document", known)?.ok_or_else(|| {
            anyhow!("there is no document `{}` in {region} of account {account}", document.name)
        })?;
        let parameters = parameters_of(document.name, &known, document.parameters, document.limit);
        let command = RunCommand {
            document: document.name.to_owned(),
            parameters: parameters.map_err(|why| anyhow!(why))?,
            comment: document.comment.unwrap_or("asiaq exec").to_owned(),
            begin: BEGIN,
            at_once: document.at_once,
            bucket: document.bucket.map(ToOwned::to_owned),
        };
        parts.push((Part { cloud, region, ids }, command));
    }
    if parts.is_empty() {
        bail!(
            "the agent of none of {} answers Systems Manager: it has to be installed and to run, and the instance profile has \
             to allow it",
            ui::count(offline.len(), "instance")
        );
    }
    Ok(Prepared { parts, offline })
}

impl Prepared<'_> {
    /// The ids of the instances that are asked.
    pub(crate) fn ids(&self) -> BTreeSet<&str> {
        self.parts.iter().flat_map(|(part, _)| part.ids.iter().map(String::as_str)).collect()
    }

    /// Sends the document, and tells how each instance ends as it does. `sent` gets the ids of the commands.
    pub(crate) async fn run(
        &self,
        sent: impl Fn(&[String]),
        ended: impl Fn(&Ran),
    ) -> anyhow::Result<Vec<Ran>> {
        let mut waiting = Vec::new();
        for (part, command) in &self.parts {
            match part.cloud.send(part.region, command, &part.ids).await {
                Ok(commands) => {
                    sent(&commands.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
                    for (id, instances) in commands {
                        let left: BTreeSet<String> = instances.into_iter().collect();
                        waiting.push((part, command, id, left));
                    }
                }
                Err((before, error)) => {
                    sent(&before);
                    let error = account::unusable("send the command", &error);
                    let goes_on = waiting.len() + before.len();
                    return Err(match goes_on {
                        0 => error,
                        _ => error.context("other instances have got the command already, and run it"),
                    });
                }
            }
        }
        let mut all = Vec::new();
        while !waiting.is_empty() {
            for (part, command, id, left) in &mut waiting {
                let seen = part.cloud.invocations(part.region, id).await;
                let seen = account::answered("read how the command ended", seen)?;
                for invocation in seen.into_iter().filter(|one| one.is_over) {
                    if left.remove(&invocation.instance) {
                        let ran = part.ran(command, id, invocation).await?;
                        ended(&ran);
                        all.push(ran);
                    }
                }
            }
            waiting.retain(|(_, _, _, left)| !left.is_empty());
            if !waiting.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(all)
    }
}

impl Part<'_> {
    /// What an instance has written, whole where a bucket has it.
    async fn ran(&self, command: &RunCommand, id: &str, invocation: Invocation) -> anyhow::Result<Ran> {
        let instance = invocation.instance.as_str();
        let whole = match &command.bucket {
            Some(bucket) => {
                let read = self.cloud.whole_output(self.region, bucket, id, instance).await;
                account::answered("read the output in the bucket", read)?
            }
            None => None,
        };
        let output = match whole {
            Some(output) => output,
            None => self.kept(id, &invocation).await?,
        };
        Ok(Ran {
            code: invocation.code(),
            failure: invocation.failure(),
            instance: instance.to_owned(),
            output,
        })
    }

    /// What AWS keeps of the output.
    async fn kept(&self, id: &str, invocation: &Invocation) -> anyhow::Result<StepOutput> {
        let mut output = StepOutput::default();
        for step in invocation.steps.iter().filter(|step| step.code.is_some()) {
            let part = self.cloud.step_output(self.region, id, &invocation.instance, &step.name).await;
            let part = account::answered("read the output", part)?;
            for (into, text) in [(&mut output.stdout, part.stdout), (&mut output.stderr, part.stderr)] {
                if !into.is_empty() && !into.ends_with('\n') && !text.is_empty() {
                    into.push('\n');
                }
                into.push_str(&text);
            }
            output.is_cut |= part.is_cut;
        }
        Ok(output)
    }
}
