//! What instances carry of the project's logs: the configuration of rsyslog, and the files beside it.

mod boot;
mod rsyslog;

use std::collections::BTreeSet;

use crate::Checked;
use crate::lower;
use crate::model;

/// What the tags of applications begin with.
pub(crate) const CONVENTION: &str = "disco.";
/// The name, without its ending, of the file for messages that no other file is for.
pub(crate) const OTHER: &str = "other";

/// The lines of user data with the addresses of the log forwarder and of the aggregator.
const FORWARDER_LINE: &str = "logforwarder_ip";
const LOGGER_LINE: &str = "logger_ip";

/// What an instance does with messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRole {
    /// It sends those of its own programs to the log forwarder or to the aggregator.
    Relay,
    /// It sends those of other instances and its own to the aggregator.
    Forwarder,
    /// It files them.
    Aggregator,
}

/// A file that an instance carries.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LogFile {
    /// Its absolute path.
    pub path: String,
    /// Its mode, in octal digits.
    pub mode: &'static str,
    /// Its text.
    pub text: String,
}

/// The logs of a project, and how instances pass them on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    settings: Settings,
    applications: Vec<Application>,
    services: Vec<Service>,
    /// Hostclasses that are the aggregator of an environment.
    aggregators: BTreeSet<String>,
    /// Hostclasses that are the log forwarder of an environment.
    forwarders: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Settings {
    folder: String,
    group: Option<String>,
    /// Days.
    keep: u64,
    port: i64,
    aggregator_port: i64,
    socket: Option<String>,
    queue: String,
    /// Gigabytes.
    queue_size: u64,
    burst: i64,
}

/// A log with tags `disco.NAME.TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Application {
    name: String,
    types: Vec<String>,
}

/// A log with tags of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Service {
    name: String,
    tag: String,
    file: String,
}

impl LogRole {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Forwarder => "forwarder",
            Self::Aggregator => "aggregator",
        }
    }

    /// The lines of user data that have the address to send to; the first that has one counts.
    fn sources(self) -> &'static [&'static str] {
        match self {
            Self::Relay => &[FORWARDER_LINE, LOGGER_LINE],
            Self::Forwarder => &[LOGGER_LINE],
            Self::Aggregator => &[],
        }
    }
}

impl Checked {
    /// The address that instances of a role send messages to in an environment, whose CIDR blocks are those of an empty account.
    pub fn log_target(&self, env: &str, role: LogRole) -> Option<String> {
        let laid = self.resources.layout.0.get(env)?;
        let env = self.model.environment(env)?;
        let common = &env.common;
        let of = |host| lower::spaced_addresses(env, laid, host).split(' ').next().map(str::to_owned);
        role.sources().iter().find_map(|source| {
            let host = if *source == FORWARDER_LINE { &common.log_forwarder } else { &common.logger };
            of(host.as_ref()).filter(|address| !address.is_empty())
        })
    }

    /// The logs of the project. A program without a project has none.
    pub fn logging(&self) -> Option<Logging> {
        let model::Logging { settings, logs } = &self.model.logging;
        let settings = settings.as_ref()?;
        let applications = logs.iter().filter(|log| log.tag.is_none()).map(|log| Application {
            name: log.name.clone(),
            types: log.all_types().into_iter().map(str::to_owned).collect(),
        });
        let services = logs.iter().filter_map(|log| {
            let tag = log.tag.as_ref()?.value.clone();
            Some(Service { name: log.name.clone(), tag, file: log.file() })
        });
        let mut services: Vec<Service> = services.collect();
        // The longest tag that a message begins with decides.
        services.sort_by(|one, other| (other.tag.len(), &one.tag).cmp(&(one.tag.len(), &other.tag)));
        let environments = || self.model.environments.iter().map(|env| &env.common);
        let aggregators = environments().filter_map(|common| common.logger.as_ref());
        let forwarders = environments().filter_map(|common| common.log_forwarder.as_ref());
        Some(Logging {
            settings: Settings {
                folder: settings.folder.value.clone(),
                group: settings.group.as_ref().map(|group| group.value.clone()),
                keep: settings.keep.value / (24 * 60 * 60),
                port: settings.port.value,
                aggregator_port: settings.aggregator_port.value,
                socket: settings.socket.as_ref().map(|socket| socket.value.clone()),
                queue: settings.queue.value.clone(),
                queue_size: settings.queue_size.value,
                burst: settings.burst.value,
            },
            applications: applications.collect(),
            services,
            aggregators: aggregators.map(|host| host.value.clone()).collect(),
            forwarders: forwarders.map(|host| host.value.clone()).collect(),
        })
    }
}

impl Logging {
    /// Whether the program declares a log.
    pub fn has_logs(&self) -> bool {
        !self.applications.is_empty() || !self.services.is_empty()
    }

    /// What the instances of a hostclass do.
    pub fn role_of(&self, hostclass: &str) -> LogRole {
        if self.aggregators.contains(hostclass) {
            LogRole::Aggregator
        } else if self.forwarders.contains(hostclass) {
            LogRole::Forwarder
        } else {
            LogRole::Relay
        }
    }

    /// The folders that instances of a role need, with their modes.
    pub fn folders(&self) -> [(&str, &'static str); 2] {
        [(&self.settings.queue, "0700"), (&self.settings.folder, "0750")]
    }

    /// The files that instances of a role carry, the configuration of rsyslog first. They send to `target`, or else to the
    /// address that they get at boot.
    pub fn files(&self, role: LogRole, target: Option<&str>) -> Vec<LogFile> {
        let file = |path: &str, mode, text: String| LogFile { path: path.to_owned(), mode, text };
        let mut files = vec![
            file("/etc/rsyslog.conf", "0644", self.configuration(role, target)),
            file("/etc/logrotate.d/asiaq", "0644", self.rotation()),
            file("/etc/systemd/journald.conf.d/asiaq.conf", "0644", boot::JOURNAL.to_owned()),
        ];
        if target.is_none() && !role.sources().is_empty() {
            let unit = boot::unit(role.sources());
            files.push(file("/etc/systemd/system/rsyslog.service.d/asiaq.conf", "0644", unit));
            files.push(file(boot::TARGET_PATH, "0755", boot::TARGET.to_owned()));
        }
        files
    }
}
