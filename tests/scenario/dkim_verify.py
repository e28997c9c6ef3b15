"""Reads an email and prints whether its DKIM signature verifies. The argument is the port of the DNS server on loopback."""

import json
import sys

import dkim
import dns.resolver

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = ["127.0.0.1"]
resolver.port = int(sys.argv[1])


def key_record(name, timeout=5):
    try:
        answer = resolver.resolve(name.decode(), "TXT", lifetime=timeout)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    return b"".join(answer[0].strings)


message = dkim.DKIM(sys.stdin.buffer.read())
try:
    verified = message.verify(dnsfunc=key_record)
except dkim.DKIMException:
    verified = False
fields = {name.decode(): value.decode() for name, value in (message.signature_fields or {}).items()}
signed = [name.decode() for name in message.include_headers or []]
print(json.dumps({"verified": verified, "domain": fields.get("d"), "bits": message.keysize, "headers": signed}))
