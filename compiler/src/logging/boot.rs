//! What tells rsyslog at boot where to send messages.

/// Where [`TARGET`] is on an instance.
pub(super) const TARGET_PATH: &str = "/usr/local/sbin/asiaq-log-target";

/// The script that finds the address among the values of the instance.
pub(super) const TARGET: &str = include_str!("boot/asiaq-log-target.sh");

/// Has the journal pass on what programs write to it.
pub(super) const JOURNAL: &str = "# Written by asiaq.\n[Journal]\nForwardToSyslog=yes\n";

/// What is added to the unit of rsyslog, for the values that may have the address.
pub(super) fn unit(sources: &[&str]) -> String {
    format!(
        "# Written by asiaq.\n\
         [Unit]\n\
         Wants=network-online.target\n\
         After=network-online.target cloud-init.service cloud-init-network.service\n\n\
         [Service]\n\
         ExecStartPre=-{TARGET_PATH} {}\n\
         EnvironmentFile=-/run/asiaq/log.env\n",
        sources.join(" ")
    )
}
