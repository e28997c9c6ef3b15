"""Python's gql over HTTP and WebSocket; `python.test.mjs` starts the server and says where it is."""

import asyncio
import os
import unittest

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError, TransportServerError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["VESTIBULE_URL"]
SOCKET = URL.replace("http", "ws", 1)
KEY = os.environ["VESTIBULE_KEY"]

PEOPLE = "query People($first: Int!) { contacts(first: $first) { totalCount } }"
INVITE = "mutation Invite($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }"
COUNTS = "subscription { portalStats { invited } }"


def http(token=KEY):
    return AIOHTTPTransport(url=URL, headers={"Authorization": f"Bearer {token}"})


def socket(token=KEY):
    return WebsocketsTransport(url=SOCKET, init_payload={"authorization": f"Bearer {token}"})


def asked(document, **variables):
    request = gql(document)
    request.variable_values = variables
    return request


def codes(error):
    return [each["extensions"]["code"] for each in error.errors]


class Operations:
    async def test_query_and_mutation(self):
        async with Client(transport=self.transport()) as session:
            data = await session.execute(asked(INVITE, emails=[f"{type(self).__name__}@people.example"]))
            self.assertEqual(data, {"inviteContacts": {"count": 1}})
            data = await session.execute(asked(PEOPLE, first=1))
            self.assertGreaterEqual(data["contacts"]["totalCount"], 1)

    async def test_errors(self):
        async with Client(transport=self.transport()) as session:
            for document, variables, code in [
                ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
                (PEOPLE, {"first": 101}, "BAD_USER_INPUT"),
                (PEOPLE, {}, "BAD_USER_INPUT"),
            ]:
                with self.assertRaises(TransportQueryError) as raised:
                    await session.execute(asked(document, **variables))
                self.assertEqual(codes(raised.exception), [code])


class Http(Operations, unittest.IsolatedAsyncioTestCase):
    transport = staticmethod(http)

    async def test_bad_token(self):
        with self.assertRaises((TransportServerError, TransportQueryError)) as raised:
            async with Client(transport=http("nobody")) as session:
                await session.execute(asked(PEOPLE, first=1))
        error = raised.exception
        if isinstance(error, TransportServerError):
            self.assertEqual(error.code, 401)
        else:
            self.assertEqual(codes(error), ["UNAUTHENTICATED"])

    async def test_schema_from_introspection(self):
        async with Client(transport=http(), fetch_schema_from_transport=True) as session:
            self.assertIn("portalStats", session.client.schema.query_type.fields)


class Socket(Operations, unittest.IsolatedAsyncioTestCase):
    transport = staticmethod(socket)

    async def test_bad_token(self):
        with self.assertRaises(TransportError):
            async with Client(transport=socket("nobody")) as session:
                await session.execute(asked(PEOPLE, first=1))

    async def test_subscription(self):
        async with Client(transport=socket()) as session, Client(transport=http()) as other:
            stream = session.subscribe(gql(COUNTS))
            first = await asyncio.wait_for(anext(stream), 5)
            await other.execute(asked(INVITE, emails=["later@people.example"]))
            second = await asyncio.wait_for(anext(stream), 5)
            self.assertEqual(second["portalStats"]["invited"], first["portalStats"]["invited"] + 1)
            await stream.aclose()


if __name__ == "__main__":
    unittest.main()
