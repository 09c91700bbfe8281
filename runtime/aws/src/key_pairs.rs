//! The key pairs of EC2, for `asiaq keypair`.

use std::collections::BTreeMap;

use asiaq_runtime::{KeyPair, Result};

use crate::bakes::{DELETE_KEY_PAIR, IMPORT_KEY_PAIR};
use crate::config::Aws;
use crate::kinds::launch_template::DESCRIBE_KEY_PAIRS;
use crate::operation::Operation;

/// The operations of others that the commands call.
pub(crate) const MORE: &[Operation] =
    &[DESCRIBE_KEY_PAIRS.used_for(crate::operation::Access::Read), IMPORT_KEY_PAIR, DELETE_KEY_PAIR];

impl Aws {
    /// The key pairs of a region, in order of name.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn key_pairs(&self, region: &str) -> Result<Vec<KeyPair>> {
        let region = self.region(region);
        let call = region.ec2().describe_key_pairs().include_public_key(true);
        let answer = DESCRIBE_KEY_PAIRS.call(call.send()).await?;
        let mut all: Vec<KeyPair> = answer
            .key_pairs
            .unwrap_or_default()
            .into_iter()
            .filter_map(|pair| {
                Some(KeyPair {
                    name: pair.key_name?,
                    id: pair.key_pair_id.unwrap_or_default(),
                    form: pair.key_type.map(|form| form.as_str().to_owned()).unwrap_or_default(),
                    fingerprint: pair.key_fingerprint.unwrap_or_default(),
                    public: pair
                        .public_key
                        .map(|line| line.trim().to_owned())
                        .filter(|line| !line.is_empty()),
                })
            })
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// Puts a public key under a name, in the place of the key pair that has it. Instances keep the key that they started
    /// with.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn replace_key_pair(
        &self,
        region: &str,
        name: &str,
        public: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<()> {
        // EC2 replaces no key pair: for the time between the two calls there is none.
        self.delete_bake_key(region, name).await?;
        self.import_bake_key(region, name, public, tags).await
    }
}
