"""A cable between a browser and a server, to be cut and mended: what a network does, service workers included."""

import contextlib
import socket
import threading

from devtools.ports import free_port

CHUNK = 65536


class Wire:
    """Hands bytes on to a server while it is whole.

    :param running: the served database; ``url`` of this wire is its address through it.
    """

    def __init__(self, running):
        self.target = ("127.0.0.1", running.port)
        self.port = free_port()
        self.is_hanging = False
        self.unheard = None
        self.lost = threading.Event()  # such a request has been handed on
        self.instead = None
        self.pairs = []
        self.lock = threading.Lock()
        self.listener = None
        self.mend()

    @property
    def url(self):
        """The server's address through this wire."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self):
        """Nobody answers: connections are refused, open ones end."""
        listener, self.listener = self.listener, None
        if listener:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for one in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def hang(self):
        """Bad wifi: what is sent gets lost without a word."""
        self.is_hanging = True

    def answer_instead(self, part, status):
        """Answer requests that have these bytes in them in the server's place, as a proxy does that has lost it.

        :param status: number and words, such as ``404 Not Found``
        """
        body = f"<h1>{status}</h1>".encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close"
        self.instead = part, head.encode() + b"\r\n\r\n" + body

    def mend(self, losing=None):
        """Hand on again.

        :param losing: bytes; the answers to requests that have them in them get lost: of those only the server knows
        """
        if self.is_hanging:
            self.cut()  # what was lost does not come back
        self.is_hanging = False
        self.unheard, self.instead = losing, None
        if self.listener is None:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(64)
            self.listener = listener
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                near, _address = listener.accept()
                far = socket.create_connection(self.target)
            except OSError:
                return
            with self.lock:
                self.pairs.append((near, far))
            mute = threading.Event()
            for source, sink, is_request in ((near, far, True), (far, near, False)):
                arguments = (source, sink, mute, is_request)
                threading.Thread(target=self._hand_on, args=arguments, daemon=True).start()

    def _hand_on(self, source, sink, mute, is_request):
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if is_request and self.unheard and self.unheard in data:
                    mute.set()
                    self.lost.set()
                if is_request and self.instead and self.instead[0] in data:
                    source.sendall(self.instead[1])
                    break
                if not self.is_hanging and (is_request or not mute.is_set()):
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
