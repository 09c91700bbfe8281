//! Which environments there are, of which types, and what runs in them.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use crate::Wish;
use crate::codes;
use crate::ini::Setting;
use crate::old::Old;
use crate::words::words;

/// An environment whose type is known.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) envtype: String,
    /// The path of its pipeline's file.
    pub(crate) pipeline: Option<String>,
}

/// The environments by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scopes {
    pub(crate) environments: BTreeMap<String, Environment>,
    /// Names of environments whose types nobody knows, with a place that names each.
    pub(crate) unknown: BTreeMap<String, Span>,
    /// The types that `disco_vpc.ini` has.
    pub(crate) types: Vec<String>,
}

impl Scopes {
    pub(crate) fn of(old: &mut Old, wish: &Wish) -> Self {
        let types: Vec<String> = old
            .vpc
            .sections
            .iter()
            .filter_map(|section| section.name.strip_prefix("envtype:"))
            .map(str::to_owned)
            .collect();
        let mut scopes = Self { types, ..Self::default() };
        for (name, envtype) in &wish.environments {
            scopes.add(name, envtype);
        }
        for table in &old.pipelines {
            let mut parts = table.path.split('/');
            if let (Some("sandboxes"), Some(name), Some("pipeline.csv"), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            {
                scopes.sandbox(name, &table.path);
            }
        }
        for (name, envtype) in peered(old) {
            scopes.add(&name, &envtype);
        }
        for (name, span) in named(old) {
            scopes.named(&name, span);
        }
        for (name, path) in &wish.pipelines {
            if let Some(env) = scopes.environments.get_mut(name) {
                env.pipeline = Some(path.clone());
            }
        }
        for (name, span) in named(old).into_iter().filter(|(name, _)| name.contains('_')) {
            let message =
                format!("the original refuses the name `{name}`: `_` separates the parts of its names");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, span, message));
        }
        for (name, span) in &scopes.unknown {
            let message = format!("the type of the environment `{name}` is in none of the files");
            let help = format!("say it: `--env {name}=TYPE`; until then, what is said for it is a comment");
            old.find(Diagnostic::new(codes::ENVIRONMENT_WITHOUT_TYPE, *span, message).help(help));
        }
        scopes
    }

    fn add(&mut self, name: &str, envtype: &str) {
        if !self.types.iter().any(|known| known == envtype) {
            return;
        }
        let environment = Environment { name: name.to_owned(), envtype: envtype.to_owned(), pipeline: None };
        self.environments.entry(name.to_owned()).or_insert(environment);
    }

    fn sandbox(&mut self, name: &str, path: &str) {
        self.add(name, "sandbox");
        if let Some(env) = self.environments.get_mut(name) {
            env.pipeline = Some(path.to_owned());
        }
    }

    fn named(&mut self, name: &str, span: Span) {
        if self.find(name).is_some() {
            return;
        }
        if let Some(envtype) = self.types.iter().find(|known| known.eq_ignore_ascii_case(name)).cloned() {
            self.add(&envtype.clone(), &envtype);
        } else if !self.unknown.keys().any(|known| known.eq_ignore_ascii_case(name)) {
            self.unknown.insert(name.to_owned(), span);
        }
    }

    /// The environment that `name` means after `@`, where case does not count.
    pub(crate) fn find(&self, name: &str) -> Option<&Environment> {
        self.environments.values().find(|env| env.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn of_type<'s>(&'s self, envtype: &'s str) -> impl Iterator<Item = &'s Environment> {
        self.environments.values().filter(move |env| env.envtype == envtype)
    }

    /// The name of the envtype of the program: environments and envtypes share one set of names.
    pub(crate) fn name_of_type(&self, envtype: &str) -> Option<String> {
        let is_taken = self.environments.contains_key(envtype);
        let only = self.of_type(envtype).count() == 1 && self.of_type(envtype).all(|env| env.name == envtype);
        match (is_taken, only) {
            (true, true) => None,
            (true, false) => Some(crate::words::name_of(&format!("{envtype}_type"))),
            (false, _) => Some(crate::words::name_of(envtype)),
        }
    }
}

/// The option and the environment of a key such as `eip@ci`.
pub(crate) fn split(key: &str) -> (&str, Option<&str>) {
    match key.split_once('@') {
        Some((option, env)) => (option, Some(env)),
        None => (key, None),
    }
}

/// Names and types that peerings state.
fn peered(old: &Old) -> Vec<(String, String)> {
    let section = old.vpc.section("peerings");
    let lines = section
        .iter()
        .flat_map(|section| &section.options)
        .filter(|line| line.key.starts_with("connection_"));
    let ends = lines.flat_map(|line| words(&line.value));
    let named = ends.filter_map(|end| end.split_once('/')?.0.split_once(':'));
    named
        .filter(|(name, _)| *name != "*")
        .map(|(name, envtype)| (name.to_owned(), envtype.to_owned()))
        .collect()
}

/// Names of environments in the files, with their places.
fn named(old: &Old) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for section in &old.vpc.sections {
        if let Some(name) = section.name.strip_prefix("env:") {
            found.push((name.to_owned(), section.span));
        }
    }
    // Caches and search domains are in `[ENV:NAME]`.
    for section in old.caches.sections.iter().chain(&old.searches.sections) {
        if let Some((name, _)) = section.name.split_once(':').filter(|(name, _)| !name.is_empty()) {
            let start = section.span.start as usize + 1;
            found.push((name.to_owned(), Span::new(section.span.file, start, start + name.len())));
        }
    }
    // Databases are in `[ENV-NAME]`: only a type of the name tells where it ends.
    let types = old.vpc.sections.iter().filter_map(|section| section.name.strip_prefix("envtype:"));
    for section in &old.databases.sections {
        let is_of = |name: &&str| {
            section.name.strip_prefix(*name).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'))
        };
        if let Some(name) = types.clone().filter(is_of).max_by_key(|name| name.len()) {
            found.push((name.to_owned(), section.span));
        }
    }
    for section in &old.aws.sections {
        for option in section.options.iter().filter(|option| !option.is_default) {
            let is_name = match (section.name.as_str(), option.key.as_str()) {
                ("disco_aws", "default_environment") | ("bake", "bakery_environment") | ("test", "env") => {
                    true
                }
                // There the name after `@` is that of an account.
                ("iam", _) => continue,
                _ => false,
            };
            if is_name && !option.value.is_empty() {
                found.push((option.value.clone(), option.span));
            }
            if let (_, Some(env)) = split(&option.key) {
                found.push((env.to_owned(), after_at(option)));
            }
        }
    }
    found
}

/// The place of the environment in a key.
pub(crate) fn after_at(setting: &Setting) -> Span {
    let (option, _) = split(&setting.key);
    let start = setting.key_span.start as usize + option.len() + 1;
    Span::new(setting.key_span.file, start, setting.key_span.end as usize)
}
