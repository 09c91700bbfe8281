"""CloudWatch over smithy's RPC v2 with CBOR, the only protocol of the AWS SDK for Rust, which moto does not speak.

A call is turned into one of the JSON protocol, which moto speaks, and the answer back.
"""

import functools
import io
import json
import re

import botocore.session
import cbor2

PATH = re.compile(r"/service/(?P<target>GraniteServiceVersion20100801)/operation/(?P<operation>\w+)")
KEPT_HEADERS = ("x-amzn-requestid", "x-amzn-query-error")


def speaking_cbor(serve):
    """The WSGI method `serve`, for calls in CBOR too."""

    def answer(self, environ, start_response):
        path = PATH.fullmatch(environ.get("PATH_INFO", ""))
        if path is None or environ.get("HTTP_SMITHY_PROTOCOL") != "rpc-v2-cbor":
            return serve(self, environ, start_response)
        status, headers, text = call(functools.partial(serve, self), in_json(environ, path))
        try:
            said = json.loads(text or b"{}")
        except ValueError:
            # A failure of the server itself, as HTML.
            start_response(status, headers)
            return [text]
        if status.startswith("200"):
            said = dressed(output(path["operation"]), said)
        body = cbor2.dumps(said)
        headers = [(name, value) for name, value in headers if name.lower() in KEPT_HEADERS]
        headers += [
            ("Content-Type", "application/cbor"),
            ("Content-Length", str(len(body))),
            ("Smithy-Protocol", "rpc-v2-cbor"),
        ]
        start_response(status, headers)
        return [body]

    return answer


def in_json(environ, path):
    """The same call in the JSON protocol."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    asked = cbor2.loads(environ["wsgi.input"].read(length)) if length else {}
    body = json.dumps(asked, default=lambda time: time.timestamp()).encode()
    return environ | {
        "PATH_INFO": "/",
        "RAW_URI": "/",
        "REQUEST_URI": "/",
        "CONTENT_TYPE": "application/x-amz-json-1.0",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_AMZ_TARGET": f"{path['target']}.{path['operation']}",
        "wsgi.input": io.BytesIO(body),
    }


def call(serve, environ):
    """Status, headers and body of the answer."""
    heard = {}

    def hear(status, headers, exc_info=None):
        heard.update(status=status, headers=headers)

    body = b"".join(serve(environ, hear))
    return heard["status"], heard["headers"], body


@functools.cache
def output(operation):
    """The shape of what an operation answers."""
    service = botocore.session.get_session().get_service_model("cloudwatch")
    return service.operation_model(operation).output_shape


def dressed(shape, value):
    """A value of JSON with the types that CBOR tells apart."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        return {name: dressed(shape.members[name], part) for name, part in value.items() if part is not None}
    if shape.type_name == "list":
        return [dressed(shape.member, part) for part in value]
    if shape.type_name == "map":
        return {key: dressed(shape.value, part) for key, part in value.items()}
    if shape.type_name == "timestamp":
        return cbor2.CBORTag(1, value)
    if shape.type_name in ("double", "float"):
        return float(value)
    return value
