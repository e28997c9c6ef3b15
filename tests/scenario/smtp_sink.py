"""An SMTP server that prints each email as one line of JSON. It exits when its standard input closes."""

import asyncio
import json
import sys

from aiosmtpd.controller import Controller


class Sink:
    async def handle_DATA(self, server, session, envelope):
        line = {"from": envelope.mail_from, "to": envelope.rcpt_tos[0], "raw": envelope.content.decode("utf-8", "replace")}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return "250 2.0.0 taken"


async def main():
    controller = Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]), data_size_limit=0)
    controller.start()
    print(json.dumps({"ready": True}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    controller.stop()


asyncio.run(main())
