//! The search domains of an environment.

mod checks;

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_iam::document::canonical;
use asiaq_ir::version;
use asiaq_lang::{Diagnostic, Span};

use super::{Environment, Provenance};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{ArchiveFields, MastersFields, SearchFields};
use crate::library::kinds;
use crate::value::{Source, Spanned};

pub(super) use checks::check;

/// The metanetwork of a search domain that says none.
const USUAL_NETWORK: &str = "intranet";
/// Zones of a search domain with zone awareness that does not say how many.
const USUAL_ZONES: u32 = 2;
/// Part of the space that `groom` leaves in use, in percent.
const WHOLE: f64 = 100.0;

/// A search domain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Name in AWS.
    pub(crate) aws: Resolved<String>,
    /// Engine and version: `OpenSearch_2.19`.
    pub(crate) version: Resolved<String>,
    /// Type of the data nodes.
    pub(crate) of_type: Resolved<String>,
    /// Number of data nodes.
    pub(crate) count: Resolved<u32>,
    /// Dedicated master nodes.
    pub(crate) masters: Option<Masters>,
    /// Size of the volumes in GiB.
    pub(crate) storage: Option<Resolved<u64>>,
    pub(crate) storage_type: Resolved<String>,
    pub(crate) iops: Option<Resolved<u32>>,
    pub(crate) throughput: Option<Resolved<u32>>,
    /// Zones of the data nodes: 1, 2 or 3.
    pub(crate) zones: Resolved<u32>,
    /// Its metanetwork; absent for a public domain.
    pub(crate) network: Option<Resolved<String>>,
    /// Further metanetworks whose security groups it has.
    pub(crate) security: Resolved<Vec<Spanned<String>>>,
    /// Who may call it where it is public.
    pub(crate) allowed: Option<Resolved<Vec<Spanned<Client>>>>,
    /// Its whole access policy.
    pub(crate) policy: Option<Resolved<String>>,
    pub(crate) encrypted: Resolved<bool>,
    /// Id of a KMS key.
    pub(crate) kms_key: Option<Resolved<String>>,
    pub(crate) node_encryption: Resolved<bool>,
    pub(crate) enforce_https: Resolved<bool>,
    pub(crate) tls_policy: Resolved<String>,
    pub(crate) master_user: Option<Resolved<String>>,
    pub(crate) snapshot_hour: Option<Resolved<u32>>,
    /// ARNs of log groups by AWS's name of the log.
    pub(crate) logs: BTreeMap<String, Spanned<String>>,
    /// Domain of its DNS name, where it is not the project's.
    pub(crate) domain: Option<Resolved<String>>,
    /// Further tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// How its indices are archived.
    pub(crate) archive: Option<Archive>,
}

/// The dedicated master nodes of a search domain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Masters {
    pub(crate) span: Span,
    pub(crate) of_type: Resolved<String>,
    pub(crate) count: Resolved<u32>,
}

/// Who may call a public search domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// The NAT gateways of the environment.
    AllNats,
    /// The NAT gateways of a metanetwork, or the Elastic IP address of a hostclass.
    Named(String),
    /// A CIDR block.
    Block(ipnet::Ipv4Net),
}

/// How the indices of a search domain are archived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Archive {
    pub(crate) span: Span,
    /// What stands before the date in their names, with `*` for any text.
    pub(crate) indices: Resolved<String>,
    /// A declared bucket, with the account before a slash where that is said.
    pub(crate) bucket: Option<Resolved<String>>,
    /// The name of another bucket.
    pub(crate) bucket_name: Option<Resolved<String>>,
    pub(crate) repository: Resolved<String>,
    /// A declared role of the environment's account.
    pub(crate) role: Option<Resolved<String>>,
    /// The ARN of another role.
    pub(crate) role_arn: Option<Resolved<String>>,
    /// Part of the space that may be used, in percent.
    pub(crate) keep: Resolved<f64>,
    pub(crate) max_shards: Option<Resolved<u32>>,
}

/// The search domains of an environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Search> {
    let names = env.nested(kinds::SEARCH);
    let mut reader = Reader { evaluator, provenance, diagnostics };
    names.into_iter().filter_map(|name| reader.search(env, name)).collect()
}

struct Reader<'r, 'a, 'b> {
    evaluator: &'r Evaluator<'a, 'b>,
    provenance: &'r mut Provenance,
    diagnostics: &'r mut Vec<Diagnostic>,
}

impl<'a> Reader<'_, 'a, '_> {
    fn search(&mut self, env: &Block<'a>, name: &str) -> Option<Search> {
        let block = env.child(kinds::SEARCH, Some(name), &[])?;
        let span = env.last_span(kinds::SEARCH, Some(name));
        let path = format!("search.{name}");
        let fields = self.fields(kinds::SEARCH, &block, span, path.clone());
        let of = SearchFields::of(&fields, span);
        let masters = self.masters(&block, &path, of.r#type.as_ref());
        let archive = self.archive(&block, &path);
        let aws = of.name.unwrap_or_else(|| {
            let env = self.evaluator.lineage.first().copied().unwrap_or_default();
            Resolved { value: format!("es-{name}-{env}").to_ascii_lowercase(), chain: vec![span] }
        });
        let (version, of_type) = (of.version?, of.r#type?);
        let zones = match (of.zones, of.zone_awareness) {
            (Some(zones), Some(aware)) if !aware.value => {
                self.diagnostics.push(errors::setting_beside(
                    zones.place(span),
                    "zones",
                    "zone_awareness = false",
                ));
                zones.map(unsigned)
            }
            (Some(zones), _) => zones.map(unsigned),
            (None, Some(aware)) => aware.map(|aware| if aware { USUAL_ZONES } else { 1 }),
            (None, None) => Resolved { value: 1, chain: vec![span] },
        };
        let network = match (of.network, &of.allowed) {
            (Some(network), Some(allowed)) => {
                let place = allowed.place(span);
                self.diagnostics.push(errors::setting_beside(place, "allowed", "network"));
                Some(network)
            }
            (None, Some(_)) => None,
            (network, None) if fields.is_broken(SearchFields::ALLOWED) => network,
            (network, None) => Some(
                network.unwrap_or_else(|| Resolved { value: USUAL_NETWORK.to_owned(), chain: vec![span] }),
            ),
        };
        let default = |value| Resolved { value, chain: vec![span] };
        let encrypted = of.encrypted.unwrap_or_else(|| default(can_encrypt(&version.value, &of_type.value)));
        let node_encryption =
            of.node_encryption.unwrap_or_else(|| default(can_encrypt_between(&version.value)));
        let policy = of.policy.map(|policy| policy.map(|file| file.text.to_string()));
        if let Some(policy) = &policy {
            self.policy(name, policy);
        }
        let search = Search {
            name: name.to_owned(),
            span,
            aws,
            version,
            of_type,
            count: of.count.map(unsigned),
            masters,
            storage: of.storage,
            storage_type: of.storage_type,
            iops: of.iops.map(|iops| iops.map(unsigned)),
            throughput: of.throughput.map(|throughput| throughput.map(unsigned)),
            zones,
            network,
            security: of.security,
            allowed: of.allowed.map(|allowed| self.clients(allowed)),
            policy: policy.map(|policy| policy.map(|text| canonical(&text))),
            encrypted,
            kms_key: of.kms_key.map(|key| key.map(|key| key_id(&key).to_owned())),
            node_encryption,
            enforce_https: of.enforce_https,
            tls_policy: of.tls_policy,
            master_user: of.master_user,
            snapshot_hour: of.snapshot_hour.map(|hour| hour.map(unsigned)),
            logs: self.logs(of.logs),
            domain: of.domain,
            tags: of.tags,
            archive,
        };
        checks::of_declaration(&search, self.diagnostics);
        Some(search)
    }

    fn fields(&mut self, kind: &str, block: &Block<'a>, span: Span, path: String) -> Arc<Fields> {
        let fields = Arc::new(self.evaluator.fields(kind, block, span, self.diagnostics));
        self.provenance.add(path, Arc::clone(&fields));
        fields
    }

    fn masters(
        &mut self,
        search: &Block<'a>,
        path: &str,
        usual: Option<&Resolved<String>>,
    ) -> Option<Masters> {
        let block = search.child(kinds::MASTERS, None, &[])?;
        let span = search.last_span(kinds::MASTERS, None);
        let fields = self.fields(kinds::MASTERS, &block, span, format!("{path}.masters"));
        let of = MastersFields::of(&fields, span);
        let of_type = of.r#type.or_else(|| usual.cloned())?;
        Some(Masters { span, of_type, count: of.count.map(unsigned) })
    }

    fn archive(&mut self, search: &Block<'a>, path: &str) -> Option<Archive> {
        let block = search.child(kinds::ARCHIVE, None, &[])?;
        let span = search.last_span(kinds::ARCHIVE, None);
        let fields = self.fields(kinds::ARCHIVE, &block, span, format!("{path}.archive"));
        let of = ArchiveFields::of(&fields, span);
        let pairs = [
            (of.bucket.as_ref().and(of.bucket_name.as_ref()), "bucket_name", "bucket"),
            (of.role.as_ref().and(of.role_arn.as_ref()), "role_arn", "role"),
        ];
        for (second, setting, other) in pairs {
            if let Some(second) = second {
                self.diagnostics.push(errors::setting_beside(second.place(span), setting, other));
            }
        }
        if !(of.keep.value > 0.0 && of.keep.value <= WHOLE) {
            self.diagnostics.push(errors::not_a_share(of.keep.place(span)));
        }
        Some(Archive {
            span,
            indices: of.indices?,
            bucket: of.bucket,
            bucket_name: of.bucket_name,
            repository: of.repository,
            role: of.role,
            role_arn: of.role_arn,
            keep: of.keep,
            max_shards: of.max_shards.map(|most| most.map(unsigned)),
        })
    }

    /// The sources of a public domain: `nat` is no metanetwork.
    fn clients(&mut self, allowed: Resolved<Vec<Spanned<Source>>>) -> Resolved<Vec<Spanned<Client>>> {
        let mut clients = Vec::new();
        for source in allowed.value {
            let client = match source.value {
                Source::All => Client::AllNats,
                Source::Network(name) if name == "nat" => Client::AllNats,
                Source::Network(name) => Client::Named(name),
                Source::Cidr(block) => Client::Block(block),
                Source::Peer(end) => {
                    let reference = format!("{}/{}", end.env, end.network);
                    self.diagnostics.push(errors::client_elsewhere(source.span, &reference));
                    continue;
                }
            };
            clients.push(Spanned::new(client, source.span));
        }
        Resolved { value: clients, chain: allowed.chain }
    }

    fn policy(&mut self, name: &str, policy: &Resolved<String>) {
        let read = asiaq_iam::document::read::read(&policy.value);
        if read.document.is_none() {
            self.diagnostics.push(errors::not_an_access_policy(policy.span(), name));
        }
    }

    fn logs(
        &mut self,
        logs: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    ) -> BTreeMap<String, Spanned<String>> {
        let mut found = BTreeMap::new();
        for (kind, group) in logs.into_iter().flat_map(|logs| logs.value) {
            match LOGS.iter().find(|(word, _)| *word == kind) {
                Some((_, of)) => {
                    let arn = group.value.trim_end_matches(":*").to_owned();
                    found.insert((*of).to_owned(), Spanned::new(arn, group.span));
                }
                None => {
                    self.diagnostics.push(errors::not_a_log(group.span, &kind, &LOGS.map(|(word, _)| word)));
                }
            }
        }
        found
    }
}

/// The logs of a search domain, with AWS's names of them.
const LOGS: [(&str, &str); 4] = [
    ("application", "ES_APPLICATION_LOGS"),
    ("audit", "AUDIT_LOGS"),
    ("index_slow", "INDEX_SLOW_LOGS"),
    ("search_slow", "SEARCH_SLOW_LOGS"),
];

/// Engine and version of `OpenSearch_2.19`; none of a text that is none.
pub(super) fn engine(version: &str) -> Option<(&str, &str)> {
    version.split_once('_').filter(|(engine, _)| matches!(*engine, "OpenSearch" | "Elasticsearch"))
}

fn is_elasticsearch_before(version: &str, first: &str) -> bool {
    engine(version).is_some_and(|(engine, version)| {
        engine == "Elasticsearch" && version::order(version, first) == std::cmp::Ordering::Less
    })
}

/// Whether data can be encrypted at rest ("Encryption of data at rest" of the OpenSearch Service developer guide).
fn can_encrypt(version: &str, of_type: &str) -> bool {
    let is_old_type = ["m3.", "r3.", "t2."].iter().any(|family| of_type.starts_with(family));
    !is_old_type && !is_elasticsearch_before(version, "5.1")
}

/// Whether nodes can speak TLS to each other ("Node-to-node encryption" of the OpenSearch Service developer guide).
fn can_encrypt_between(version: &str) -> bool {
    !is_elasticsearch_before(version, "6.0")
}

/// The id in the ARN of a KMS key.
fn key_id(key: &str) -> &str {
    let id = key.strip_prefix("arn:").and_then(|arn| arn.rsplit_once(":key/"));
    id.map_or(key, |(_, id)| id)
}

/// A number that its field keeps small and positive.
fn unsigned(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

impl Search {
    /// The path of its address within an environment: `search/logs`.
    pub(crate) fn path(&self) -> String {
        format!("search/{}", self.name)
    }

    /// The first label of its DNS name.
    pub(crate) fn label(&self, env: &str) -> String {
        format!("es-{}-{env}", self.name).to_ascii_lowercase()
    }

    /// The metanetworks whose security groups it has, its own first; none for a public domain.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        let further = self.security.value.iter().map(|network| network.value.as_str());
        self.network.iter().map(|network| network.value.as_str()).chain(further)
    }
}

impl Environment {
    /// The domain in which a search domain has its name.
    pub(crate) fn domain_of_search<'e>(&'e self, search: &'e Search) -> Option<&'e Resolved<String>> {
        search.domain.as_ref().or(self.common.domain.as_ref())
    }
}
