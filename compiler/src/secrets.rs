//! The secrets of the environments of a project, for commands.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::SecretStore;

use crate::Checked;
use crate::model::{self, Environment};

/// The secrets of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSecrets {
    /// The environment.
    pub env: String,
    /// Where they are.
    pub store: SecretStore,
    /// In what form the lists of hashes of `app_auth` are kept, where they are.
    pub app_auth: Option<AppAuth>,
    /// The declared ones, in order of declaration.
    pub declared: Vec<DeclaredSecret>,
    /// Keys that resources of the environment name: passwords of databases and tokens of caches.
    pub used: BTreeSet<String>,
}

/// A declared secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredSecret {
    /// Its name in the program.
    pub name: String,
    /// Its key in the store.
    pub key: String,
    /// What it is generated from; absent for one that a person puts.
    pub generate: Option<Generate>,
    /// What it is for.
    pub description: Option<String>,
}

/// How a secret is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generate {
    /// Number of characters.
    pub length: usize,
    /// The characters that it is made of.
    pub characters: &'static str,
}

/// The form of the lists of hashes of `app_auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppAuth {
    /// SHA-512 in Base64.
    Unsalted,
    /// `{SSHA512}`: SHA-512 of the secret and a random salt, both in Base64.
    Salted,
}

const LETTERS_AND_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const WITH_SYMBOLS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#%*+,-.:=?^_~";

impl Generate {
    /// A value of so many letters and digits.
    pub fn alphanumeric(length: usize) -> Self {
        Self { length, characters: LETTERS_AND_DIGITS }
    }
}

impl Checked {
    /// Names of the key pairs of EC2 that hostclasses, and the bakery, have, by environment.
    pub fn key_pairs(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for env in &self.model.environments {
            let keys = env.hosts.iter().filter_map(|host| host.machine.key.as_ref());
            named.entry(env.name.clone()).or_default().extend(keys.map(|key| key.value.clone()));
        }
        if let Some(bakery) = &self.model.bakes.bakery
            && let Some(key) = &bakery.key
        {
            named.entry(bakery.env.value.clone()).or_default().insert(key.value.clone());
        }
        named
    }

    /// The secrets of the environments that have a store, in order of declaration.
    pub fn secrets(&self) -> Vec<EnvironmentSecrets> {
        self.model.environments.iter().filter_map(|env| summary(&self.model, env)).collect()
    }
}

fn summary(model: &model::Model, env: &Environment) -> Option<EnvironmentSecrets> {
    let store = env.secret_store(&model.project)?;
    let passwords = env.databases.iter().map(|database| &database.password);
    let tokens = env.caches.iter().filter_map(|cache| cache.token.as_ref());
    let used = passwords.chain(tokens).map(|key| key.value.clone()).filter(|key| !key.is_empty());
    Some(EnvironmentSecrets {
        env: env.name.clone(),
        app_auth: env.app_auth.as_ref().map(|form| match form.value.as_str() {
            "salted" => AppAuth::Salted,
            _ => AppAuth::Unsalted,
        }),
        declared: env.secrets.iter().map(declared).collect(),
        used: used.collect(),
        store,
    })
}

fn declared(secret: &model::Secret) -> DeclaredSecret {
    let characters = match secret.characters.value.as_str() {
        "hex" => "0123456789abcdef",
        "symbols" => WITH_SYMBOLS,
        _ => LETTERS_AND_DIGITS,
    };
    let length = secret.generate.as_ref().and_then(|length| usize::try_from(length.value).ok());
    DeclaredSecret {
        name: secret.name.clone(),
        key: secret.key.value.clone(),
        generate: length.map(|length| Generate { length, characters }),
        description: secret.description.as_ref().map(|text| text.value.clone()),
    }
}
