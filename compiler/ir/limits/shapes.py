"""Writes what AWS accepts for the values that asiaq sends, one member of a request a line, to standard output.

The members are those that the attributes `#[aws(…)]` in `compiler/ir/src/kinds/` name. What AWS accepts is read from the
service models of the pinned botocore (`tests/requirements.txt`): `make limits` writes it to `models.txt`.
"""

import datetime
import importlib.metadata
import re
import sys
from pathlib import Path

import botocore.session

HERE = Path(__file__).parent
KINDS = HERE.parent / "src" / "kinds"

# `service:Operation.Member.Member`, and after `@` which of several values of one member it is.
MEMBER = re.compile(r'"([a-z0-9-]+:[A-Za-z0-9.]+(?:@[\w.-]+)?)"')
TAGS = re.compile(r'tags = ("[^"]+")')
# The pattern of any text.
ANY = ".*"
# Longer enumerations change every week, and are tables of their own.
MOST_WORDS = 64
# Code units of UTF-16, as the models write every character beyond the first plane.
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"


def wanted():
    """The names in the attributes, in order."""
    names = set()
    for source in sorted(KINDS.glob("*.rs")):
        for attribute in re.findall(r"#\[aws\((.*?)\)\]", source.read_text(), re.DOTALL):
            tags = {name for quoted in TAGS.findall(attribute) for name in MEMBER.findall(quoted)}
            names |= tags | set(MEMBER.findall(attribute))
            names |= {f"{name}.{part}" for name in tags for part in ("Key", "Value")}
    return sorted(names)


def descend(shape, member):
    """The member of a structure, of the structures in a list, or of a map: `Key` and `Value`."""
    while shape.type_name == "list":
        shape = shape.member
    if shape.type_name == "map":
        return {"Key": shape.key, "Value": shape.value}[member], False
    return shape.members[member], member in shape.required_members


def look_up(session, name):
    """The shape of a member, and whether a request needs it."""
    service, path = name.partition("@")[0].split(":")
    operation, *members = path.split(".")
    shape, required = session.get_service_model(service).operation_model(operation).input_shape, False
    for member in members:
        shape, required = descend(shape, member)
    return shape, required


def bounds(metadata):
    return f"{metadata.get('min', '')}..{metadata.get('max', '')}"


def characters(pattern):
    """The character class of a pattern that is one class, repeated; else none."""
    text = pattern.replace(SURROGATES, r"\u{10000}-\u{10FFFF}")
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\u{\1}", text).replace(r"\w", "A-Za-z0-9_")
    text = re.sub(r"^\^?\(?|\)?\$?$", "", text)
    one_class = r"\[(?:[^\]\\]|\\.)+\]"
    if found := re.fullmatch(rf"({one_class})(?:[+*]|\{{\d+,\d+\}})", text):
        return f"chars={found[1]}"
    if found := re.fullmatch(rf"({one_class})\.\*", text):
        return f"first={found[1]}"
    return None


def facts(shape, required):
    """What a shape says, in the words of `models.txt`."""
    metadata, kind = shape.metadata, shape.type_name
    if required:
        yield "required"
    if kind in ("list", "map"):
        if "min" in metadata or "max" in metadata:
            yield f"count={bounds(metadata)}"
        if kind == "list" and shape.member.type_name == "string":
            yield from facts(shape.member, False)
    elif "min" in metadata or "max" in metadata:
        yield f"{'length' if kind in ('string', 'blob') else 'value'}={bounds(metadata)}"
    elif kind == "string" and (length := re.search(r"\{(\d+),(\d+)\}\$?$", metadata.get("pattern", ""))):
        yield f"length={length[1]}..{length[2]}"
    if kind == "string" and 0 < len(shape.enum) <= MOST_WORDS:
        yield f"words={','.join(shape.enum)}"
    if (pattern := metadata.get("pattern", ANY)) != ANY:
        yield characters(pattern) or f"unread={pattern}"


def main():
    session = botocore.session.get_session()
    version = importlib.metadata.version("botocore")
    print(f"# Made by shapes.py from the service models of botocore {version} on {datetime.date.today()}.")
    missing = []
    for name in wanted():
        try:
            shape, required = look_up(session, name)
        except (KeyError, AttributeError, botocore.model.OperationNotFoundError) as error:
            missing.append(f"{name}: {error!r}")
            continue
        print("\t".join([name, *facts(shape, required)]))
    if missing:
        sys.exit("the models have no\n  " + "\n  ".join(missing))


main()
