//! Completions of values, by expected type.

use super::slot::{environment, owner};
use super::{CompletionKind, Insert, Offers, Rank};
use crate::block::Block;
use crate::library;
use crate::library::kinds;
use crate::names::{Names, is_account};
use crate::reach::MachineKind;
use crate::types::Ty;
use crate::typing::{ICMP_TYPES, VARIABLES, units, variables};
use asiaq_iam::table;

/// Protocols of rules, each with the traffic it lets in.
const PROTOCOLS: &[(&str, &str, &str)] = &[
    ("tcp", "tcp ${1:443} from ${2:all}", "TCP on some ports, or on every port"),
    ("udp", "udp ${1:123} from ${2:all}", "UDP on some ports, or on every port"),
    ("icmp", "icmp from ${1:all}", "ICMP, of one type or of every type"),
    ("any", "any from ${1:all}", "every protocol and port"),
    ("proto", "proto ${1:50} from ${2:all}", "an IP protocol by its number"),
];

impl Offers<'_> {
    /// A value of type `ty`.
    pub(super) fn value(&mut self, ty: &Ty) {
        let ty = ty.required();
        if let Ty::List(item) = ty {
            self.lets(ty);
            let insert = Insert::Snippet("[$0]".to_owned());
            self.offer(Rank::Third, CompletionKind::Keyword, "[ ]", Some(ty.to_string()), None, insert);
            if **item == Ty::NameServer {
                self.snippet(Rank::Second, "[amazon]", "[amazon$0]", "the name server of AWS");
            }
            return;
        }
        self.single(ty);
    }

    /// An item of a list of `ty`.
    pub(super) fn item(&mut self, ty: &Ty) {
        self.single(ty.required());
        self.lets(&Ty::List(Box::new(ty.clone())));
    }

    fn single(&mut self, ty: &Ty) {
        match ty {
            Ty::Bool => self.each(&["true", "false"]),
            Ty::Enum(words) => {
                for word in words {
                    self.plain(Rank::First, CompletionKind::Word, word, None);
                }
            }
            Ty::Region => {
                for (region, zones) in library::regions() {
                    let zones = Some(format!("{} zones", zones.len()));
                    self.plain(Rank::First, CompletionKind::Region, region, zones);
                }
            }
            Ty::Ref(kind) => self.references(kind),
            Ty::Source => {
                self.networks();
                self.each(&["all", "internet"]);
                self.peers();
            }
            Ty::Cidr => self.each(&["internet"]),
            Ty::Address => self.offsets(),
            Ty::NameServer => {
                self.each(&["amazon"]);
                self.offsets();
            }
            Ty::Allocation => self.allocations(),
            Ty::Nat => self.each(&["auto", "one"]),
            Ty::Rule => self.protocols(),
            Ty::Route => self.routes(),
            Ty::Peering => self.peering_ends(),
            Ty::Error => {
                self.protocols();
                self.each(&["internet", "true", "false"]);
            }
            Ty::Tags | Ty::Texts | Ty::UserData | Ty::Dimensions | Ty::Parameters => self.record(ty),
            Ty::Listener => self.listeners(),
            Ty::Capacity => self.capacities(),
            Ty::Condition => self.conditions(),
            Ty::Script | Ty::File => self.scripts(),
            Ty::Folder => self.folder(),
            Ty::Metadata => self.metadata(),
            Ty::Sticky => self.cookies(),
            Ty::Subscriber => self.subscribers(),
            Ty::Watched => self.watched(),
            Ty::InstanceType => self.instance_types(),
            Ty::Class => self.classes(),
            Ty::Snapshot => self.each(&["latest"]),
            Ty::Credential => {
                self.each(&["managed"]);
                self.snippet(
                    Rank::Second,
                    "credential \"KEY\"",
                    "credential \"${1:KEY}\"",
                    "A key of the first credential bucket.",
                );
            }
            Ty::SecretStore => {
                self.each(&["buckets"]);
                for (label, text, about) in [
                    (
                        "parameters \"/PATH/\"",
                        "parameters \"/${1:PATH}/\"",
                        "Parameters of Systems Manager below a path.",
                    ),
                    (
                        "secrets_manager \"PREFIX/\"",
                        "secrets_manager \"${1:PREFIX}/\"",
                        "Secrets of Secrets Manager.",
                    ),
                ] {
                    self.snippet(Rank::Second, label, text, about);
                }
            }
            Ty::Window => self.each(&["sat 05:00..sat 06:00"]),
            Ty::DailyWindow => self.each(&["05:04..05:34"]),
            Ty::AmiId => self.image(),
            Ty::List(item) => self.single(item),
            Ty::Optional(inner) => self.single(inner),
            Ty::Int
            | Ty::Number
            | Ty::Percent
            | Ty::Duration
            | Ty::Size
            | Ty::String
            | Ty::Ip
            | Ty::PortRange
            | Ty::AccountId
            | Ty::Domain
            | Ty::Reserve
            | Ty::LogValue => {}
            Ty::DatabaseName => self.databases(),
            Ty::Principals => self.principals(),
            Ty::AwsPolicy => {
                for name in table::managed_policies() {
                    self.plain(Rank::Second, CompletionKind::Word, name, None);
                }
            }
        }
        self.lets(ty);
    }

    fn each(&mut self, words: &[&str]) {
        for word in words {
            self.plain(Rank::Second, CompletionKind::Word, word, None);
        }
    }

    pub(super) fn snippet(&mut self, rank: Rank, label: &str, snippet: &str, detail: &str) {
        let insert = Insert::Snippet(snippet.to_owned());
        self.offer(rank, CompletionKind::Keyword, label, Some(detail.to_owned()), None, insert);
    }

    pub(super) fn references(&mut self, kind: &str) {
        if kind == kinds::METANETWORK {
            return self.networks();
        }
        let names: Vec<&str> = self.names.of_kind(kind).collect();
        for name in names {
            self.named(Rank::First, CompletionKind::Declaration, kind, name);
        }
        if kinds::OF_ACCOUNTS.contains(&kind) {
            self.in_accounts(Some(kind), &[kind]);
        }
        if kind == kinds::BUCKET {
            self.buckets_elsewhere();
        }
    }

    /// `account live`, `role deployer`: principals with their kinds.
    fn principals(&mut self) {
        let accounts = self.names.of_kind(kinds::ACCOUNT).map(|name| (kinds::ACCOUNT, name));
        let declared = [kinds::ROLE, kinds::SAML, kinds::USER]
            .into_iter()
            .flat_map(|kind| self.names.in_accounts(kind).map(move |name| (kind, name)));
        let all: Vec<(&str, String)> =
            accounts.chain(declared).map(|(kind, name)| (kind, format!("{kind} {name}"))).collect();
        for (kind, phrase) in all {
            self.plain(Rank::First, CompletionKind::Declaration, &phrase, Some(kind.to_owned()));
        }
    }

    /// `audit/logs`: buckets with their accounts.
    fn buckets_elsewhere(&mut self) {
        let accounts = &self.analysis.checked.model.accounts;
        let buckets = accounts.iter().flat_map(|account| {
            account.storage.buckets.iter().map(|bucket| format!("{}/{}", account.name, bucket.title.name))
        });
        for path in buckets.collect::<Vec<_>>() {
            self.plain(Rank::Third, CompletionKind::Declaration, &path, Some(kinds::BUCKET.to_owned()));
        }
    }

    /// Offers the metanetworks that a name may mean here.
    fn networks(&mut self) {
        for (name, home) in self.networks_here() {
            self.plain(Rank::First, CompletionKind::Network, &name, Some(format!("metanetwork of {home}")));
        }
    }

    /// Metanetworks of the current environment, or of all environments if there is none, as (name, owner).
    fn networks_here(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, home: &str| {
            if found.iter().all(|(known, _)| known != name) {
                found.push((name.to_owned(), home.to_owned()));
            }
        };
        let Some(owner) = environment(self.cursor) else {
            let owners = self.names.of_kind(kinds::ENV).chain(self.names.of_kind(kinds::ENVTYPE));
            for owner in owners {
                for name in networks_of(self.names, owner) {
                    add(name, owner);
                }
            }
            return found;
        };
        for (kind, name) in &self.cursor.nested {
            if *kind == kinds::METANETWORK {
                add(name, &owner.name);
            }
        }
        for root in [Some(&owner.name), owner.parent.as_ref()].into_iter().flatten() {
            for name in networks_of(self.names, root) {
                add(name, root);
            }
        }
        found
    }

    /// Metanetworks of other environments that the one at hand is joined to.
    fn peers(&mut self) {
        let Some(owner) = environment(self.cursor) else { return };
        let model = &self.analysis.checked.model;
        let mut ends = Vec::new();
        for env in model.environments_of(&owner.name) {
            for network in &env.networks {
                let joined = model.joined(&env.name, &network.name);
                ends.extend(joined.map(|(end, _)| format!("{}/{}", end.env, end.network)));
            }
        }
        ends.sort();
        ends.dedup();
        for end in ends {
            self.plain(Rank::Third, CompletionKind::Network, &end, Some("across a peering".to_owned()));
        }
    }

    /// The ends of a peering: environments and envtypes, each before its metanetworks.
    fn peering_ends(&mut self) {
        self.environments();
        for offer in &mut self.found {
            if let CompletionKind::Environment | CompletionKind::Envtype = offer.kind {
                offer.insert = Insert::Plain(format!("{}/", offer.label));
            }
        }
    }

    fn offsets(&mut self) {
        for (name, home) in self.networks_here() {
            let label = format!("{name} + ");
            let insert = Insert::Snippet(format!("{name} + ${{1:5}}"));
            let detail = Some(format!("an address of metanetwork {name} of {home}"));
            self.offer(Rank::Second, CompletionKind::Network, label.trim_end(), detail, None, insert);
        }
    }

    fn allocations(&mut self) {
        let in_network = self.cursor.frames.len() > 1;
        if in_network {
            self.snippet(Rank::First, "auto", "auto", "an equal share of what the others leave");
            self.snippet(Rank::Second, "auto /24", "auto /${1:24}", "the first free block of this size");
        } else {
            let snippet = "auto /${1:20} in ${2:10.0.0.0/8}";
            let detail = "a free block, found when the environment is first applied";
            self.snippet(Rank::First, "auto /20 in 10.0.0.0/8", snippet, detail);
        }
    }

    fn protocols(&mut self) {
        for (protocol, snippet, detail) in PROTOCOLS {
            self.snippet(Rank::First, protocol, snippet, detail);
        }
    }

    fn routes(&mut self) {
        self.snippet(Rank::First, "internet via igw", "internet via igw", "through the internet gateway");
        for network in self.networks_with_nat() {
            let label = format!("internet via nat {network}");
            self.snippet(Rank::First, &label, &label, "through its NAT gateways");
        }
        self.each(&["internet"]);
        self.lets(&Ty::Cidr);
    }

    /// Offers the targets of a route.
    pub(super) fn targets(&mut self) {
        self.plain(Rank::First, CompletionKind::Word, "igw", Some("the internet gateway".to_owned()));
        self.plain(Rank::First, CompletionKind::Word, "vgw", Some("the VPN gateway".to_owned()));
        for network in self.networks_with_nat() {
            let label = format!("nat {network}");
            self.plain(Rank::First, CompletionKind::Word, &label, Some("its NAT gateways".to_owned()));
        }
        self.snippet(Rank::Second, "nat", "nat ${1:network}", "the NAT gateways of a metanetwork");
    }

    pub(super) fn nat_networks(&mut self) {
        for network in self.networks_with_nat() {
            self.plain(Rank::First, CompletionKind::Network, &network, Some("has NAT gateways".to_owned()));
        }
        for (network, home) in self.networks_here() {
            self.plain(
                Rank::Third,
                CompletionKind::Network,
                &network,
                Some(format!("metanetwork of {home}")),
            );
        }
        self.lets(&Ty::Ref(kinds::METANETWORK.to_owned()));
    }

    fn networks_with_nat(&self) -> Vec<String> {
        let owner = environment(self.cursor);
        let here = self.networks_here();
        let has_nat = |name: &str| {
            let owners = owner.iter().flat_map(|owner| [Some(&owner.name), owner.parent.as_ref()]).flatten();
            owners.filter_map(|owner| self.names.environment(owner)).any(|decl| {
                let block = Block::of_chain(&self.names.chain(decl));
                let network = block.child(kinds::METANETWORK, Some(name), &[]);
                network.is_some_and(|network| !network.hits("nat", &[]).is_empty())
            })
        };
        here.into_iter().map(|(name, _)| name).filter(|name| has_nat(name)).collect()
    }

    /// The metanetworks of an environment or envtype, after its `/`.
    pub(super) fn networks_of(&mut self, env: &str) {
        for name in networks_of(self.names, env) {
            self.plain(Rank::First, CompletionKind::Network, name, Some(format!("metanetwork of {env}")));
        }
    }

    /// Offers the words after a protocol: ports and `from`.
    pub(super) fn after_protocol(&mut self, protocol: &str) {
        match protocol {
            "tcp" | "udp" => self.lets(&Ty::List(Box::new(Ty::PortRange))),
            "icmp" => {
                for (name, number) in ICMP_TYPES {
                    self.plain(Rank::Second, CompletionKind::Word, name, Some(format!("type {number}")));
                }
            }
            _ => {}
        }
        if protocol != "proto" {
            self.words(&["from"]);
        }
    }

    pub(super) fn words(&mut self, words: &[&str]) {
        for word in words {
            let insert = Insert::Plain(format!("{word} "));
            self.offer(Rank::First, CompletionKind::Keyword, word, None, None, insert);
        }
    }

    /// Units after a number.
    pub(super) fn units(&mut self, ty: &Ty) {
        let typed = self.cursor.typed();
        let digits = typed.trim_end_matches(|c: char| !c.is_ascii_digit());
        let known: Vec<&str> = match ty {
            Ty::Error => [Ty::Duration, Ty::Size, Ty::Percent].iter().flat_map(units).collect(),
            ty => units(ty).collect(),
        };
        for unit in known {
            let detail = match unit {
                "s" => "seconds",
                "m" => "minutes",
                "h" => "hours",
                "d" => "days",
                "%" => "of a hundred",
                _ => "of storage",
            };
            let label = format!("{digits}{unit}");
            self.plain(Rank::First, CompletionKind::Unit, &label, Some(detail.to_owned()));
        }
    }

    /// Variables of texts.
    pub(super) fn variables(&mut self) {
        let is_bare = self.cursor.typed() == "$";
        let close = if self.cursor.is_followed_by("}") { "" } else { "}" };
        let variables: Vec<&str> = match owner(self.cursor) {
            Some(owner) => variables(is_account(&owner.kind)).collect(),
            None => VARIABLES.to_vec(),
        };
        for path in variables {
            let insert = if is_bare { format!("${{{path}}}") } else { format!("{path}{close}") };
            self.offer(Rank::First, CompletionKind::Variable, path, None, None, Insert::Plain(insert));
        }
    }

    /// Offers the sources and destinations of network tests.
    pub(super) fn claim_ends(&mut self, context: &str) {
        if self.names.is_account(context) {
            self.each(&[kinds::GROUP, kinds::ROLE, kinds::USER]);
            if self.names.environment(context).is_none() {
                return;
            }
        }
        self.networks_of(context);
        let heirs: Vec<String> = self
            .analysis
            .checked
            .model
            .environments_of(context)
            .flat_map(|env| env.networks.iter().map(|network| network.name.clone()))
            .collect();
        for name in heirs {
            self.plain(
                Rank::Second,
                CompletionKind::Network,
                &name,
                Some(format!("metanetwork of {context}")),
            );
        }
        self.each(&["internet", "all"]);
        self.each(&MachineKind::ALL.map(MachineKind::word));
        self.lets(&Ty::Cidr);
    }

    /// The roles, groups or users of accounts.
    pub(super) fn identities(&mut self, kind: &str) {
        for name in self.names.in_accounts(kind) {
            self.plain(Rank::First, CompletionKind::Declaration, name, Some(kind.to_owned()));
        }
    }

    /// The hostclasses that have machines in the environments of `context`, or their databases, caches or search domains.
    pub(super) fn machines(&mut self, kind: MachineKind, context: &str) {
        for env in self.analysis.checked.model.environments_of(context) {
            let hosts = env.hosts.iter().filter(|host| match kind {
                MachineKind::Instances => env.runs(&host.name),
                MachineKind::Balancers => !host.balancers.is_empty(),
                MachineKind::Databases | MachineKind::Caches | MachineKind::SearchDomains => false,
            });
            for host in hosts {
                let note = Some(format!("runs in {context}"));
                self.plain(Rank::First, CompletionKind::Declaration, &host.name, note);
            }
            for store in env.stores().filter(|store| store.kind == kind) {
                let note = Some(format!("{} of {context}", kind.word()));
                self.plain(Rank::First, CompletionKind::Declaration, store.name, note);
            }
        }
    }
}

/// The metanetworks that an environment or envtype declares or inherits.
pub(super) fn networks_of<'a>(names: &Names<'a>, owner: &str) -> Vec<&'a str> {
    nested_of(names, owner, kinds::METANETWORK)
}

/// The declarations of a kind that an environment or envtype has or inherits.
pub(super) fn nested_of<'a>(names: &Names<'a>, owner: &str, kind: &str) -> Vec<&'a str> {
    let Some(decl) = names.environment(owner) else { return Vec::new() };
    Block::of_chain(&names.chain(decl)).nested(kind)
}
