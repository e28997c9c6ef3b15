"""An SMTP server that prints each email as one line of JSON. It exits when its standard input closes.

--delay SECONDS       answers each message after that long
--tarpit DOMAIN       never answers to recipients at the domain
"""

import argparse
import asyncio
import json
import sys

from aiosmtpd.controller import Controller

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--delay", type=float, default=0)
parser.add_argument("--tarpit")
options = parser.parse_args()


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if options.tarpit and address.endswith("@" + options.tarpit):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 known"

    async def handle_DATA(self, server, session, envelope):
        line = {"from": envelope.mail_from, "to": envelope.rcpt_tos[0], "raw": envelope.content.decode("utf-8", "replace")}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        await asyncio.sleep(options.delay)
        return "250 2.0.0 taken"


async def main():
    controller = Controller(Sink(), hostname="127.0.0.1", port=options.port, data_size_limit=0)
    controller.start()
    print(json.dumps({"ready": True}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    controller.stop()


asyncio.run(main())
