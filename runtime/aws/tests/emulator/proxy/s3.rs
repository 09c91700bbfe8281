//! The operations of S3, which are methods, paths and the first word of the query.

/// The operation of a method and a path ("Actions" of the API reference of S3), with the bucket in the path.
pub(super) fn operation(method: &str, path: &str) -> Option<&'static str> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let key = path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
    let is_root = path == "/";
    let mut names = query.split('&').map(|field| field.split('=').next().unwrap_or_default());
    let about = names.find_map(|name| SETTINGS.iter().find(|(of, ..)| *of == name));
    Some(match (method, about) {
        ("GET", Some(("tagging", ..))) if !key.is_empty() => "GetObjectTagging",
        ("PUT", Some(("tagging", ..))) if !key.is_empty() => "PutObjectTagging",
        ("GET", Some((_, get, ..))) => get,
        ("PUT", Some((_, _, put, _))) => put,
        ("DELETE", Some((.., delete))) => delete,
        ("POST", _) if query.split('&').any(|field| field.starts_with("delete")) => "DeleteObjects",
        ("GET", None) if is_root => "ListBuckets",
        ("HEAD", None) if key.is_empty() => "HeadBucket",
        ("PUT", None) if key.is_empty() => "CreateBucket",
        ("DELETE", None) if key.is_empty() => "DeleteBucket",
        ("GET", None) if key.is_empty() => "ListObjectsV2",
        ("PUT", None) => "PutObject",
        ("GET", None) => "GetObject",
        ("HEAD", None) => "HeadObject",
        ("DELETE", None) => "DeleteObject",
        _ => return None,
    })
}

/// What a query asks about: the operations that read, write and remove it.
const SETTINGS: [(&str, &str, &str, &str); 15] = [
    ("acl", "GetBucketAcl", "PutBucketAcl", ""),
    ("cors", "GetBucketCors", "PutBucketCors", "DeleteBucketCors"),
    ("encryption", "GetBucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption"),
    (
        "lifecycle",
        "GetBucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
    ),
    ("logging", "GetBucketLogging", "PutBucketLogging", ""),
    ("notification", "GetBucketNotificationConfiguration", "PutBucketNotificationConfiguration", ""),
    ("object-lock", "GetObjectLockConfiguration", "PutObjectLockConfiguration", ""),
    (
        "ownershipControls",
        "GetBucketOwnershipControls",
        "PutBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
    ),
    ("policy", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
    ("publicAccessBlock", "GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"),
    ("replication", "GetBucketReplication", "PutBucketReplication", "DeleteBucketReplication"),
    ("tagging", "GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging"),
    ("versioning", "GetBucketVersioning", "PutBucketVersioning", ""),
    ("versions", "ListObjectVersions", "", ""),
    ("website", "GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"),
];
