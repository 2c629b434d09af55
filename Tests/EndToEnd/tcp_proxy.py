"""A TCP proxy between a gateway and Redis that breaks as networks do: cut in the middle of an answer, or silent both ways."""

import socket
import struct
import threading

CHUNK = 64 * 1024


class TCPProxy:
    def __init__(self, port: int):
        """Passes on to a port of loopback."""
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._flowing = threading.Event()
        self._flowing.set()
        self._lock = threading.Lock()
        self._connections: set[_Connection] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket):
        self._flowing.wait()
        try:
            connection = _Connection(client, socket.create_connection(("127.0.0.1", self._target)), self._flowing)
        except OSError:
            return client.close()
        with self._lock:
            self._connections.add(connection)
        connection.run()
        with self._lock:
            self._connections.discard(connection)

    def cut(self) -> int:
        """Passes half of the next answer on over each connection, then resets it; answers how many there were."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.is_cut = True
        for connection in connections:
            # One on which nothing is said is cut all the same.
            connection.is_over.wait(2)
            connection.reset()
        return len(connections)

    def silence(self):
        """Takes connections and bytes, and passes nothing on."""
        self._flowing.clear()

    def resume(self):
        """Passes on what has been held back."""
        self._flowing.set()

    def stop(self):
        self._listener.close()
        self._flowing.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.reset()


class _Connection:
    def __init__(self, client: socket.socket, server: socket.socket, flowing: threading.Event):
        self._client, self._server, self._flowing = client, server, flowing
        self.is_cut = False
        self.is_over = threading.Event()

    def run(self):
        other = threading.Thread(target=self._pump, args=(self._client, self._server, False), daemon=True)
        other.start()
        self._pump(self._server, self._client, True)
        other.join()

    def _pump(self, source: socket.socket, sink: socket.socket, is_answer: bool):
        try:
            while data := source.recv(CHUNK):
                self._flowing.wait()
                if is_answer and self.is_cut:
                    sink.sendall(data[: len(data) // 2])
                    break
                sink.sendall(data)
        except OSError:
            pass
        self.reset()

    def reset(self):
        for end in (self._client, self._server):
            try:
                # No FIN that would wait for what is still to be sent: a reset.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RD)
                end.close()
            except OSError:
                pass
        self.is_over.set()
