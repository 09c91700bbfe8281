"""What moto lacks of commands that Systems Manager runs on instances.

An instance is known to Systems Manager while it runs, and its agent answers unless the tag `emulator:agent` is `off`; moto
lists none. A command names at most fifty instances, each of them with an agent that answers, and a document that exists; moto
takes everything. Invocations are listed, are under way at the first look, and end as the tag `emulator:command` of the instance
says (`STATUS CODE CHARACTERS`, as in `ExecutionTimedOut -1 0`); moto lists none, and all succeed. A step writes the parameters of
its command, or as many characters; an answer has the first 24,000 of them, and a bucket that the command names has all.
`AWS-RunShellScript` has its parameters.
"""

import json

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends
from moto.ssm.exceptions import SSMException, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

STEP = "runShellScript"
send_command = SimpleSystemManagerBackend.send_command
get_command_invocation = SimpleSystemManagerResponse.get_command_invocation
describe_document = SimpleSystemManagerResponse.describe_document


def instances(backend):
    """The running instances with their tags, by id."""
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    running = [one for one in ec2.all_instances() if one.state_code == 16]
    return {one.id: {tag["key"]: tag["value"] for tag in one.get_tags()} for one in running}


def describe_instance_information(self):
    """The instances with their agents."""
    asked = [value for one in self._get_param("Filters", []) for value in one["Values"]]
    found = [
        {"InstanceId": id, "PingStatus": "ConnectionLost" if tags.get("emulator:agent") == "off" else "Online"}
        for id, tags in instances(self.ssm_backend).items()
        if not asked or id in asked
    ]
    return ActionResult({"InstanceInformationList": found})


def send(self, **kwargs):
    """What moto does, if AWS would."""
    # moto adds others to the list.
    ids = list(kwargs["instance_ids"])
    if len(ids) > 50:
        raise ValidationException("Member must have length less than or equal to 50")
    known = instances(self)
    if any(id not in known or known[id].get("emulator:agent") == "off" for id in ids):
        raise SSMException("InvalidInstanceId", "Instances not in a valid state for account")
    name = kwargs["document_name"]
    if not name.startswith("AWS-") and name not in self._documents:
        raise SSMException("InvalidDocument", f"Document with name {name} does not exist.")
    command = send_command(self, **kwargs)
    command.looks = 0
    command.ends = {id: ended(known[id], kwargs["parameters"]) for id in ids}
    if bucket := kwargs["output_s3_bucket_name"]:
        s3 = s3_backends[self.account_id]["aws"]
        for id, (_, _, text) in command.ends.items():
            key = f"{command.command_id}/{id}/aws{STEP}/0.aws{STEP}/stdout"
            s3.put_object(bucket, key, text.encode())
    return command


def ended(tags, parameters):
    """Status, exit code and output."""
    status, code, characters = tags.get("emulator:command", "Success 0 0").split()
    text = "x" * int(characters) if int(characters) else json.dumps(parameters, sort_keys=True) + "\n"
    return status, int(code), text


def list_command_invocations(self):
    """How far the instances are."""
    command = self.ssm_backend.get_command_by_id(self._get_param("CommandId"))
    command.looks += 1
    found = []
    for id, (status, code, text) in command.ends.items():
        is_over = command.looks > 1
        simple = {"Success": "Success", "Cancelled": "Cancelled"}.get(status, "Failed")
        simple = "TimedOut" if status.endswith("TimedOut") else simple
        step = {"Name": STEP, "Status": simple, "ResponseCode": code, "Output": text[:2500]}
        if is_over and status != "Undeliverable":
            step["ResponseFinishDateTime"] = command.requested_date_time
        found.append(
            {
                "CommandId": command.command_id,
                "InstanceId": id,
                "DocumentName": command.document_name,
                "Status": simple if is_over else "InProgress",
                "StatusDetails": status if is_over else "InProgress",
                "CommandPlugins": [step] if is_over else [],
            }
        )
    return ActionResult({"CommandInvocations": found})


def get_invocation(self):
    """What moto does, or the output of a step."""
    command = self.ssm_backend.get_command_by_id(self._get_param("CommandId"))
    id = self._get_param("InstanceId")
    if self._get_param("PluginName") != STEP:
        return get_command_invocation(self)
    status, code, text = command.ends[id]
    return ActionResult(
        {
            "CommandId": command.command_id,
            "InstanceId": id,
            "PluginName": STEP,
            "ResponseCode": code,
            "Status": "Success" if status == "Success" else "Failed",
            "StandardOutputContent": text[:24000],
            "StandardErrorContent": "",
        }
    )


def describe(self):
    """What moto does, and the document of AWS that everybody uses."""
    if self._get_param("Name") != "AWS-RunShellScript":
        return describe_document(self)
    parameters = [
        {"Name": "commands", "Type": "StringList"},
        {"Name": "workingDirectory", "Type": "String", "DefaultValue": ""},
        {"Name": "executionTimeout", "Type": "String", "DefaultValue": "3600"},
    ]
    return ActionResult({"Document": {"Name": "AWS-RunShellScript", "Owner": "Amazon", "Parameters": parameters}})


SimpleSystemManagerBackend.send_command = send
SimpleSystemManagerResponse.describe_instance_information = describe_instance_information
SimpleSystemManagerResponse.list_command_invocations = list_command_invocations
SimpleSystemManagerResponse.get_command_invocation = get_invocation
SimpleSystemManagerResponse.describe_document = describe
