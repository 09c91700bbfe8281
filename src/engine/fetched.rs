//! Documents that a program names by their addresses on the web.

use std::collections::BTreeMap;

use asiaq_ir::Needs;

use super::accounts::Asked;

/// The element that SAML metadata consists of ("Metadata for the OASIS SAML V2.0", 2.3).
const METADATA: [&str; 2] = ["EntityDescriptor", "EntitiesDescriptor"];

/// Reads the documents of what is asked for.
pub(super) async fn documents(needs: &Needs, asked: Asked<'_>) -> BTreeMap<String, Result<String, String>> {
    let is_everything = asked.envs.is_empty() && asked.accounts.is_empty();
    let is_asked = |account: &String| is_everything || asked.accounts.contains(account);
    let urls = needs.documents.iter().filter(|(_, accounts)| accounts.iter().any(is_asked));
    let mut documents = BTreeMap::new();
    for (url, _) in urls {
        let text = asiaq_aws::fetch(url).await.and_then(|text| {
            let is_metadata = METADATA.iter().any(|element| text.contains(element));
            if is_metadata { Ok(text) } else { Err("what is there is not SAML metadata".to_owned()) }
        });
        documents.insert(url.clone(), text);
    }
    documents
}
