"""SMTP servers for tests, of each mode one: with TLS or without, and asking
for the user ann with the password in MAIL_PASSWORD or for nobody.

server.py CERTIFICATE KEY prints a line of JSON with their ports by mode, then
one for each mail that any of them gets. It ends with its standard input.
"""
import asyncio
import functools
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Printer:
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "helo": session.host_name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": session.authenticated and session.auth_data.decode(),
            "starttls": session.ssl is not None,
            "text": envelope.content.decode("ascii"),
        }), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"ann" and data.password.decode() == os.environ["MAIL_PASSWORD"]
    return AuthResult(success=right, handled=False, auth_data=data.login)


def connection(mode, auth, context):
    return SMTP(
        Printer(),
        hostname="mail.example",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        auth_required=auth,
        auth_require_tls=mode == "starttls",
        authenticator=authenticate if auth else None,
    )


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*sys.argv[1:])
    loop = asyncio.get_running_loop()
    servers = {}
    for mode in "none", "starttls", "tls":
        for auth in False, True:
            servers[mode + "+auth" * auth] = await loop.create_server(
                functools.partial(connection, mode, auth, context), "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(json.dumps({mode: server.sockets[0].getsockname()[1] for mode, server in servers.items()}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
