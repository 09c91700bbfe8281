//! The configuration of rsyslog.
//!
//! Nothing in it is quoted, because the checks of the program refuse every name that would need it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Application, CONVENTION, LogRole, Logging, OTHER, Service, Settings};

/// Seconds for which `burst` counts.
const INTERVAL: u32 = 10;

impl Logging {
    /// The configuration of rsyslog of instances of a role. They send to `target`, or else to the address in the variable
    /// `asiaq_log_target`; where that is empty, they file messages themselves.
    pub fn configuration(&self, role: LogRole, target: Option<&str>) -> String {
        let mut text = heading(role).to_owned();
        self.inputs(role, &mut text);
        self.rules(&mut text);
        text.push('\n');
        match (role, target) {
            (LogRole::Aggregator, _) => text += "call asiaq_files\n",
            (_, Some(target)) => self.forwarding(&format!("\"{target}\""), &mut text),
            (_, None) => {
                text += "if getenv(\"asiaq_log_target\") == \"\" then {\n  call asiaq_files\n  stop\n}\n";
                self.forwarding("`echo $asiaq_log_target`", &mut text);
            }
        }
        text
    }

    /// Where messages come from.
    fn inputs(&self, role: LogRole, text: &mut String) {
        let Settings { group, port, aggregator_port, socket, queue, burst, .. } = &self.settings;
        let _ =
            writeln!(text, "global(workDirectory=\"{queue}\" maxMessageSize=\"64k\" net.enableDNS=\"off\")");
        let name = socket.as_ref().map(|socket| format!(" SysSock.Name=\"{socket}\"")).unwrap_or_default();
        let _ = writeln!(
            text,
            "module(load=\"imuxsock\"{name} SysSock.RateLimit.Interval=\"{}\" SysSock.RateLimit.Burst=\"{burst}\")",
            interval(*burst)
        );
        text.push_str(
            "module(load=\"imudp\")\nmodule(load=\"imtcp\" maxSessions=\"10000\" keepAlive=\"on\")\n",
        );
        let group = group.as_ref().map(|group| format!(" fileGroup=\"{group}\" dirGroup=\"{group}\""));
        let _ = writeln!(
            text,
            "module(load=\"builtin:omfile\" template=\"RSYSLOG_FileFormat\" fileCreateMode=\"0640\" \
             dirCreateMode=\"0750\"{})",
            group.unwrap_or_default()
        );
        let is_open = role != LogRole::Relay;
        // The listener for all addresses takes what the instance's own programs send, too.
        if !is_open || port != aggregator_port {
            text.push_str("\n# From programs of this instance.\n");
            let limit = format!("rateLimit.interval=\"{}\" rateLimit.burst=\"{burst}\"", interval(*burst));
            for protocol in ["imudp", "imtcp"] {
                let _ = writeln!(
                    text,
                    "input(type=\"{protocol}\" address=\"127.0.0.1\" port=\"{port}\" {limit})"
                );
            }
        }
        if is_open {
            text.push_str("\n# From other instances.\n");
            for protocol in ["imudp", "imtcp"] {
                let _ = writeln!(text, "input(type=\"{protocol}\" port=\"{aggregator_port}\")");
            }
        }
        text.push_str("\n# Rules of one's own.\ninclude(file=\"/etc/rsyslog.d/*.conf\" mode=\"optional\")\n");
    }

    /// The rules that file messages, one for each log.
    fn rules(&self, text: &mut String) {
        let folder = &self.settings.folder;
        text.push_str("\nruleset(name=\"asiaq_files\") {\n");
        for Application { name, types } in &self.applications {
            let _ = writeln!(text, "  if $syslogtag startswith \"{CONVENTION}{name}.\" then {{");
            for of_type in types {
                // `$programname` is empty for some messages (rsyslog 8.2302).
                let tag = format!("{CONVENTION}{name}.{of_type}");
                let _ = writeln!(
                    text,
                    "    if $syslogtag == \"{tag}\" or $syslogtag startswith [\"{tag}:\", \"{tag}[\"] then {{\n      \
                     action(type=\"omfile\" file=\"{folder}/{name}/{of_type}.log\")\n      stop\n    }}"
                );
            }
            let _ = writeln!(
                text,
                "    action(type=\"omfile\" file=\"{folder}/{name}/{OTHER}.log\")\n    stop\n  }}"
            );
        }
        for Service { name, tag, file } in &self.services {
            let _ = writeln!(
                text,
                "  # {name}\n  if $syslogtag startswith \"{tag}\" then {{\n    \
                 action(type=\"omfile\" file=\"{folder}/{file}\")\n    stop\n  }}"
            );
        }
        let _ = writeln!(text, "  action(type=\"omfile\" file=\"{folder}/{OTHER}.log\")\n}}");
    }

    /// Sends messages on. While that is not possible they wait on the disk, and what does not fit there is dropped at once, so
    /// that no program has to wait for its log.
    fn forwarding(&self, target: &str, text: &mut String) {
        let Settings { aggregator_port, queue_size, .. } = &self.settings;
        let _ = write!(
            text,
            "template(name=\"asiaq_forward\" type=\"string\"\n  \
             string=\"<%PRI%>%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg%\")\n\
             action(type=\"omfwd\" target={target} port=\"{aggregator_port}\" protocol=\"tcp\"\n  \
             template=\"asiaq_forward\" tcp_framing=\"octet-counted\" keepAlive=\"on\"\n  \
             action.resumeRetryCount=\"-1\" action.resumeInterval=\"5\" action.resumeIntervalMax=\"60\"\n  \
             queue.type=\"LinkedList\" queue.size=\"10000\" queue.filename=\"asiaq_forward\"\n  \
             queue.maxDiskSpace=\"{queue_size}g\" queue.maxFileSize=\"10m\" queue.saveOnShutdown=\"on\"\n  \
             queue.timeoutEnqueue=\"0\")\n"
        );
    }

    /// The configuration of logrotate.
    pub(super) fn rotation(&self) -> String {
        let Settings { folder, group, keep, .. } = &self.settings;
        let group = group.as_deref().unwrap_or("root");
        let applications = self.applications.iter().map(|one| format!("{folder}/{}", one.name));
        let services = self.services.iter().filter_map(|one| {
            let (below, _) = one.file.rsplit_once('/')?;
            Some(format!("{folder}/{below}"))
        });
        let folders: BTreeSet<String> =
            std::iter::once(folder.clone()).chain(applications).chain(services).collect();
        let mut text = "# Written by asiaq.\n".to_owned();
        for folder in folders {
            let _ = writeln!(text, "{folder}/*.log");
        }
        let _ = write!(
            text,
            "{{\n  daily\n  rotate {keep}\n  dateext\n  missingok\n  notifempty\n  compress\n  delaycompress\n  \
             create 0640 root {group}\n  sharedscripts\n  postrotate\n    \
             systemctl kill --kill-who=main --signal=HUP rsyslog.service || :\n  endscript\n}}\n"
        );
        text
    }
}

fn heading(role: LogRole) -> &'static str {
    match role {
        LogRole::Relay => {
            "# Written by asiaq: messages of this instance go to the log forwarder or the aggregator.\n\n"
        }
        LogRole::Forwarder => {
            "# Written by asiaq: messages of other instances and of this one go to the aggregator.\n\n"
        }
        LogRole::Aggregator => "# Written by asiaq: messages of all instances are filed here.\n\n",
    }
}

/// The seconds in which `burst` messages are taken; none where all are.
fn interval(burst: i64) -> u32 {
    if burst == 0 { 0 } else { INTERVAL }
}
