use std::path::PathBuf;

use anyhow::{anyhow, bail};
use asiaq_compiler::reach::{Answer, MachineKind, Matrix, Place, Ports, Reach as Reaching};
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Facts, Protocol};
use serde::Serialize;

use super::env::Filter;
use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, json, reach};

/// Shows which network connections are allowed, and why
///
/// Without FROM and TO, shows a table for each environment: sources in rows, destinations in columns. FROM and TO are
/// a metanetwork, as in `web` or `ci/web`, the instances or load balancers of a hostclass, as in `hostclass web` or
/// `lb ci/web`, a database, cache or search domain, as in `database orders`, `internet`, a CIDR block, or `ENV/vpn`; TO may include a TCP port, as in `web:443`. Does not access AWS. Exits with 0 whether or not the connection is allowed.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq reach [OPTIONS] [PATH] [FROM [TO[:PORT]]]")]
pub(crate) struct Reach {
    /// The project's file or folder, FROM and TO. Default: this folder, all connections
    #[arg(value_name = "PATH|END", num_args = 0..=5)]
    words: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Matrices {
    environments: Vec<Matrix>,
}

#[derive(Serialize)]
struct Answers {
    answers: Vec<Answer>,
}

impl Reach {
    pub(crate) fn run(&self) -> Result<Exit> {
        let (path, words) = self.parts()?;
        let checked = project::answering(path.as_deref(), self.format)?;
        let named = self.filter.known(&checked)?;
        let all = checked.environments().into_iter().map(|env| env.name);
        let chosen: Vec<String> = all.filter(|env| named.is_empty() || named.contains(env)).collect();
        let ir = checked.lower(&Facts::default()).ir;
        let reaching = Reaching::of(&ir);
        let ends = ends(words, &|word| is_network(&checked, word));
        if let Some(third) = ends.get(2) {
            return Err(anyhow!("there are only two ends, FROM and TO: `{third}` is a third").into());
        }
        let ends: Vec<&str> = ends.iter().map(String::as_str).collect();
        let Some((from, to)) = ends.split_first() else {
            let matrices: Vec<Matrix> = chosen.iter().map(|env| reaching.matrix(env)).collect();
            match self.format {
                Format::Text => ui::out(&reach::matrices(&matrices)),
                Format::Json => json::print(&Matrices { environments: matrices }),
            }
            return Ok(Exit::Done);
        };
        let answers = answers(&checked, &reaching, &chosen, from, to.first().copied())?;
        match self.format {
            Format::Text => ui::out(&reach::answers(&answers, &checked.sources)),
            Format::Json => json::print(&Answers { answers }),
        }
        Ok(Exit::Done)
    }

    /// The project's path, if there is one, and the words of FROM and TO.
    fn parts(&self) -> anyhow::Result<(Option<PathBuf>, &[String])> {
        let is_path = |word: &String| {
            let path = std::path::Path::new(word);
            path.exists() || project::is_project(path)
        };
        match self.words.split_first() {
            Some((first, rest)) if is_path(first) && !self.is_end() => Ok((Some(PathBuf::from(first)), rest)),
            Some((first, _)) if ends(&self.words, &|_| false).len() > 2 => {
                bail!("there is no file or folder `{first}`")
            }
            _ => Ok((None, &self.words)),
        }
    }

    /// Whether the words begin with machines, whose word may be the name of a folder as well.
    fn is_end(&self) -> bool {
        let word = self.words.first();
        word.is_some_and(|word| MachineKind::of(word).is_some()) && ends(&self.words, &|_| false).len() <= 2
    }
}

/// The ends in words: `hostclass`, `lb`, `database`, `cache` or `search` and a name are one, unless the word is the name of
/// a metanetwork.
fn ends(words: &[String], is_network: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut words = words.iter();
    let mut ends = Vec::new();
    while let Some(word) = words.next() {
        let kind = MachineKind::of(word).filter(|kind| kind.is_of_hostclass() || !is_network(word));
        let name = kind.and_then(|_| words.next());
        ends.push(name.map_or_else(|| word.clone(), |name| format!("{word} {name}")));
    }
    ends
}

/// Whether an environment has a metanetwork of this name.
fn is_network(checked: &Checked, word: &str) -> bool {
    checked.environments().iter().any(|env| env.networks.iter().any(|network| network == word))
}

/// The answer for each pair of places that match `from` and `to`; without `to`, for every place that `from` may
/// connect to.
fn answers(
    checked: &Checked,
    reaching: &Reaching<'_>,
    envs: &[String],
    from: &str,
    to: Option<&str>,
) -> anyhow::Result<Vec<Answer>> {
    let mut answers: Vec<Answer> = Vec::new();
    let (target, ports) = to.map(on_port).transpose()?.unwrap_or_default();
    let mut found = (false, target.is_empty());
    for env in envs {
        let sources = places(from, env)?;
        let sources: Vec<Place> =
            sources.into_iter().filter(|place| exists(checked, reaching, place)).collect();
        found.0 |= !sources.is_empty();
        let targets = if target.is_empty() {
            // What machines do is a part of what their metanetwork does.
            let mut targets = reaching.matrix(env).places;
            targets.retain(|place| !matches!(place, Place::Machines { .. }));
            targets
        } else {
            let targets = places(target, env)?;
            targets.into_iter().filter(|place| exists(checked, reaching, place)).collect()
        };
        found.1 |= !targets.is_empty();
        for source in &sources {
            for target in targets.iter().filter(|target| source.env().or(target.env()).is_some()) {
                let is_here = source.env().or(target.env()) == Some(env.as_str());
                if answers.iter().any(|known| known.from == *source && known.to == *target)
                    || (!is_here && to.is_none())
                {
                    continue;
                }
                let answer = reaching.between(source, target);
                answers.push(match ports {
                    Some(ports) => answer.on(Protocol::Tcp, ports),
                    None => answer,
                });
            }
        }
    }
    match found {
        (false, _) => bail!(unknown(checked, reaching, envs, from)),
        (_, false) => bail!(unknown(checked, reaching, envs, target)),
        (true, true) if answers.is_empty() => {
            bail!("FROM or TO must be in an environment: name at least one metanetwork")
        }
        (true, true) => Ok(answers),
    }
}

/// Splits `web:443` into the place and the ports.
fn on_port(word: &str) -> anyhow::Result<(&str, Option<Ports>)> {
    let Some((end, ports)) = word.split_once(':') else { return Ok((word, None)) };
    let (first, last) = ports.split_once("..").unwrap_or((ports, ports));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok((end, Some(Ports { first, last }))),
        _ => Err(anyhow!("`{ports}` is not a port: write it as in `web:443` or `web:8000..8099`")),
    }
}

/// The places that `word` names in environment `env`.
fn places(word: &str, env: &str) -> anyhow::Result<Vec<Place>> {
    if word == "internet" {
        return Ok(vec![Place::Internet]);
    }
    if word.starts_with(|first: char| first.is_ascii_digit()) {
        return match block(word) {
            Some(block) => Ok(vec![Place::Block(block.trunc())]),
            None => Err(anyhow!("`{word}` is not a CIDR block: write it as in `10.0.0.0/16`")),
        };
    }
    if let Some((kind, name)) = machines(word) {
        let (env, hostclass) = name.split_once('/').unwrap_or((env, name));
        return Ok(vec![Place::machines(env, kind, hostclass)]);
    }
    Ok(vec![match word.split_once('/') {
        Some((env, "vpn")) => Place::Vpn { env: env.to_owned() },
        Some((env, network)) => Place::network(env, network),
        None if word == "vpn" => Place::Vpn { env: env.to_owned() },
        None => Place::network(env, word),
    }])
}

/// `hostclass web`: what kind of machines, and the name of their hostclass.
fn machines(word: &str) -> Option<(MachineKind, &str)> {
    let (kind, name) = word.split_once(' ')?;
    Some((MachineKind::of(kind)?, name.trim()))
}

/// A CIDR block or an address. Leading zeros are refused, as in the language: some tools read them as octal.
fn block(word: &str) -> Option<ipnet::Ipv4Net> {
    let text = if word.contains('/') { word.to_owned() } else { format!("{word}/32") };
    text.parse().ok().filter(|block: &ipnet::Ipv4Net| block.to_string() == text)
}

fn exists(checked: &Checked, reaching: &Reaching<'_>, place: &Place) -> bool {
    let environments = checked.environments();
    match place {
        Place::Internet | Place::Block(_) => true,
        Place::Network { env, network } => {
            environments.iter().any(|found| found.name == *env && found.networks.contains(network))
        }
        Place::Machines { .. } => reaching.has_machines(place),
        Place::Vpn { env } => environments.iter().any(|found| found.name == *env),
    }
}

fn unknown(checked: &Checked, reaching: &Reaching<'_>, envs: &[String], word: &str) -> String {
    if let Some((kind, name)) = machines(word) {
        return without_machines(reaching, envs, kind, name);
    }
    let environments = checked.environments();
    let mut known: Vec<String> = Vec::new();
    for env in environments.iter().filter(|env| word.contains('/') || envs.contains(&env.name)) {
        known.extend(env.networks.iter().map(|network| {
            if word.contains('/') { format!("{}/{network}", env.name) } else { network.clone() }
        }));
    }
    known.sort();
    known.dedup();
    let words: Vec<&str> = known.iter().map(String::as_str).collect();
    match did_you_mean(word, &words) {
        _ if runs(reaching, envs, word) => {
            format!(
                "there is no metanetwork `{word}`; write `hostclass {word}` for the instances of the hostclass"
            )
        }
        Some(near) => format!("there is no metanetwork `{word}`; did you mean `{near}`?"),
        None => format!("there is no metanetwork `{word}`; there is {}", ui::listed(&words)),
    }
}

/// Why no machines are meant by `name`.
fn without_machines(reaching: &Reaching<'_>, envs: &[String], kind: MachineKind, name: &str) -> String {
    let what = match kind {
        MachineKind::Instances => "instance of a hostclass",
        MachineKind::Balancers => "load balancer of a hostclass",
        MachineKind::Databases => "database",
        MachineKind::Caches => "cache",
        MachineKind::SearchDomains => "search domain",
    };
    let (envs, hostclass) = match name.split_once('/') {
        Some((env, hostclass)) => (vec![env.to_owned()], hostclass),
        None => (envs.to_vec(), name),
    };
    let mut known: Vec<&str> = envs.iter().flat_map(|env| reaching.hostclasses(env, kind)).collect();
    known.sort_unstable();
    known.dedup();
    let place = ui::listed(&envs);
    match did_you_mean(hostclass, &known) {
        Some(near) => format!("there is no {what} `{hostclass}` in {place}; did you mean `{near}`?"),
        None if known.is_empty() => format!("there is no {what} in {place}"),
        None => format!("there is no {what} `{hostclass}` in {place}; there is {}", ui::listed(&known)),
    }
}

/// Whether instances of a hostclass run in one of `envs`, or in the environment that `word` names.
fn runs(reaching: &Reaching<'_>, envs: &[String], word: &str) -> bool {
    let place = |(env, hostclass): (&str, &str)| Place::machines(env, MachineKind::Instances, hostclass);
    match word.split_once('/') {
        Some(path) => reaching.has_machines(&place(path)),
        None => envs.iter().any(|env| reaching.has_machines(&place((env, word)))),
    }
}
