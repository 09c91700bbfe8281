use std::collections::BTreeSet;
use std::path::PathBuf;

use asiaq_runtime::Goal;

use crate::engine::{self, AdoptionRequest, Consent, Execution, Log, Request, Selection, Source};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::tfstate;

/// Takes over resources that are in AWS already: writes asiaq's tags on them, and nothing else
///
/// Compares what the program declares and asiaq does not own with what is in AWS, by values of which there is only one: the
/// block of a VPC, a subnet by VPC and block, a group by VPC and name, a topic by its name. What fits several is listed with both
/// sides and left alone, and so is what tags say belongs to another project, to CloudFormation, Terraform, Kubernetes and
/// others. Shows what an apply would change afterwards, and what it would remove, before anything is written.
///
/// A second run has nothing to do. `--release` takes the tags off again.
#[derive(clap::Args, Debug)]
#[allow(clippy::doc_markdown, reason = "help has no marks of code")]
pub(crate) struct Adopt {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    selection: Selection,
    /// Take the tags of earlier adoptions off again; the resources stay as they are
    #[arg(long)]
    release: bool,
    /// Also adopt what another tool manages according to its tags, such as CloudFormation or Terraform
    #[arg(long, conflicts_with = "release")]
    managed: bool,
    /// A state of Terraform, or what `terraform show -json` prints: of several resources that fit, those in it are meant
    ///
    /// It is read as a list of ids. Nothing of Terraform is run, and the state stays as it is.
    #[arg(long, value_name = "FILE", conflicts_with = "release")]
    tfstate: Option<PathBuf>,
    #[command(flatten)]
    execution: Execution,
}

impl Adopt {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { project, selection, release, managed, tfstate, execution } = self;
        let Execution { connection, format, .. } = execution;
        execution.refuse_prune("adopt")?;
        let path = project.path.as_deref();
        let named = match tfstate {
            Some(file) => tfstate::ids(file)?,
            None => BTreeSet::new(),
        };
        let (verb, consent) =
            if *release { ("adopt --release", Consent::Release) } else { ("adopt", Consent::Adopt) };
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let request =
                    Request { verb, ..Request::of(selection, path, Goal::Apply, connection, *format, log) };
                let source = Source::Adoption(AdoptionRequest {
                    request,
                    named: &named,
                    managed: *managed,
                    release: *release,
                });
                engine::run(source, execution, consent, log, &interrupts).await
            };
            engine::recorded(&execution.recording, "adopt", work).await
        })
    }
}
