#!/usr/bin/env python3
"""A server for tests of outgoing requests: a plain HTTP/1.1 server on a free loopback port that does what the path says, also what no server
should. Prints its port on the first line and ends when its standard input does.

fake_http.py [CERT KEY]: with TLS when a certificate is given.

  /echo            method, headers (sorted, by lower-case name) and body as text
  /status/N/BODY   that status and body
  /bytes/N         N bytes, chunked
  /drip/N/MS       N pieces of "piece <i>;", MS apart
  /forever         pieces until the client goes away; /closed: how often that was seen
  /slow/MS         begins to answer after MS
  /silent          takes the request and never answers; /stall: begins and falls silent
  /cut             promises 100 bytes and sends 10; /cut_chunk: a chunk that is not whole
  /reset           closes without an answer; /once: answers and closes a moment later although it did not say so
  /noise           no HTTP at all
  /head/N          a head of N bytes; /early: 103 before 200; /redirect
  /connections     how many connections there were
"""
import asyncio
import json
import os
import resource
import ssl
import sys

state = {"connections": 0, "closed": 0}


def answer(writer, status, body, headers=()):
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *headers]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def chunk(writer, data):
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\nX-Odd:  a  b \r\n\r\n"


async def stream(writer, words):
    writer.write(CHUNKED)
    if words[0] == "bytes":
        left = int(words[1])
        while left > 0:
            n = min(left, 65536)
            chunk(writer, b"x" * n)
            await writer.drain()
            left -= n
    elif words[0] == "drip":
        for i in range(int(words[1])):
            chunk(writer, b"piece %d;" % i)
            await writer.drain()
            await asyncio.sleep(int(words[2]) / 1000)
    elif words[0] == "forever":
        try:
            while True:
                chunk(writer, b"more;")
                await writer.drain()
                await asyncio.sleep(0.02)
        except (ConnectionError, ssl.SSLError):
            state["closed"] += 1
            return False
    writer.write(b"0\r\n\r\n")
    return True


async def broken(writer, words):
    """What ends or hangs the connection."""
    if words[0] == "silent":
        await asyncio.sleep(3600)
    elif words[0] == "stall":
        writer.write(CHUNKED)
        chunk(writer, b"begun;")
        await writer.drain()
        await asyncio.sleep(3600)
    elif words[0] == "cut":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")
    elif words[0] == "cut_chunk":
        writer.write(CHUNKED + b"64\r\n0123456789")
    elif words[0] == "noise":
        writer.write(b"220 mail.example ESMTP\r\n")
    elif words[0] == "once":
        answer(writer, 200, b"once")
        await writer.drain()
        await asyncio.sleep(0.05)
    return False


async def serve(writer, method, path, headers, body):
    """False: the connection is to be closed."""
    words = path.split("?")[0].strip("/").split("/")
    what = words[0]
    if what in ("silent", "stall", "cut", "cut_chunk", "noise", "once", "reset"):
        return await broken(writer, words)
    if what in ("bytes", "drip", "forever"):
        return await stream(writer, words)
    if what == "echo":
        lines = [f"{method} {path}", *(f"{name}: {value}" for name, value in sorted(headers))]
        answer(writer, 200, "\n".join(lines).encode() + b"\n\n" + body)
    elif what == "status":
        answer(writer, int(words[1]), "/".join(words[2:]).encode(), ["Retry-After: 7"])
    elif what == "slow":
        await asyncio.sleep(int(words[1]) / 1000)
        answer(writer, 200, b"slow")
    elif what == "head":
        answer(writer, 200, b"", ["X-Long: " + "y" * 1000] * (int(words[1]) // 1000))
    elif what == "early":
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n")
        answer(writer, 200, b"late", ["X-Real: yes"])
    elif what == "redirect":
        answer(writer, 302, b"elsewhere", ["Location: /echo"])
    elif what in ("connections", "closed"):
        answer(writer, 200, str(state[what]).encode())
    else:
        answer(writer, 404, json.dumps({"path": path}).encode())
    return True


async def connection(reader, writer):
    state["connections"] += 1
    try:
        while True:
            first_byte = await reader.readexactly(1)
            if first_byte == b"\x16":  # TLS, where none is spoken
                answer(writer, 400, b"no TLS here")
                break
            head = first_byte + await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = [(n.strip().lower(), v.strip()) for n, v in (line.split(":", 1) for line in lines)]
            length = int(dict(headers).get("content-length", 0))
            body = await reader.readexactly(length) if length else b""
            go_on = await serve(writer, method, path, headers, body)
            await writer.drain()
            if not go_on:
                break
    except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, OSError):
        pass
    finally:
        writer.close()


async def main(argv):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    context = None
    if len(argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(argv[1], argv[2])
    server = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=context, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)  # connections that hang are left


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(sys.argv), 600))
