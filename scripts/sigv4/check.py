#!/usr/bin/env python3
"""Says whether the signatures of calls to AWS are right, by making them anew with botocore.

Reads one JSON object for each line of standard input:

    method, path (as on the wire, percent-encoding included), query (without "?"),
    headers ([[name, value], ...] with host and authorization), body (base64),
    region, service, access_key_id, secret_access_key

and answers each with one line: {"ok": true}, or {"ok": false, "expected": ..., "got": ...}, where
"expected" is the signature that would be right or the reason why none would be. Ends with its
standard input. Works with botocore 1.29 (Debian 12) and later.
"""

import base64
import hashlib
import hmac
import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"


class Wrong(Exception):
    """The call cannot have a right signature; the text says why."""


def taken_apart(authorization):
    """The scope, the signed headers and the signature of an authorization header."""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise Wrong(f"an authorization of {ALGORITHM}")
    members = dict(member.strip().partition("=")[::2] for member in rest.split(","))
    try:
        return members["Credential"], members["SignedHeaders"], members["Signature"]
    except KeyError as missing:
        raise Wrong(f"an authorization with {missing}") from missing


def check_signed(headers, signed, body):
    """What must be signed is signed, and what is signed is true."""
    names = {name for name, _ in headers}
    if signed != sorted(set(signed)):
        raise Wrong("signed headers in order, each of them once")
    for name in signed:
        if name not in names:
            raise Wrong(f"the header {name}, which is named as signed")
    for name in sorted(names):
        if (name == "host" or name.startswith("x-amz-")) and name not in signed:
            raise Wrong(f"a signature over the header {name}")
    if "host" not in signed or "x-amz-date" not in signed:
        raise Wrong("a signature over host and x-amz-date")
    claimed = [value for name, value in headers if name == "x-amz-content-sha256"]
    if claimed and claimed != [hashlib.sha256(body).hexdigest()]:
        raise Wrong("the hash of the body in x-amz-content-sha256")


def expected_signature(asked, headers, signed, body):
    """The signature that botocore makes at the same time over the same headers."""
    host = next(value for name, value in headers if name == "host")
    date = next(value for name, value in headers if name == "x-amz-date")
    query = f"?{asked['query']}" if asked["query"] else ""
    request = AWSRequest(
        method=asked["method"],
        url=f"http://{host}{asked['path']}{query}",
        data=body,
    )
    for name, value in headers:
        if name in signed:
            request.headers[name] = value
    # The signer takes the time from here; its add_auth would set the present one.
    request.context["timestamp"] = date
    credentials = Credentials(asked["access_key_id"], asked["secret_access_key"])
    signer = SigV4Auth(credentials, asked["service"], asked["region"])
    canonical = signer.canonical_request(request)
    text = signer.string_to_sign(request, canonical)
    return signer.scope(request), signer.signature(text, request)


def verdict(asked):
    """The answer to one question."""
    got = None
    try:
        headers = [(name.lower(), value) for name, value in asked["headers"]]
        body = base64.b64decode(asked["body"], validate=True)
        authorizations = [value for name, value in headers if name == "authorization"]
        if len(authorizations) != 1:
            raise Wrong("one authorization header")
        scope, signed, got = taken_apart(authorizations[0])
        signed = signed.split(";")
        check_signed(headers, signed, body)
        right_scope, signature = expected_signature(asked, headers, signed, body)
        if scope != right_scope:
            raise Wrong(f"the scope {right_scope}")
        if not hmac.compare_digest(signature.encode(), got.encode()):
            return {"ok": False, "expected": signature, "got": got}
        return {"ok": True}
    except Wrong as wrong:
        return {"ok": False, "expected": str(wrong), "got": got}
    except Exception as error:  # Whatever cannot be signed is not signed rightly.
        return {"ok": False, "expected": f"a call that can be signed: {error!r}", "got": got}


def main():
    for line in sys.stdin:
        print(json.dumps(verdict(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
