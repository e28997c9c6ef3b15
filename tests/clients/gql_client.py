"""Python's gql over HTTP and WebSocket. `python.test.mjs` starts the server and passes its URL."""

import asyncio
import os
import unittest

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["VESTIBULE_URL"]
SOCKET = URL.replace("http", "ws", 1)
KEY = os.environ["VESTIBULE_KEY"]

PEOPLE = "query People($first: Int!) { contacts(first: $first) { totalCount } }"
INVITE = "mutation Invite($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }"
COUNTS = "subscription { portalStats { invited } }"


def http(token=KEY):
    return AIOHTTPTransport(url=URL, headers={"Authorization": f"Bearer {token}"})


# By default these transports also offer the older protocol, and read the response header in one letter case only: if it is in
# lower case, as HTTP allows, they assume a server of the older protocol.
SUBPROTOCOLS = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]


def socket(token=KEY):
    return WebsocketsTransport(url=SOCKET, init_payload={"authorization": f"Bearer {token}"}, subprotocols=SUBPROTOCOLS)


def aiohttp_socket(token=KEY):
    return AIOHTTPWebsocketsTransport(url=SOCKET, init_payload={"authorization": f"Bearer {token}"}, subprotocols=SUBPROTOCOLS)


def operation(document, **variables):
    request = gql(document)
    request.variable_values = variables
    return request


# Not `assertRaises`: it clears the frames of the error, and with them the transport's event loop.
async def refusal(session, document, **variables):
    try:
        return await session.execute(operation(document, **variables))
    except TransportQueryError as error:
        return [each["extensions"]["code"] for each in error.errors]


class Operations:
    async def test_query_and_mutation(self):
        async with Client(transport=self.transport()) as session:
            data = await session.execute(operation(INVITE, emails=[f"{type(self).__name__}@people.example"]))
            self.assertEqual(data, {"inviteContacts": {"count": 1}})
            data = await session.execute(operation(PEOPLE, first=1))
            self.assertGreaterEqual(data["contacts"]["totalCount"], 1)

    async def test_errors(self):
        async with Client(transport=self.transport()) as session:
            for document, variables, code in [
                ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
                (PEOPLE, {"first": 101}, "BAD_USER_INPUT"),
                (PEOPLE, {}, "BAD_USER_INPUT"),
            ]:
                self.assertEqual(await refusal(session, document, **variables), [code])


class Http(Operations, unittest.IsolatedAsyncioTestCase):
    transport = staticmethod(http)

    async def test_bad_token(self):
        async with Client(transport=http("nobody")) as session:
            self.assertEqual(await refusal(session, PEOPLE, first=1), ["UNAUTHENTICATED"])
            self.assertEqual(session.transport.response_headers["WWW-Authenticate"], "Bearer")

    async def test_schema_from_introspection(self):
        async with Client(transport=http(), fetch_schema_from_transport=True) as session:
            self.assertIn("portalStats", session.client.schema.query_type.fields)


class Socket(Operations, unittest.IsolatedAsyncioTestCase):
    transport = staticmethod(socket)

    async def test_bad_token(self):
        with self.assertRaises(TransportError):
            async with Client(transport=self.transport("nobody")) as session:
                await session.execute(operation(PEOPLE, first=1))

    async def test_subscription(self):
        async with Client(transport=self.transport()) as session, Client(transport=http()) as other:
            stream = session.subscribe(gql(COUNTS))
            first = await asyncio.wait_for(anext(stream), 5)
            await other.execute(operation(INVITE, emails=[f"{type(self).__name__}.later@people.example"]))
            second = await asyncio.wait_for(anext(stream), 5)
            self.assertEqual(second["portalStats"]["invited"], first["portalStats"]["invited"] + 1)
            await stream.aclose()


class AiohttpSocket(Socket):
    transport = staticmethod(aiohttp_socket)


if __name__ == "__main__":
    unittest.main()
