"""Says which values the service models accept: a second implementation, without the table of `compiler/ir/limits/`.

Reads cases from standard input, one a line as JSON: a member, and a text, a number or a count of elements. Writes `yes`
or `no` for each.
"""

import gzip
import json
import re
import sys
import unicodedata
from pathlib import Path

import botocore

DATA = Path(botocore.__file__).parent / "data"


class Models:
    """The service models as they are in the package."""

    def __init__(self):
        self.services = {}

    def service(self, name):
        if name not in self.services:
            newest = max((DATA / name).iterdir())
            packed = newest / "service-2.json.gz"
            text = gzip.decompress(packed.read_bytes()) if packed.exists() else (newest / "service-2.json").read_bytes()
            self.services[name] = json.loads(text)
        return self.services[name]

    def shape(self, member):
        """The shape of `service:Operation.Member…`."""
        service, path = member.split("@")[0].split(":")
        model = self.service(service)
        operation, *members = path.split(".")
        shape = model["shapes"][model["operations"][operation]["input"]["shape"]]
        for name in members:
            while shape["type"] == "list":
                shape = model["shapes"][shape["member"]["shape"]]
            if shape["type"] == "map":
                reference = shape[name.lower()]
            else:
                reference = shape["members"][name]
            shape = model["shapes"][reference["shape"]]
        return shape, model["shapes"]


def fits(number, shape):
    return shape.get("min", number) <= number <= shape.get("max", number)


def matches(text, pattern):
    """Whether the whole text matches a pattern in Java's language, as far as the models use it."""
    categories = re.findall(r"\\p\{(\w)\}", pattern)
    for category in categories:
        pattern = pattern.replace(rf"\p{{{category}}}", "")
    # Characters of a category that the class contains are as good as a letter that it contains.
    text = "".join("_" if unicodedata.category(c)[0] in categories else c for c in text)
    if "\\uD800" in pattern:
        pattern = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    return re.fullmatch(pattern, text, re.ASCII) is not None


def accepts(models, case):
    shape, shapes = models.shape(case["member"])
    if "count" in case:
        return fits(case["count"], shape) if shape["type"] in ("list", "map") else True
    while shape["type"] == "list":
        shape = shapes[shape["member"]["shape"]]
    if "number" in case:
        return fits(case["number"], shape) if shape["type"] in ("integer", "long", "double", "float") else True
    text = case["text"]
    if shape["type"] != "string":
        return True
    is_known = text in shape.get("enum", [text]) or len(shape.get("enum", [])) > 64
    return fits(len(text), shape) and is_known and ("pattern" not in shape or matches(text, shape["pattern"]))


def main():
    models = Models()
    for line in sys.stdin:
        print("yes" if accepts(models, json.loads(line)) else "no")


main()
