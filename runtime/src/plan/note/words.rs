//! Notes in the words of people.

use std::fmt;

use asiaq_ir::{Address, KeptSubnets, Lookup, Ref, Until};
use ipnet::Ipv4Net;

use super::{Note, Outlook};
use crate::Strange;
use crate::ownership::Shown;

impl fmt::Display for Note {
    #[expect(clippy::too_many_lines, reason = "a sentence for each note")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut { address, missing } => {
                write!(
                    f,
                    "`{address}` is left out: it needs `{missing}`, which is out of scope and does not exist"
                )
            }
            Self::ElementLeftOut { address, field, element, missing } => write!(
                f,
                "`{element}` is left out of the {field} of `{address}`: \
                 it references `{missing}`, which is out of scope and does not exist"
            ),
            Self::Keeps { address, field, live, wanted, why, origin } => {
                write!(f, "`{address}` keeps its {field}")?;
                if let Some(live) = live {
                    write!(f, " `{live}`")?;
                }
                write!(f, ", not `{wanted}` ({origin}): {why}")
            }
            Self::KeepsBlocks { environment, networks } => keeps_blocks(f, environment, networks),
            Self::KeepsSize(kept) => keeps_size(f, kept),
            Self::Forecast { address, says } => write!(f, "`{address}` {says}"),
            Self::Stays { address, id } => write!(
                f,
                "`{address}` stays, so that its subscribers need not confirm again: `asiaq destroy --env {} --topics` \
                 deletes `{id}`",
                address.env()
            ),
            Self::LeavesCopy { address, copy, name } => write!(
                f,
                "`{address}` leaves a {copy} behind: `{name}` and the time of the deletion; it costs money until it is \
                 deleted"
            ),
            Self::Deactivated { address, id } => write!(
                f,
                "`{address}` is deactivated: `{id}` stays with `active = no`, so that nobody else gets its uid; machines \
                 close the account when they start next"
            ),
            Self::Unconfirmed { address, endpoint } => {
                write!(f, "`{endpoint}` has not yet confirmed its subscription to `{address}`")
            }
            Self::Foreign { address, id, why } => write!(
                f,
                "{} has the tags of {} and is left alone: {}",
                Shown(id),
                Shown(address.as_str()),
                Because(why)
            ),
            Self::Renamed { address, id, project } => write!(
                f,
                "{} is created, and {} of project {} may be what it was under another name of this project: to keep \
                 that, give the project the name {} again",
                Shown(address.as_str()),
                Shown(id),
                Shown(project),
                Shown(project)
            ),
            Self::Undelegated { address, domain } => write!(
                f,
                "`{address}`: nobody finds the names in `{domain}` until its registrar, or the zone above it, has its \
                 name servers; after the apply `asiaq show {address}` prints them"
            ),
            Self::Waits { address, field, value, until, outlook } => {
                let what = match until {
                    Until::MaintenanceWindow | Until::NextChange => {
                        format!("{} `{value}`", field.replace('_', " "))
                    }
                    Until::Reboot => "a static parameter".to_owned(),
                };
                write!(f, "`{address}`: {what} {}", until.words())?;
                match outlook {
                    Outlook::Waits if *until == Until::NextChange => {
                        f.write_str(", up to an hour: the `asiaq apply` after that makes the change")
                    }
                    Outlook::Waits => Ok(()),
                    Outlook::TakenBack => f.write_str("; the plan takes it back"),
                    Outlook::ComesAlong => f.write_str("; AWS puts it in force with the change of this plan"),
                }
            }
            Self::StaysInUse { address, by } => write!(
                f,
                "`{address}` stays until the new version of `{by}` is in force: the next apply deletes it"
            ),
            Self::OldTemplate { address, old, instances, planned } => {
                let (run, them) = if *old == 1 { ("instance runs", "it") } else { ("instances run", "them") };
                let of = if old == instances { String::new() } else { format!(" of {instances}") };
                let which = if *planned { "the old launch template" } else { "an older launch template" };
                write!(
                    f,
                    "{old}{of} {run} with {which} of `{address}`; new ones get the new one, and asiaq does not replace {them}"
                )
            }
            Self::LosesRules { address, rules } => {
                let (which, them) = if rules.len() == 1 { ("a rule", "it") } else { ("rules", "them") };
                write!(
                    f,
                    "`{address}` loses {which} that somebody added to its listeners in AWS, and asiaq cannot keep {them}: `{}`",
                    rules.join("`, `")
                )
            }
            Self::TargetStays { address, balancer, rule } => write!(
                f,
                "`{address}` stays: a rule that somebody added to `{balancer}` in AWS forwards to it (`{rule}`); delete \
                 the rule and apply again"
            ),
            Self::Quota { account, place, what, peak, others, limit, is_default, code, users } => {
                let place = place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
                let of_others = if *others == 0 { String::new() } else { format!(", {others} of others") };
                let limit = if *is_default { format!("AWS's default of {limit}") } else { limit.to_string() };
                let (verb, ends) = if self.is_over_quota() {
                    ("exceeds the quota", "AWS refuses what is beyond it")
                } else {
                    ("comes near to the quota", "little more fits")
                };
                let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
                write!(
                    f,
                    "the plan {verb} of {what} of account {account}{place}: {peak}{of_others}, with {}, and the quota is \
                     {limit}; {ends}, so have it raised{code}, or use fewer",
                    few(users)
                )
            }
            Self::Unread { region, kinds, why } => {
                let names: Vec<String> = kinds.iter().map(|kind| format!("`{}`", kind.name())).collect();
                write!(
                    f,
                    "{} in {region} cannot be read, and the plan goes on without: the program has none, and the \
                     records of the last applies list none ({why})",
                    names.join(", ")
                )
            }
            Self::AsksPrivately { tests } => {
                let hosts: Vec<String> = tests.iter().map(|test| format!("`{}`", group_of(test))).collect();
                write!(
                    f,
                    "this machine asks the instances of {} at their private addresses, so it needs a way into their VPC; a smoke test with `check = target` needs none",
                    hosts.join(", ")
                )
            }
            Self::LogStays { address, id } => write!(
                f,
                "{} stays: it has the log events from before {} was renamed; delete it in CloudWatch Logs when nobody \
                 needs them",
                Shown(id),
                Shown(address.as_str())
            ),
            Self::RenamedEnvironment { old, new } => {
                write!(
                    f,
                    "`{new}` is `{old}` under another name: the plan interrupts and replaces nothing of it, so it keeps what it \
                     has"
                )
            }
            Self::MayBeRenamed { old, new } => write!(
                f,
                "`{old}` is no longer declared and `{new}` is new: if this is the same environment under another name, \
                 write `moved env {old} -> {new}`, and it keeps what it has"
            ),
            Self::NothingMoved { text, origin } => write!(
                f,
                "`moved {text}` ({origin}) has nothing to do: nothing in AWS has the old name; the line can go once that \
                 is so in every account"
            ),
            Self::BothLive { old, new } => write!(
                f,
                "`{old}` has not moved to `{new}`, which is in AWS already: remove the `moved`, or one of the two"
            ),
            Self::Unresolved { address, reference } => {
                write!(f, "`{address}` references {}, which does not exist", Unresolved(reference))
            }
        }
    }
}

/// Displays why a resource is not the project's.
struct Because<'a>(&'a Strange);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Strange::Marks(other) => {
                write!(f, "the tags name {}, from which somebody copied them", Shown(other))
            }
            Strange::LiesIn(home) => write!(f, "it is in {}, which is not this project's", Shown(home)),
        }
    }
}

impl Note {
    /// Whether the plan takes a quota beyond its value, so that an apply would stop half-way.
    pub fn is_over_quota(&self) -> bool {
        matches!(self, Self::Quota { peak, limit, .. } if peak > limit)
    }
}

/// The first of these addresses.
fn few(addresses: &[Address]) -> String {
    let first: Vec<String> = addresses.iter().take(SHOWN).map(|address| format!("`{address}`")).collect();
    match addresses.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Metanetworks that a note shows with their blocks, and addresses.
const SHOWN: usize = 3;

fn keeps_blocks(f: &mut fmt::Formatter<'_>, environment: &str, networks: &[KeptSubnets]) -> fmt::Result {
    write!(
        f,
        "`{environment}` keeps the CIDR blocks of live subnets; a first apply would choose others for "
    )?;
    for (at, kept) in networks.iter().take(SHOWN).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let (live, computed) = (blocks(&kept.live, 1), blocks(&kept.computed, 1));
        write!(f, "{comma}`{}` ({live}, not {computed})", kept.network)?;
    }
    match networks.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

fn keeps_size(f: &mut fmt::Formatter<'_>, kept: &KeptSubnets) -> fmt::Result {
    let KeptSubnets { environment, network, live, computed, parts, origin } = kept;
    let (live, computed) = (blocks(live, SHOWN), blocks(computed, SHOWN));
    write!(
        f,
        "`{network}` of `{environment}` keeps its subnets {live}, not {computed} ({origin}): another CIDR block \
         replaces a subnet and all that is in it"
    )?;
    let Some((now, wanted)) = parts else { return Ok(()) };
    write!(f, "; `max_zones = {wanted}` in `{network}` orders it")?;
    // More parts than there are zones in any region.
    if *now <= MOST_PARTS {
        write!(f, ", `max_zones = {}` keeps them", (*now).min(MOST_ZONES))
    } else {
        Ok(())
    }
}

/// The most zones of an environment, and the parts that a metanetwork then has.
const MOST_ZONES: usize = 6;
const MOST_PARTS: usize = 8;

/// The first `shown` blocks.
fn blocks(all: &[Ipv4Net], shown: usize) -> String {
    let first: Vec<String> = all.iter().take(shown).map(ToString::to_string).collect();
    let more = if all.len() > shown { ", …" } else { "" };
    first.join(", ") + more
}

/// Displays a reference that leads to no resource.
struct Unresolved<'a>(&'a Ref);

impl fmt::Display for Unresolved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ref::To(address) => write!(f, "`{address}`"),
            Ref::Id(id) => write!(f, "`{id}`"),
            Ref::Find(Lookup::ElasticIp(address)) => {
                write!(f, "the elastic IP address `{address}`")
            }
            Ref::Find(Lookup::VpnGateway(name)) => write!(f, "the VPN gateway `{name}`"),
            Ref::Find(Lookup::HostedZone(domain)) => write!(f, "the hosted zone `{domain}`"),
            Ref::Find(Lookup::Image(hostclass)) => write!(f, "the newest image of `{hostclass}`"),
            Ref::Find(Lookup::NewestImage { owner, pattern }) => {
                write!(f, "the newest image `{pattern}` of {owner}")
            }
            Ref::Find(Lookup::ImageParameter(name)) => write!(f, "the image in parameter `{name}`"),
            Ref::Find(Lookup::Certificate(domain)) => write!(f, "the certificate for `{domain}`"),
        }
    }
}

/// The hostclass of a smoke test, with its environment.
fn group_of(test: &Address) -> &str {
    let test = test.as_str();
    test.strip_suffix("/group/smoke-test").unwrap_or(test)
}
