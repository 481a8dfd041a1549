"""One address in front of Odoo's two: web sockets go to the evented server, the rest to the workers.

In production a reverse proxy does this; here each connection is looked at once and passed through.
"""

import asyncio
import contextlib
import threading

HEAD_LIMIT = 65536


async def _pump(reader, writer):
    with contextlib.suppress(ConnectionError, OSError):
        while data := await reader.read(HEAD_LIMIT):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(ConnectionError, OSError, RuntimeError):
        writer.write_eof()


class FrontDoor:
    """Listens on ``port`` of the loopback interface.

    :param port: where people come.
    :param http_port: where Odoo's workers listen.
    :param gevent_port: where Odoo's evented server listens.
    """

    def __init__(self, port, http_port, gevent_port):
        self.port, self.http_port, self.gevent_port = port, http_port, gevent_port

    async def _serve(self, reader, writer):
        upstream = None
        try:
            first = await reader.readline()
            target = first.split(b" ")[1] if first.count(b" ") >= 2 else b"/"
            port = self.gevent_port if target.startswith(b"/websocket") else self.http_port
            back, upstream = await asyncio.open_connection("127.0.0.1", port)
            upstream.write(first)
            await asyncio.gather(_pump(reader, upstream), _pump(back, writer))
        except (ConnectionError, OSError, ValueError):
            pass
        except asyncio.CancelledError:
            pass  # the door closes: asyncio's streams would print the cancellation of each connection
        finally:
            for stream in (writer, upstream):
                if stream is not None:
                    stream.close()

    async def run(self, until):
        """Serve until the awaitable ``until`` is done."""
        door = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=HEAD_LIMIT, backlog=512)
        async with door:
            await until


class FrontDoorThread(threading.Thread):
    """A :class:`FrontDoor` beside the work of this process."""

    def __init__(self, port, http_port, gevent_port):
        super().__init__(daemon=True)
        self.door = FrontDoor(port, http_port, gevent_port)
        self.loop, self.ended, self.opened = asyncio.new_event_loop(), None, threading.Event()

    def run(self):
        """Serve until :meth:`stop`."""
        asyncio.set_event_loop(self.loop)
        self.ended = self.loop.create_future()
        self.loop.call_soon(self.opened.set)
        self.loop.run_until_complete(self.door.run(self.ended))
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.close()

    def start(self):
        """Start and wait until the loop runs."""
        super().start()
        self.opened.wait(10)

    def stop(self):
        """End the thread."""
        if self.is_alive():
            self.loop.call_soon_threadsafe(lambda: self.ended.done() or self.ended.set_result(None))
            self.join(10)
