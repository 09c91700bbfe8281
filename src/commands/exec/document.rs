//! `asiaq exec --ssm`: a document of Systems Manager on instances.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use asiaq_runtime::Host;

use super::{Exec, printer, say_unasked, summary};
use crate::engine::{self, Chosen, Document, Interrupts, PreparedCommand, Ran, RemoteOptions, Told};
use crate::exit::{Exit, Halt, Result};
use crate::ui::remote::End;
use crate::ui::{self, Format, json};

/// A document of Systems Manager in place of a command over SSH.
#[derive(clap::Args, Debug)]
pub(crate) struct Ssm {
    /// Runs this document of Systems Manager in place of a command over SSH
    #[arg(id = "ssm", long = "ssm", value_name = "DOCUMENT", help_heading = "Systems Manager")]
    document: Option<String>,
    /// Value of a parameter of the document; may be repeated, also for the items of a list
    #[arg(long, value_name = "KEY=VALUE", value_parser = parameter, help_heading = "Systems Manager")]
    parameters: Vec<(String, String)>,
    /// Text that AWS shows beside the command. Default: `asiaq exec`
    #[arg(long, value_name = "TEXT", help_heading = "Systems Manager")]
    comment: Option<String>,
    /// S3 bucket that gets the output, from which the whole of it is read: AWS itself keeps the first 24,000 characters
    #[arg(long, value_name = "NAME", help_heading = "Systems Manager")]
    bucket: Option<String>,
}

fn parameter(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

impl Ssm {
    /// The name of the document.
    pub(super) fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// Refuses what is only for a document where there is none.
    pub(super) fn refuse_alone(&self) -> anyhow::Result<()> {
        let is_used = !self.parameters.is_empty() || self.comment.is_some() || self.bucket.is_some();
        if self.document.is_none() && is_used {
            bail!("`--parameters`, `--comment` and `--bucket` are for a document: add `--ssm DOCUMENT`");
        }
        Ok(())
    }
}

impl Exec {
    /// Runs the document on the instances that run and whose agents answer.
    pub(super) async fn run_document(
        &self,
        chosen: &Chosen,
        running: &[&Host],
        others: &[&Host],
        interrupts: &Interrupts,
    ) -> Result<Exit> {
        if self.remote != RemoteOptions::default() {
            let why =
                "the options of SSH have no effect with `--ssm`: no connection is made to the instances";
            return Err(anyhow!(why).into());
        }
        let name = self.ssm.document().unwrap_or_default();
        let document = Document {
            name,
            parameters: &self.ssm.parameters,
            comment: self.ssm.comment.as_deref(),
            limit: self.timeout,
            at_once: self.concurrency.get(),
            bucket: self.ssm.bucket.as_deref(),
        };
        let prepared =
            interrupts.until_interrupted(engine::prepare_command(chosen, running, document)).await?;
        let asked = prepared.ids();
        let hosts: BTreeMap<&str, Told> = running
            .iter()
            .filter(|host| asked.contains(host.id.as_str()))
            .map(|host| (host.id.as_str(), Told::of(host)))
            .collect();
        let tell_unasked = || {
            for id in &prepared.offline {
                ui::say(&format!("not asked: the agent of {id} does not answer Systems Manager\n"));
            }
            say_unasked(others);
        };
        let format = self.machines.way.format;
        let list = || -> String { hosts.values().map(|host| host.label() + "\n").collect() };
        if self.writing.dry_run {
            match format {
                Format::Json => json::print(&hosts.values().collect::<Vec<_>>()),
                Format::Text => ui::out(&list()),
            }
            tell_unasked();
            return Ok(Exit::Changes);
        }
        if hosts.len() > 1 && !self.writing.yes {
            ui::say(&list());
            let question = format!("Run `{name}` on {}?", ui::count(hosts.len(), "instance"));
            self.writing.agreed(&question, interrupts).await?;
        }
        let Some(all) = self.watch(&prepared, &hosts, interrupts).await? else {
            return Ok(Exit::Interrupted);
        };
        let unasked = others.len() + prepared.offline.len();
        if format == Format::Text && (all.len() > 1 || unasked > 0) {
            let codes = all.iter().map(|ran| Some(ran.code).filter(|_| ran.failure.is_none()));
            ui::say(&summary(codes, unasked));
        }
        tell_unasked();
        let highest = all.iter().map(|ran| ran.code).max().unwrap_or_default();
        Ok(match highest {
            // Some that run have not been asked.
            0 => Exit::of(chosen.session.is_partial || !prepared.offline.is_empty()),
            code => Exit::Command(code),
        })
    }

    /// Prints how each instance ends; none if that was interrupted.
    async fn watch(
        &self,
        prepared: &PreparedCommand<'_>,
        hosts: &BTreeMap<&str, Told>,
        interrupts: &Interrupts,
    ) -> Result<Option<Vec<Ran>>> {
        let printer = printer(self.machines.way.format, hosts.values());
        let cut = match self.ssm.bucket {
            Some(_) => "the output is cut off, and the bucket does not have it",
            None => {
                "the output is cut off: AWS keeps its first 24,000 characters, and `--bucket NAME` all of it"
            }
        };
        let sent = std::sync::Mutex::new(Vec::new());
        let ended = |ran: &Ran| {
            let Some(host) = hosts.get(ran.instance.as_str()) else { return };
            let label = host.label();
            for (text, is_error) in [(&ran.output.stdout, false), (&ran.output.stderr, true)] {
                text.lines().for_each(|line| printer.line(host, &label, is_error, line));
            }
            let cut = ran.output.is_cut.then_some(cut);
            printer.ended(host, &label, End { code: ran.code, failure: ran.failure, seconds: None, cut });
        };
        let note = |ids: &[String]| {
            sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(ids.iter().cloned());
        };
        match interrupts.until_interrupted(prepared.run(note, ended)).await {
            Ok(all) => Ok(Some(all)),
            Err(Halt::Interrupted) => {
                let sent = sent.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
                let ids = if sent.is_empty() { String::new() } else { format!(" ({})", sent.join(", ")) };
                ui::say(&format!("\ninterrupted; what was sent goes on{ids}\n"));
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}
