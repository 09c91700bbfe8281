"""What moto gets wrong of buckets, documents and trails, mended: see `moto_server.py`."""

from xml.etree import ElementTree

import xmltodict
from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend
from moto.core.responses import ActionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import PublicAccessBlock, S3Backend, s3_backends
from moto.s3.responses import S3Response
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ENFORCED = "BucketOwnerEnforced"
# Documents that come back as they were sent: by their names in a query, with the error of a bucket that has none.
WHOLE = {
    "encryption": None,
    "lifecycle": "NoSuchLifecycleConfiguration",
    "replication": "ReplicationConfigurationNotFoundError",
}

bucket_response = S3Response._bucket_response
create_bucket = S3Backend.create_bucket
delete_trail = CloudTrailBackend.delete_trail
get = S3Response._bucket_response_get
put = S3Response._bucket_response_put
remove = S3Response._bucket_response_delete


def owned_response(self, request, full_url):
    """What moto does, unless the caller says whose the bucket has to be and it is another account's."""
    name = self.parse_bucket_name_from_url(request, full_url)
    expected = request.headers.get("x-amz-expected-bucket-owner")
    owners = {bucket: owner for bucket, (_, owner) in s3_backends.bucket_accounts.items()}
    if name in owners and expected and owners[name] != expected:
        if request.method == "HEAD":
            return 403, {}, ""
        raise S3ClientError("AccessDenied", "Access Denied")
    bucket = self.backend.buckets.get(name)
    if bucket is not None and bucket.region_name != self.region and request.method == "HEAD":
        return 301, {"x-amz-bucket-region": bucket.region_name}, ""
    return bucket_response(self, request, full_url)


def list_with_regions(self):
    """All buckets, with their regions, in pages."""
    self.data["Action"] = "ListBuckets"
    chosen = self.backend.list_buckets(self._get_param("prefix"), self._get_param("bucket-region"), None)
    chosen = sorted(chosen, key=lambda bucket: bucket.name)
    start = int(self._get_param("continuation-token") or 0)
    end = start + int(self._get_param("max-buckets") or 10000)
    show = lambda bucket: {
        "Name": bucket.name,
        "CreationDate": bucket.creation_date_ISO8601,
        "BucketRegion": bucket.region_name,
    }
    answer = {"Owner": {"ID": "bcaf1ffd86f41161ca5fb16fd081034f"}, "Buckets": [show(one) for one in chosen[start:end]]}
    if end < len(chosen):
        answer["ContinuationToken"] = str(end)
    return self.serialized(ActionResult(answer))


def create_as_today(self, bucket_name, region_name, bucket_namespace=None):
    """A bucket as AWS makes it since 2023: without ACLs, without public access, encrypted."""
    bucket = create_bucket(self, bucket_name, region_name, bucket_namespace)
    bucket.ownership_rule = ENFORCED
    bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
    bucket.documents = {}
    return bucket


def put_whole(self, request, bucket_name, querystring):
    """What moto does, and what it leaves out."""
    body = self.body.decode() if isinstance(self.body, bytes) else self.body
    bucket = self.backend.buckets.get(bucket_name)
    asked = next((part for part in WHOLE if part in querystring), None)
    if bucket is None and not querystring:
        answer = put(self, request, bucket_name, querystring)
        tags = (xmltodict.parse(body).get("CreateBucketConfiguration") or {}).get("Tags") if body else None
        if tags:
            one_or_more = tags["Tag"] if isinstance(tags["Tag"], list) else [tags["Tag"]]
            tags = {tag["Key"]: tag.get("Value") or "" for tag in one_or_more}
            self.backend.put_bucket_tagging(bucket_name, tags)
        return answer
    if bucket is not None and "acl" in querystring and bucket.ownership_rule == ENFORCED:
        raise S3ClientError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if bucket is not None and "versioning" in querystring and "Suspended" in body:
        if bucket.object_lock_enabled or bucket.documents.get("replication"):
            raise S3ClientError("InvalidBucketState", "the versioning state cannot be changed")
    if bucket is None or asked is None:
        return put(self, request, bucket_name, querystring)
    if asked != "lifecycle":
        put(self, request, bucket_name, querystring)
    ElementTree.fromstring(body)
    bucket.documents[asked] = body
    return 200, {}, ""


def get_whole(self, bucket_name, querystring):
    """What moto shows, whole and with the names that AWS has."""
    bucket = self.backend.get_bucket(bucket_name)
    asked = next((part for part in WHOLE if part in querystring), None)
    if asked and asked in bucket.documents:
        return 200, {"content-type": "application/xml"}, bucket.documents[asked]
    if asked == "encryption":
        rule = "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
        rule += "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>"
        root = "ServerSideEncryptionConfiguration"
        return 200, {"content-type": "application/xml"}, f"<{root} {NAMESPACE}>{rule}</{root}>"
    if asked:
        raise S3ClientError(WHOLE[asked], "there is none")
    answer = get(self, bucket_name, querystring)
    for part, root in (("versioning", "VersioningConfiguration"), ("notification", "NotificationConfiguration")):
        if part in querystring and isinstance(answer, tuple):
            status, headers, text = answer
            text = text.decode() if isinstance(text, bytes) else text
            answer = status, headers, with_root(text, root)
    return answer


def with_root(text, root):
    """The document under another name."""
    start = text.find("<", text.find("?>") + 2) if "?>" in text else 0
    tree = ElementTree.fromstring(text[start:]) if text.strip() else ElementTree.Element(root)
    inner = "".join(ElementTree.tostring(child, encoding="unicode") for child in tree)
    inner = inner.replace("ns0:", "").replace(':ns0="', '="')
    return f"<{root} {NAMESPACE}>{inner}</{root}>"


def remove_whole(self, bucket_name, querystring):
    """What moto does, and what was kept whole."""
    bucket = self.backend.get_bucket(bucket_name)
    for part in WHOLE:
        if part in querystring:
            bucket.documents.pop(part, None)
    return remove(self, bucket_name, querystring)


def list_document_versions(self):
    """The versions of a document, which moto does not list."""
    documents = self.ssm_backend._get_documents(self._get_param("Name"))
    show = lambda one: {
        "Name": one.name,
        "DocumentVersion": one.document_version,
        "CreatedDate": one.created_date,
        "IsDefaultVersion": one.document_version == documents.default_version,
        "DocumentFormat": one.document_format,
        "Status": one.status,
        **({"VersionName": one.version_name} if one.version_name else {}),
    }
    return ActionResult({"DocumentVersions": [show(one) for one in documents.versions.values()]})


def delete_known_trail(self, name):
    """A trail that is not there is an error."""
    if name not in self.trails:
        raise TrailNotFoundException(account_id=self.account_id, name=name)
    delete_trail(self, name)


S3Response._bucket_response = owned_response
S3Response._bucket_response_delete = remove_whole
S3Response._bucket_response_get = get_whole
S3Response._bucket_response_put = put_whole
S3Response.all_buckets = list_with_regions
S3Backend.create_bucket = create_as_today
SimpleSystemManagerResponse.list_document_versions = list_document_versions
CloudTrailBackend.delete_trail = delete_known_trail
