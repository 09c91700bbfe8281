//! The way to an instance: its address, and the jump host before it.

use std::net::IpAddr;

use anyhow::{anyhow, bail};
use asiaq_runtime::Host;

use crate::ui;

/// The way to an instance.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Route {
    pub(super) host: Host,
    pub(super) address: IpAddr,
    /// The instance through which it goes, and its address.
    pub(super) jump: Option<(Host, IpAddr)>,
}

/// The hostclasses of jump hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Through {
    /// In order of preference.
    pub(super) hostclasses: Vec<String>,
    /// Whether an instance with a public address is reached through one too.
    pub(super) always: bool,
}

/// Finds the way to `host` among all instances.
pub(super) fn route(host: &Host, all: &[Host], through: &Through, is_private: bool) -> anyhow::Result<Route> {
    let direct = |address: IpAddr| Route { host: host.clone(), address, jump: None };
    if !is_private
        && !through.always
        && let Some(public) = host.public
    {
        return Ok(direct(public));
    }
    let address =
        host.preferred_private().ok_or_else(|| anyhow!("the instance {} has no address", host.id))?;
    let is_jump_itself = host.hostclass.as_ref().is_some_and(|class| through.hostclasses.contains(class));
    if through.hostclasses.is_empty() {
        return Ok(direct(address));
    }
    if is_jump_itself {
        return Ok(direct(if is_private { address } else { host.public.unwrap_or(address) }));
    }
    let candidate = |class: &String| {
        let of_class = all.iter().filter(|jump| {
            jump.hostclass.as_ref() == Some(class)
                && jump.environment == host.environment
                && jump.state == "running"
                && jump.address().is_some()
        });
        // The best first: one that others can reach, and that works.
        of_class.min_by_key(|jump| (jump.public.is_none(), jump.smoke_test.is_none(), jump.id.clone()))
    };
    let jump = through.hostclasses.iter().find_map(candidate);
    let Some(jump) = jump else {
        let env = host.environment.as_deref().unwrap_or_default();
        bail!(
            "{} has to be reached through a jump host, and no instance of {} runs in `{env}`; `--no-jump` connects directly",
            host.id,
            ui::listed(&through.hostclasses)
        );
    };
    let to_jump = jump.address().ok_or_else(|| anyhow!("the jump host {} has no address", jump.id))?;
    Ok(Route { host: host.clone(), address, jump: Some((jump.clone(), to_jump)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(id: &str, class: &str, public: Option<&str>, private: &str) -> Host {
        Host {
            id: id.to_owned(),
            hostclass: Some(class.to_owned()),
            environment: Some("ci".to_owned()),
            state: "running".to_owned(),
            public: public.map(|public| public.parse().unwrap()),
            private: vec![private.parse().unwrap()],
            ..Host::default()
        }
    }

    /// The way to the instance `id` among these.
    fn check(id: &str, classes: &[&str], always: bool, is_private: bool) -> String {
        let all = [
            host("i-web", "web", Some("54.0.0.1"), "10.0.0.1"),
            host("i-db", "db", None, "10.0.0.2"),
            host("i-old", "bastion", None, "10.0.0.3"),
            host("i-jump", "bastion", Some("54.0.0.4"), "10.0.0.4"),
            Host { state: "stopped".to_owned(), ..host("i-off", "off", Some("54.0.0.5"), "10.0.0.5") },
            Host { environment: Some("live".to_owned()), ..host("i-live", "db", None, "10.0.0.6") },
        ];
        let target = all.iter().find(|host| host.id == id).unwrap();
        let hostclasses = classes.iter().map(|class| (*class).to_owned()).collect();
        match route(target, &all, &Through { hostclasses, always }, is_private) {
            Ok(Route { address, jump: None, .. }) => address.to_string(),
            Ok(Route { address, jump: Some((jump, to)), .. }) => format!("{address} by {} {to}", jump.id),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_public_address_needs_no_jump_host() {
        assert_eq!(check("i-web", &["bastion"], false, false), "54.0.0.1");
        assert_eq!(check("i-web", &["bastion"], true, false), "10.0.0.1 by i-jump 54.0.0.4");
        assert_eq!(check("i-web", &["bastion"], false, true), "10.0.0.1 by i-jump 54.0.0.4");
        assert_eq!(check("i-web", &[], false, true), "10.0.0.1");
    }

    #[test]
    fn others_go_through_the_first_hostclass_that_runs() {
        assert_eq!(check("i-db", &[], false, false), "10.0.0.2");
        assert_eq!(check("i-db", &["off", "bastion"], false, false), "10.0.0.2 by i-jump 54.0.0.4");
        assert_eq!(check("i-jump", &["bastion"], true, false), "54.0.0.4");
        assert_eq!(check("i-old", &["bastion"], false, false), "10.0.0.3");
    }

    #[test]
    fn a_jump_host_of_another_environment_is_none() {
        assert_eq!(
            check("i-live", &["bastion"], false, false),
            "i-live has to be reached through a jump host, and no instance of `bastion` runs in `live`; `--no-jump` \
             connects directly"
        );
    }
}
