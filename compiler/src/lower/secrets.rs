//! Declared secrets: nothing is made of them, and a plan names those that have no value.

use asiaq_ir::SecretState;

use super::Lowering;
use crate::errors;
use crate::model::Environment;

impl Lowering<'_> {
    /// Warns of secrets that have no value, as far as the account was asked.
    pub(super) fn secrets(&mut self, env: &Environment) {
        let all = self.facts;
        let Some(facts) = env.facts(all) else { return };
        let Some(store) = env.secret_store(&self.model.project) else { return };
        for secret in &env.secrets {
            let key = &secret.key.value;
            let put = match secret.generate {
                Some(_) => format!("make one with `asiaq secret generate {key} --env {}`", env.name),
                None => format!("give it one with `asiaq secret put {key} --env {}`", env.name),
            };
            let (what, way) = match facts.secrets.get(&store.place(key)) {
                None | Some(SecretState::Present) => continue,
                Some(SecretState::Missing) => (format!("has no value in {}", store.words()), put),
                Some(SecretState::Deleted(until)) => {
                    let back = format!("is deleted, and can be had back until {until}");
                    (back, format!("{put}, which also brings it back"))
                }
                Some(SecretState::Unknown(why)) => {
                    let way = "allow the caller to look at it, as `asiaq permissions` prints it";
                    (format!("may have no value: {why}"), way.to_owned())
                }
            };
            self.diagnostics.push(errors::secret_missing(secret.key.span(), key, &env.name, (&what, &way)));
        }
    }
}
