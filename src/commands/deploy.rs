use std::path::PathBuf;
use std::time::Duration;

use anyhow::{anyhow, bail};
use asiaq_runtime::{DeployEnd, DeployStrategy, HostclassImage, PlannedDeploy};

use crate::engine::{
    self, Connection, DeployRequest, DeploySession, DeployWay, Execution, Interrupts, Log, Pick, Target,
    Ticket, age, deploy_session,
};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, deploys, images, json};

/// Puts the newest AMIs of a pipeline's hostclasses in place, tested first
///
/// For each hostclass with a newer AMI, a second Auto Scaling group is started and tested: its instances have to get in
/// service, and to pass the smoke test and the integration test. Then it is put behind the load balancers beside the old
/// group, and takes its place when all its instances are healthy there; the AMI is promoted, and the old group is drained
/// and deleted. Whatever fails before that ends with the old group serving. A deploy that was cut off goes on with the
/// next one.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Deploy {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    deploy: To,
}

#[derive(clap::Subcommand, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
enum Part {
    /// Only tests the newest AMIs that are not tested yet, and promotes those that pass; the instances stay
    ///
    /// An AMI that fails gets the stage of AMIs that failed.
    Test(To),
    /// Lists the AMIs that can be deployed, with their stages
    List(Look),
    /// Shows which AMI each hostclass has, and the deploys that are under way
    Status(Look),
    /// Goes back: takes down what a deploy that is under way has made, or puts the AMI before the last deploy in place
    ///
    /// An AMI that is taken back gets the stage of AMIs that failed.
    Rollback(Back),
}

/// The variable with the hook for tickets.
const TICKET_HOOK: &str = "ASIAQ_TICKET_HOOK";

/// What is deployed, and where.
#[derive(clap::Args, Clone, Debug)]
struct To {
    /// Name of the pipeline
    // Commands below `deploy` have none.
    #[arg(value_name = "PIPELINE", required = true)]
    pipeline: Option<String>,
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME", required = true)]
    env: Option<String>,
    /// Only this hostclass; may be repeated. Default: every hostclass of the pipeline with a newer AMI
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// This AMI, in whatever stage it is
    #[arg(long, value_name = "AMI")]
    ami: Option<String>,
    /// How instances are replaced. Default: as the `run` says
    #[arg(long, value_enum, value_name = "STRATEGY")]
    strategy: Option<Strategy>,
    /// Asks about this ticket before each deploy, and tells how each ended
    #[arg(long, value_name = "ID")]
    ticket: Option<String>,
    /// Who is asked: a program, or a URL. Default: the variable `ASIAQ_TICKET_HOOK`
    #[arg(long, value_name = "HOOK", requires = "ticket")]
    ticket_hook: Option<String>,
    /// How long the new instances may take to be in service, and again to be healthy behind the load balancers
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = age)]
    timeout: Duration,
    /// Configuration of `ssh` for integration tests. Default: yours
    #[arg(long, value_name = "FILE")]
    ssh_config: Option<PathBuf>,
    #[command(flatten)]
    execution: Execution,
}

/// How a deploy replaces instances.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Strategy {
    /// A second Auto Scaling group takes the place of the first one
    #[value(name = "blue_green")]
    BlueGreen,
    /// A few at a time, in the same Auto Scaling group
    Rolling,
}

/// What is taken back.
#[derive(clap::Args, Clone, Debug)]
struct Back {
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// The hostclass that gets its last AMI back; may be repeated. Default: those whose deploy is under way
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// How long the instances may take to be in service, and again to be healthy behind the load balancers
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = age)]
    timeout: Duration,
    /// Configuration of `ssh` for integration tests. Default: yours
    #[arg(long, value_name = "FILE")]
    ssh_config: Option<PathBuf>,
    #[command(flatten)]
    execution: Execution,
}

/// What is shown.
#[derive(clap::Args, Clone, Debug)]
struct Look {
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Only this hostclass; may be repeated. Default: every hostclass of the pipeline
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

/// Runs the integration test of a hostclass on the instances that run
///
/// The test is the `integration_test` of the `run`, run as the block `test` of the hostclass says.
#[derive(clap::Args, Debug)]
pub(crate) struct Test {
    /// Name of the hostclass
    #[arg(value_name = "HOSTCLASS")]
    hostclass: String,
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Configuration of `ssh`. Default: yours
    #[arg(long, value_name = "FILE")]
    ssh_config: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

impl Deploy {
    pub(crate) fn run(&self) -> Result<Exit> {
        match &self.part {
            Some(Part::Test(to)) => to.run(DeployWay::Test),
            Some(Part::List(look)) => look.list(),
            Some(Part::Status(look)) => look.status(),
            Some(Part::Rollback(back)) => back.run(),
            None => self.deploy.run(DeployWay::On),
        }
    }
}

impl To {
    fn run(&self, way: DeployWay) -> Result<Exit> {
        let verb = if way == DeployWay::Test { "deploy test" } else { "deploy" };
        self.execution.refuse_prune(verb)?;
        let hook = self.ticket_hook()?;
        let ticket = self.ticket.as_deref().zip(hook.as_deref()).map(|(id, hook)| Ticket { id, hook, way });
        let pick = match (&self.ami, way) {
            (Some(ami), _) => Pick::Image(ami),
            (None, DeployWay::Test) => Pick::Untested,
            (None, DeployWay::On | DeployWay::Back) => Pick::Newest,
        };
        let work = async |session: DeploySession<'_>, interrupts: &Interrupts| {
            let chosen = interrupts.until_interrupted(session.chosen(pick)).await?;
            let plans = chosen.iter().map(|(target, image)| {
                target.planned(image, way == DeployWay::Test, &session.sharers(image))
            });
            let plans: Vec<PlannedDeploy> = plans.collect();
            let own: Vec<&str> = chosen.iter().map(|(_, image)| image.id.as_str()).collect();
            let left = session.half_shared(&own);
            if chosen.is_empty() && left.is_empty() {
                ui::say("nothing to deploy: no hostclass has a newer AMI; `asiaq deploy list` shows them\n");
            }
            let work = Work { chosen: &chosen, plans: &plans, left: &left };
            carry_out(&session, work, (way, ticket), &self.execution, interrupts).await
        };
        engine::block_on(async |interrupts| {
            let recorded = async |log: &Log| {
                let session = deploy_session(self.request(log), &interrupts);
                let session = interrupts.guard(Box::pin(session)).await?;
                Box::pin(work(session, &interrupts)).await
            };
            engine::recorded(&self.execution.recording, "deploy", recorded).await
        })
    }

    /// Who is asked about the ticket, if there is one.
    fn ticket_hook(&self) -> anyhow::Result<Option<String>> {
        if self.ticket.is_none() {
            return Ok(None);
        }
        let usual = || std::env::var(TICKET_HOOK).ok().filter(|hook| !hook.is_empty());
        let Some(hook) = self.ticket_hook.clone().or_else(usual) else {
            bail!(
                "nobody is known who has tickets: add `--ticket-hook` with a program or a URL, or set `{TICKET_HOOK}`"
            );
        };
        Ok(Some(hook))
    }

    fn request<'a>(&'a self, log: &'a Log) -> DeployRequest<'a> {
        let Self { project, env, hostclasses, execution, ssh_config, strategy, .. } = self;
        let env = env.as_deref().unwrap_or_default();
        DeployRequest {
            strategy: strategy.map(|strategy| match strategy {
                Strategy::BlueGreen => DeployStrategy::BlueGreen,
                Strategy::Rolling => DeployStrategy::Rolling,
            }),
            pipeline: self.pipeline.as_deref(),
            timeout: self.timeout,
            ssh_config: ssh_config.as_deref(),
            ..DeployRequest::new((project, env), hostclasses, (&execution.connection, execution.format), log)
        }
    }
}

impl Back {
    fn run(&self) -> Result<Exit> {
        let Self { project, env, hostclasses, timeout, ssh_config, execution } = self;
        execution.refuse_prune("deploy rollback")?;
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let way = (&execution.connection, execution.format);
                let request = DeployRequest {
                    timeout: *timeout,
                    ssh_config: ssh_config.as_deref(),
                    ..DeployRequest::new((project, env), hostclasses, way, log)
                };
                let session = deploy_session(request, &interrupts);
                let session = interrupts.guard(Box::pin(session)).await?;
                let back = interrupts.until_interrupted(session.taken_back()).await?;
                let is_open = back.iter().any(|(target, _)| target.is_open());
                let plans = back.iter().map(|(target, image)| {
                    if is_open {
                        target.undone()
                    } else {
                        target.planned(image, false, &session.sharers(image))
                    }
                });
                let plans: Vec<PlannedDeploy> = plans.collect();
                // Where none is under way, the way back is a deploy of the AMI before.
                let way = if is_open { DeployWay::Back } else { DeployWay::On };
                let work = Work { chosen: &back, plans: &plans, left: &[] };
                carry_out(&session, work, (way, None), execution, &interrupts).await
            };
            engine::recorded(&execution.recording, "deploy rollback", work).await
        })
    }
}

/// What a command does.
#[derive(Clone, Copy)]
struct Work<'a> {
    /// The deploys.
    chosen: &'a [(Target, HostclassImage)],
    /// The same, step by step.
    plans: &'a [PlannedDeploy],
    /// The AMIs whose sharing an earlier deploy has not finished.
    left: &'a [HostclassImage],
}

/// Shows what deploys will do, asks, and does it.
async fn carry_out(
    session: &DeploySession<'_>,
    work: Work<'_>,
    (way, ticket): (DeployWay, Option<Ticket<'_>>),
    execution: &Execution,
    interrupts: &Interrupts,
) -> Result<Exit> {
    let Work { chosen, plans, left } = work;
    session.refuse(chosen, execution, interrupts).await?;
    let is_empty = chosen.is_empty() && left.is_empty();
    let left_text: String =
        left.iter().map(|image| deploys::half_shared(&image.id, &session.sharers(image))).collect();
    if execution.dry_run || is_empty {
        match execution.format {
            Format::Json => json::print(&plans),
            Format::Text => ui::out(&deploys::plan(plans)),
        }
        ui::say(&left_text);
        return Ok(match (session.is_partial(), is_empty) {
            (true, _) => Exit::Partial,
            (false, true) => Exit::Done,
            (false, false) => Exit::Changes,
        });
    }
    if !execution.yes {
        ui::say(&(deploys::plan(plans) + &left_text));
        let question = format!("Go on in account {}? [y/N] ", session.account());
        engine::confirm(question, interrupts).await?;
    }
    if let Some(ticket) = &ticket {
        interrupts.until_interrupted(ticket.validate(chosen)).await?;
    }
    let started = std::time::Instant::now();
    let tell = |name: &str, what: &str| ui::say(&deploys::step(name, started.elapsed(), what));
    let mut ends = Vec::new();
    for image in left {
        let tell = |what: &str| tell(&image.hostclass, what);
        ends.push(Box::pin(session.finish_sharing(image, interrupts, &tell)).await?);
    }
    if !chosen.is_empty() {
        let done = session.carry_out(chosen, (way, execution), interrupts, tell).await?;
        if let Some(ticket) = &ticket {
            ticket.tell(chosen, &done).await;
        }
        ends.extend(done);
    }
    Ok(ended(execution.format, way, &ends, left.len().saturating_add(chosen.len())))
}

/// Prints how deploys ended. One that was on its way back is undone, which is not what `asiaq deploy` was asked for.
fn ended(format: Format, way: DeployWay, ends: &[DeployEnd], all: usize) -> Exit {
    for end in ends {
        ui::say(&deploys::failure(end));
        end.not_shared.iter().for_each(|why| ui::warn(why));
    }
    match format {
        Format::Json => json::print(&ends),
        Format::Text => ui::out(&deploys::ends(ends)),
    }
    let failed = ends.iter().filter(|end| end.error.is_some() || end.not_shared.is_some()).count();
    let is_undone = way != DeployWay::Back && ends.iter().any(|end| end.result == "undone");
    if is_undone {
        ui::say(
            "a deploy that an earlier run gave up is undone now; `asiaq deploy` again puts the AMI in place\n",
        );
    }
    match failed {
        0 if is_undone => Exit::Partial,
        _ if ends.iter().any(|end| end.result == "interrupted") => {
            ui::say(
                "a deploy was interrupted: `asiaq deploy` goes on with it, `asiaq deploy rollback` goes back\n",
            );
            Exit::Interrupted
        }
        0 if ends.len() == all => Exit::Done,
        _ => Exit::Partial,
    }
}

impl Look {
    fn session<T>(
        &self,
        work: impl AsyncFnOnce(DeploySession<'_>) -> anyhow::Result<T>,
    ) -> Result<(T, bool)> {
        let Self { project, env, hostclasses, format, connection } = self;
        let log = Log::none();
        let request = DeployRequest::new((project, env), hostclasses, (connection, *format), &log);
        engine::block_on(async |interrupts| {
            let all = async {
                let session = Box::pin(deploy_session(request, &interrupts)).await?;
                let is_partial = session.is_partial();
                Ok((work(session).await?, is_partial))
            };
            interrupts.guard(Box::pin(all)).await
        })
    }

    fn list(&self) -> Result<Exit> {
        let (images, is_partial) = self.session(async |session| Ok(session.candidates()))?;
        let images: Vec<HostclassImage> = images.into_values().flatten().collect();
        let none = images.is_empty().then_some("there are no AMIs of these hostclasses");
        ui::list(self.format, &images, none, || images::list(&images));
        Ok(Exit::of(is_partial))
    }

    fn status(&self) -> Result<Exit> {
        let (status, is_partial) = self.session(async |session| session.status().await)?;
        let none = status.is_empty().then_some("no instances are running");
        ui::list(self.format, &status, none, || deploys::status(&status));
        Ok(Exit::of(is_partial))
    }
}

impl Test {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { hostclass, project, env, ssh_config, format, connection } = self;
        let (hostclasses, log) = ([hostclass.clone()], Log::none());
        let request = DeployRequest {
            ssh_config: ssh_config.as_deref(),
            ..DeployRequest::new((project, env), &hostclasses, (connection, *format), &log)
        };
        engine::block_on(async |interrupts| {
            let session = interrupts.guard(Box::pin(deploy_session(request, &interrupts))).await?;
            let targets = interrupts.until_interrupted(session.targets()).await?;
            if targets.is_empty() {
                let why = anyhow!(
                    "`{hostclass}` has no Auto Scaling group in `{env}`: run `asiaq apply --env {env}`"
                );
                return Err(why.into());
            }
            let started = std::time::Instant::now();
            let tell = |name: &str, what: &str| ui::say(&deploys::step(name, started.elapsed(), what));
            let ends = Box::pin(session.test(&targets, &interrupts, tell)).await?;
            if ends.is_empty() {
                let why = anyhow!("`{hostclass}` has no `integration_test` in `{env}`: set it in the `run`");
                return Err(why.into());
            }
            Ok(match ended(self.format, DeployWay::Test, &ends, ends.len()) {
                Exit::Partial => Exit::Program,
                exit => exit,
            })
        })
    }
}
