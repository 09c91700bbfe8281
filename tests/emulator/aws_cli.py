"""`aws SERVICE OPERATION --OPTION VALUE…` by boto3, as far as the overlay of `examples/images` needs the AWS CLI."""

import json
import sys

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError


def value(shape, words):
    """The value of an option."""
    if shape.type_name == "list" and shape.member.type_name == "structure" and not words[0].startswith("["):
        return [{"Name": name, "Values": values.split(",")} for name, values in map(filtered, words)]
    if shape.type_name == "list" and shape.member.type_name != "structure":
        return words
    if shape.type_name in ("list", "structure"):
        return json.loads(words[0])
    return int(words[0]) if shape.type_name == "integer" else words[0]


def filtered(word):
    """`Name=N,Values=A,B` as the CLI reads it."""
    name, values = word.removeprefix("Name=").split(",Values=", 1)
    return name, values


def main():
    """Makes one call."""
    service, operation, *rest = sys.argv[1:]
    client = boto3.client("s3" if service == "s3api" else service)
    method = operation.replace("-", "_")
    name = client.meta.method_to_api_mapping[method]
    members = client.meta.service_model.operation_model(name).input_shape.members
    named = {xform_name(member).replace("_", "-"): member for member in members}
    options, positional, current = {}, [], None
    for word in rest:
        if word.startswith("--") and word != "--output":
            current = word[2:]
            options[current] = []
        elif word == "--output":
            current = word
        elif current == "--output":
            current = None
        elif service == "s3api" and current and options[current]:
            positional.append(word)
        else:
            options[current].append(word)
    parameters = {}
    for option, words in options.items():
        if not words:
            parameters[named[option.removeprefix("no-")]] = not option.startswith("no-")
        else:
            parameters[named[option]] = value(members[named[option]], words)
    try:
        answer = getattr(client, method)(**parameters)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        sys.exit(f"\nAn error occurred ({code}) when calling the {name} operation: {message}")
    answer.pop("ResponseMetadata", None)
    if positional:
        with open(positional[0], "wb") as file:
            file.write(answer.pop("Body").read())
    print(json.dumps(answer, default=str))


main()
