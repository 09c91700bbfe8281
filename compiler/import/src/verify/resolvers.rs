//! The original's orders of search.

use std::collections::BTreeMap;

use asiaq_lang::{SourceMap, Span};

use crate::csv;
use crate::ini::{self, Ini, Section, Setting};
use crate::json::{self, Json};

/// The old files, read once more.
pub(super) struct Tree {
    pub(super) aws: Ini,
    pub(super) vpc: Ini,
    pub(super) alarms: Ini,
    pub(super) log_metrics: Ini,
    pub(super) databases: Ini,
    pub(super) caches: Ini,
    pub(super) searches: Ini,
    /// Files of parameters by the names of databases.
    pub(super) parameters: BTreeMap<String, Ini>,
    /// Documents of JSON with their paths.
    pub(super) documents: Vec<(String, Json)>,
    pub(super) tables: Vec<(String, Vec<Vec<csv::Cell>>)>,
}

impl Tree {
    pub(super) fn read(sources: &SourceMap) -> Self {
        let ini = |name: &str| {
            let file = sources.find(name);
            file.map(|file| ini::read(file, sources.text(file)).0).unwrap_or_default()
        };
        let tables = sources.ids().filter(|file| sources.path(*file).to_lowercase().ends_with(".csv"));
        let tables =
            tables.map(|file| (sources.path(file).to_owned(), csv::read(file, sources.text(file)))).collect();
        let documents = sources.ids().filter(|file| sources.path(*file).to_lowercase().ends_with(".json"));
        let documents = documents
            .filter_map(|file| {
                Some((sources.path(file).to_owned(), json::read(file, sources.text(file)).ok()?))
            })
            .collect();
        let named = |path: &str| {
            let (folder, file) = path.rsplit_once('/')?;
            let name = file.strip_suffix(".ini")?;
            (folder == "rds/engine_specific" && !name.is_empty()).then(|| name.to_owned())
        };
        let parameters = sources
            .ids()
            .filter_map(|file| Some((named(sources.path(file))?, ini::read(file, sources.text(file)).0)));
        let parameters = parameters.collect();
        Self {
            aws: ini("disco_aws.ini"),
            vpc: ini("disco_vpc.ini"),
            alarms: ini("disco_alarms.ini"),
            log_metrics: ini("disco_log_metrics.ini"),
            databases: ini("disco_rds.ini"),
            caches: ini("disco_elasticache.ini"),
            searches: ini("disco_elasticsearch.ini"),
            parameters,
            documents,
            tables,
        }
    }

    fn aws(&self, section: &str, key: &str) -> Option<&Setting> {
        self.aws.section(section)?.get(&key.to_ascii_lowercase())
    }

    /// An option of a section for an environment, without a default of `[disco_aws]`.
    pub(super) fn of_section(&self, section: &str, option: &str, env: &str) -> Option<&Setting> {
        self.aws(section, &format!("{option}@{env}")).or_else(|| self.aws(section, option))
    }

    /// An option of a hostclass for an environment, or else its default.
    pub(super) fn of_hostclass(&self, hostclass: &str, option: &str, env: &str) -> Option<&Setting> {
        let default = format!("default_{option}");
        self.of_section(hostclass, option, env).or_else(|| self.of_section("disco_aws", &default, env))
    }

    /// An option of a section of another file, or else its default for an environment.
    pub(super) fn of_section_or_default<'t>(
        &'t self,
        section: &'t Section,
        option: &str,
        env: &str,
    ) -> Option<&'t Setting> {
        let default = format!("default_{option}");
        section.get(option).or_else(|| self.of_section("disco_aws", &default, env))
    }

    /// An option that deployments read.
    pub(super) fn of_deployment(&self, hostclass: &str, option: &str) -> Option<&Setting> {
        let short = option.strip_prefix("test_").unwrap_or(option);
        self.aws(hostclass, option)
            .or_else(|| self.aws("test", option))
            .or_else(|| self.aws("test", short))
            .or_else(|| self.aws("disco_aws", &format!("default_{option}")))
    }

    /// Every value of an option for an environment, in the order of search: what it does not change may be lost with its
    /// type.
    pub(super) fn all_of_environment(&self, env: &str, envtype: &str, option: &str) -> Vec<&Setting> {
        let sections = [format!("env:{env}"), format!("envtype:{envtype}"), "peerings".to_owned()];
        sections.iter().filter_map(|section| self.vpc.section(section)?.get(option)).collect()
    }

    /// An option of an environment.
    pub(super) fn of_environment(&self, env: &str, envtype: &str, option: &str) -> Option<&Setting> {
        let sections = [format!("env:{env}"), format!("envtype:{envtype}"), "peerings".to_owned()];
        sections.iter().find_map(|section| self.vpc.section(section)?.get(option))
    }
}

/// The value of an option, or nothing.
pub(super) fn text(setting: Option<&Setting>) -> &str {
    setting.map(|setting| setting.value.as_str()).unwrap_or_default()
}

/// The place of an option.
pub(super) fn place(setting: Option<&Setting>) -> Option<Span> {
    setting.map(|setting| setting.key_span.to(setting.span))
}

/// The original's yes and no.
pub(super) fn yes(word: &str) -> bool {
    matches!(word.trim().to_ascii_lowercase().as_str(), "true" | "yes" | "t" | "y" | "aye" | "1")
}
