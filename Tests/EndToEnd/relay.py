"""A TCP relay: one address in front of several nodes, as a load balancer is, that a test sends where it likes."""

import contextlib
import socket
import threading


class Relay:
    def __init__(self, port: int):
        self._target: int | None = port
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def lead_to(self, port: int | None):
        """From now on connections go there; to `None` they come to nothing. Those there are stay."""
        with self._lock:
            self._target = port

    def cut(self):
        """Ends all connections on both sides."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            self._end(*pair)

    def drop(self):
        """Ends all connections for the clients; the nodes hear nothing of it."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        self._dropped = [server for _, server in pairs]
        for client, _ in pairs:
            self._end(client)

    def close(self):
        self._listener.close()
        self.cut()

    @staticmethod
    def _end(*sockets):
        for end in sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                target = self._target
            try:
                server = socket.create_connection(("127.0.0.1", target)) if target else None
            except OSError:
                server = None
            if server is None:
                self._end(client)
                continue
            with self._lock:
                self._pairs.append((client, server))
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source, sink, is_client):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with self._lock:
            # Of a client that was dropped on purpose the node does not hear.
            is_ours = any(source in pair for pair in self._pairs)
        if is_ours or not is_client:
            self._end(source, sink)
