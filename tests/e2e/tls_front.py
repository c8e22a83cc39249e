"""TLS before a server that has none: PORT SOCKET CERTIFICATE KEY, the server being at the socket."""

import asyncio
import ssl
import sys


async def _serve(port: int, server: str, certificate: str, key: str) -> None:
    """Hand what comes over TLS to the server's socket, and hang up when nobody is there."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # one of the two is gone
        finally:
            writer.close()

    async def pair(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner, outer = await asyncio.open_unix_connection(server)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, outer), copy(inner, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    front = await asyncio.start_server(pair, "127.0.0.1", port, ssl=context)
    await front.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), *sys.argv[2:]))
