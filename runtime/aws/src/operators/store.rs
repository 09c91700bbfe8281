//! The objects of operators and groups in a credential bucket. What is written says what it was made from, so that of two
//! writers none loses the other's change.

use std::collections::HashMap;

use asiaq_ir::{Operator, credential_bucket};
use asiaq_runtime::{CloudError, Result};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ServerSideEncryption, Tag, Tagging};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use zeroize::Zeroizing;

use super::account_file::AccountFile;
use crate::credentials::GET_OBJECT;
use crate::kinds::bucket::LIST_BUCKETS;
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::secrets::buckets::{CHANGED, LIST_OBJECTS, NO_OBJECT, PUT_OBJECT};
use crate::service::s3;
use crate::tags::Tags;

ops! { s3:
    GET_OBJECT_TAGGING = "GetObjectTagging", Own;
    PUT_OBJECT_TAGGING = "PutObjectTagging", Write;
}

/// The operations of others that the kind calls. Deactivating is a change.
pub(crate) const MORE: &[Operation] = &[
    LIST_OBJECTS.used_for(Access::Own),
    GET_OBJECT.used_for(Access::Own),
    PUT_OBJECT,
    PUT_OBJECT.used_for(Access::Delete),
    PUT_OBJECT_TAGGING.used_for(Access::Delete),
];

/// Where the keys of operators and groups begin.
const ACCOUNTS: &str = "accounts/";
/// Where the keys of groups begin.
const GROUPS: &str = "accounts/groups/";
/// Objects that are read at the same time.
pub(crate) const AT_ONCE: usize = 8;
/// How often a change is made again while others write the same object.
pub(crate) const ROUNDS: usize = 5;

/// A credential bucket. AWS refuses every call where it is another account's.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a> {
    region: &'a Region<'a>,
    pub(crate) bucket: &'a str,
    owner: &'a str,
}

/// An object as it was read.
pub(crate) struct Stored {
    pub(crate) file: AccountFile,
    pub(crate) version: Version,
    has_tags: bool,
}

/// What a write is based on.
pub(crate) enum Version {
    /// There is no object.
    None,
    /// The object with this tag of its content; its own metadata stay.
    Of { etag: String, metadata: Option<HashMap<String, String>>, content_type: Option<String> },
}

/// How a change of an object ended.
pub(crate) enum Rewritten {
    Done,
    /// There is no object.
    Absent,
    /// Others write it all the time.
    Contended,
}

/// An object in a listing.
pub(crate) struct Listed {
    pub(crate) key: String,
    pub(crate) etag: String,
}

impl Listed {
    /// The name of the operator; none for a group.
    pub(crate) fn operator(&self) -> Option<&str> {
        self.key.strip_prefix(Operator::FOLDER).filter(|name| !name.is_empty())
    }

    /// The name of the group; none for an operator.
    pub(crate) fn group(&self) -> Option<&str> {
        self.key.strip_prefix(GROUPS).filter(|name| !name.is_empty())
    }
}

/// The credential buckets of a project in a region.
pub(crate) async fn buckets(region: &Region<'_>, project: &str) -> Result<Vec<String>> {
    let call = region.s3().list_buckets().prefix(credential_bucket(region.name, project, ""));
    let all = LIST_BUCKETS.all(call.into_paginator().items().send()).await?;
    let here = all.into_iter().filter(|one| one.bucket_region().is_none_or(|place| place == region.name));
    Ok(here.filter_map(|one| one.name).collect())
}

/// The key of an operator.
pub(crate) fn user_key(account: &str) -> String {
    format!("{}{account}", Operator::FOLDER)
}

/// The key of a group.
pub(crate) fn group_key(group: &str) -> String {
    format!("{GROUPS}{group}")
}

impl<'a> Store<'a> {
    pub(crate) async fn new(region: &'a Region<'a>, bucket: &'a str) -> Result<Store<'a>> {
        Ok(Self { region, bucket, owner: region.account().await? })
    }

    /// The objects of operators and groups.
    pub(crate) async fn list(self) -> Result<Vec<Listed>> {
        let call = self.region.s3().list_objects_v2().bucket(self.bucket).prefix(ACCOUNTS);
        let call = call.expected_bucket_owner(self.owner);
        let pages = LIST_OBJECTS.all(call.into_paginator().send()).await?;
        let objects = pages.into_iter().flat_map(|page| page.contents.unwrap_or_default());
        let listed = objects.filter_map(|object| Some(Listed { key: object.key?, etag: object.e_tag? }));
        Ok(listed.collect())
    }

    /// An object; none where there is none.
    pub(crate) async fn get(self, key: &str) -> Result<Option<Stored>> {
        let call =
            self.region.s3().get_object().bucket(self.bucket).key(key).expected_bucket_owner(self.owner);
        let Some(answer) = unless_absent(GET_OBJECT.call(call.send()).await)? else { return Ok(None) };
        let unreadable = || GET_OBJECT.refused(format!("`{key}` in the bucket `{}` is no text", self.bucket));
        let has_tags = answer.tag_count.is_some_and(|count| count > 0);
        let version = Version::Of {
            etag: GET_OBJECT.part("ETag", answer.e_tag)?,
            metadata: answer.metadata,
            content_type: answer.content_type,
        };
        let bytes = Zeroizing::new(answer.body.collect().await.map_err(|_| unreadable())?.to_vec());
        let file = AccountFile::read(&bytes).ok_or_else(unreadable)?;
        Ok(Some(Stored { file, version, has_tags }))
    }

    /// The tags of an object that was read.
    pub(crate) async fn tags_of(self, key: &str, stored: &Stored) -> Result<Tags> {
        if stored.has_tags { Ok(self.tags(key).await?.unwrap_or_default()) } else { Ok(Tags::new()) }
    }

    /// The tags of an object; none where there is none.
    pub(crate) async fn tags(self, key: &str) -> Result<Option<Tags>> {
        let call = self.region.s3().get_object_tagging().bucket(self.bucket).key(key);
        let call = call.expected_bucket_owner(self.owner);
        let answer = unless_absent(GET_OBJECT_TAGGING.call(call.send()).await)?;
        Ok(answer.map(|answer| answer.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect()))
    }

    /// Writes all tags of an object.
    pub(crate) async fn set_tags(self, key: &str, tags: &Tags) -> Result<()> {
        // The builder refuses only tags without a key or a value.
        let list = tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok());
        let tags = PUT_OBJECT_TAGGING.built(Tagging::builder().set_tag_set(Some(list.collect())).build())?;
        let call = self.region.s3().put_object_tagging().bucket(self.bucket).key(key);
        let call = call.expected_bucket_owner(self.owner).tagging(tags);
        PUT_OBJECT_TAGGING.call(call.send()).await.map(drop)
    }

    /// Changes the file and the tags of an operator, again where somebody else has written it meanwhile.
    pub(crate) async fn rewrite(
        self,
        account: &str,
        change: impl Fn(&mut AccountFile, &mut Tags),
    ) -> Result<Rewritten> {
        let key = user_key(account);
        for _ in 0..ROUNDS {
            let Some(stored) = self.get(&key).await? else { return Ok(Rewritten::Absent) };
            let mut tags = self.tags_of(&key, &stored).await?;
            let Stored { mut file, version, .. } = stored;
            change(&mut file, &mut tags);
            if self.put(&key, &file, &version, &tags).await? {
                return Ok(Rewritten::Done);
            }
        }
        Ok(Rewritten::Contended)
    }

    /// Writes an object with its tags, unless it has become another one since. Whether it was written.
    pub(crate) async fn put(
        self,
        key: &str,
        file: &AccountFile,
        version: &Version,
        tags: &Tags,
    ) -> Result<bool> {
        let call = self
            .region
            .s3()
            .put_object()
            .bucket(self.bucket)
            .key(key)
            .expected_bucket_owner(self.owner)
            .server_side_encryption(ServerSideEncryption::Aes256)
            .set_tagging(Some(query(tags)).filter(|tags| !tags.is_empty()))
            .body(ByteStream::from(file.bytes().to_vec()));
        let call = match version {
            Version::None => call.if_none_match("*"),
            Version::Of { etag, metadata, content_type } => {
                call.if_match(etag).set_metadata(metadata.clone()).set_content_type(content_type.clone())
            }
        };
        match PUT_OBJECT.call(call.send()).await {
            Ok(_) => Ok(true),
            Err(error) if CHANGED.contains(&error.code.as_str()) || error.code == NO_OBJECT => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The operators in a listing, and whether each has a group.
pub(crate) fn accounts(listed: &[Listed]) -> impl Iterator<Item = (&str, bool)> {
    let groups: Vec<&str> = listed.iter().filter_map(Listed::group).collect();
    listed.iter().filter_map(Listed::operator).map(move |account| (account, groups.contains(&account)))
}

/// What was read of several objects at the same time.
pub(crate) async fn all<T>(
    reads: impl Iterator<Item = impl Future<Output = Result<Option<T>>>>,
) -> Result<Vec<T>> {
    let reads: Vec<_> = reads.collect();
    let all: Vec<Option<T>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    Ok(all.into_iter().flatten().collect())
}

/// The answer to a call; none where there is no object.
fn unless_absent<T>(answer: Result<T, CloudError>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.code == NO_OBJECT => Ok(None),
        Err(error) if s3.is_not_found(&error) && error.code != "NoSuchBucket" => Ok(None),
        answer => answer.map(Some),
    }
}

/// Tags as the query that a header has.
fn query(tags: &Tags) -> String {
    let pairs = tags.iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let piece = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(piece).collect()
}
