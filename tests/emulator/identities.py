"""What moto 5.2.1 does not do of IAM, or does otherwise than AWS.

A user or a group at another path keeps its tags and has the new path; moto loses the tags and ignores the path of a group.
A user has a permissions boundary; moto knows only those of roles.
A SAML provider has tags; moto has none.
What something hangs on is not deleted: a group with members or policies, a user in groups or with credentials, a policy
that is attached, is a boundary or has versions; moto deletes all of it.
A user has no credentials of services until somebody makes one; moto does not know the call.
AWS's own managed policies are there; moto has none unless it loads all thousand of them for each account.
A listing of all identities has trust policies in the encoding of URLs like all others; moto has them as they are.
"""

import json

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import AWSManagedPolicy, IAMBackend, User
from moto.iam.responses import IamResponse, url_encode

update_user = IAMBackend.update_user
delete_user = IAMBackend.delete_user
delete_group = IAMBackend.delete_group
delete_policy = IAMBackend.delete_policy
update_group = IAMBackend.update_group
create_user = IamResponse.create_user
create_saml_provider = IamResponse.create_saml_provider


OF_AWS = {}


def attaching(attach):
    """What moto does, with AWS's own policies."""

    def attach_known(self, policy_arn, holder):
        if ":iam::aws:policy/" in policy_arn and policy_arn not in self.managed_policies:
            OF_AWS.update(OF_AWS or json.loads(aws_managed_policies_data))
            name = policy_arn.rsplit("/", 1)[-1]
            if name in OF_AWS:
                policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, OF_AWS[name])
                self.managed_policies[policy.arn] = policy
                self.aws_managed_policies.append(policy)
        return attach(self, policy_arn, holder)

    return attach_known


def refuse(why):
    raise DeleteConflictException(f"Cannot delete entity, must {why} first.")


def update_user_with_tags(self, user_name, new_path=None, new_user_name=None):
    """What moto does, and the tags go along."""
    user = self.get_user(user_name)
    before = user.arn
    tags = self.tagger.list_tags_for_resource(before)["Tags"]
    update_user(self, user_name, new_path, new_user_name)
    self.tagger.delete_all_tags_for_resource(before)
    self.tagger.tag_resource(user.arn, tags)


def update_group_path(self, group_name, new_group_name, new_path):
    """What moto does, and the path."""
    group = self.get_group(group_name)
    update_group(self, group_name, new_group_name, new_path)
    group.path = new_path or group.path


def delete_free_user(self, user_name):
    """Deletes a user that nothing hangs on."""
    user = self.get_user(user_name)
    if self.get_groups_for_user(user_name):
        refuse("remove users from group")
    if user.access_keys or user.password or user.mfa_devices or user.ssh_public_keys or user.signing_certificates:
        refuse("delete its credentials")
    delete_user(self, user_name)


def delete_free_group(self, group_name):
    """Deletes a group that nothing hangs on."""
    group = self.get_group(group_name)
    if group.users:
        refuse("remove users from group")
    if group.policies or group.managed_policies:
        refuse("delete policies")
    delete_group(self, group_name)


def delete_free_policy(self, policy_arn):
    """Deletes a policy that nothing hangs on."""
    policy = self.get_policy(policy_arn)
    holders = [*self.roles.values(), *self.users.values(), *self.groups.values()]
    if any(policy_arn in one.managed_policies for one in holders):
        refuse("detach the policy from all entities")
    if any(getattr(one, "permissions_boundary_arn", None) == policy_arn for one in holders):
        refuse("remove the policy as a boundary")
    if len(policy.versions) > 1:
        refuse("delete all other versions of the policy")
    delete_policy(self, policy_arn)


def boundary(user):
    """The permissions boundary of a user as AWS shows it."""
    arn = getattr(user, "permissions_boundary_arn", None)
    return arn and {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}


def create_user_within(self):
    """What moto does, and the boundary."""
    answer = create_user(self)
    put_user_permissions_boundary(self)
    return answer


def put_user_permissions_boundary(self):
    """Sets the boundary."""
    user = self.backend.get_user(self._get_param("UserName"))
    user.permissions_boundary_arn = self._get_param("PermissionsBoundary")
    return EmptyResult()


def delete_user_permissions_boundary(self):
    """Removes the boundary."""
    self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = None
    return EmptyResult()


def saml_tags(response, provider):
    tags = response._get_param("Tags", [])
    provider.tags = {**getattr(provider, "tags", {}), **{tag["Key"]: tag["Value"] for tag in tags}}


def create_saml_with_tags(self):
    """What moto does, and the tags."""
    answer = create_saml_provider(self)
    saml_tags(self, self.backend.get_saml_provider(answer.result["SAMLProviderArn"]))
    return answer


def get_saml_with_tags(self):
    """The document and the tags."""
    provider = self.backend.get_saml_provider(self._get_param("SAMLProviderArn"))
    tags = [{"Key": key, "Value": value} for key, value in getattr(provider, "tags", {}).items()]
    return ActionResult(
        {
            "SAMLMetadataDocument": provider.saml_metadata_document,
            "CreateDate": provider.create_date,
            "ValidUntil": provider.valid_until,
            "Tags": tags,
        }
    )


def tag_saml_provider(self):
    """Adds tags."""
    saml_tags(self, self.backend.get_saml_provider(self._get_param("SAMLProviderArn")))
    return EmptyResult()


def untag_saml_provider(self):
    """Removes tags."""
    provider = self.backend.get_saml_provider(self._get_param("SAMLProviderArn"))
    for key in self._get_param("TagKeys", []):
        provider.tags.pop(key, None)
    return EmptyResult()


def list_service_specific_credentials(self):
    """There are none."""
    return ActionResult({"ServiceSpecificCredentials": []})


for attach in ("attach_role_policy", "attach_user_policy", "attach_group_policy"):
    setattr(IAMBackend, attach, attaching(getattr(IAMBackend, attach)))
User.permissions_boundary = property(boundary)
IamResponse.create_user = create_user_within
IamResponse.put_user_permissions_boundary = put_user_permissions_boundary
IamResponse.delete_user_permissions_boundary = delete_user_permissions_boundary
IAMBackend.update_user = update_user_with_tags
IAMBackend.update_group = update_group_path
IAMBackend.delete_user = delete_free_user
IAMBackend.delete_group = delete_free_group
IAMBackend.delete_policy = delete_free_policy
IamResponse.create_saml_provider = create_saml_with_tags
IamResponse.get_saml_provider = get_saml_with_tags
IamResponse.tag_saml_provider = tag_saml_provider
IamResponse.untag_saml_provider = untag_saml_provider
IamResponse.list_service_specific_credentials = list_service_specific_credentials
IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER[
    "GetAccountAuthorizationDetailsResponse.RoleDetailList.RoleDetail.AssumeRolePolicyDocument"
] = url_encode
