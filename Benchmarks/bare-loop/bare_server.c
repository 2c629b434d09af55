// The kernel's limit under the gateway's own load tool: the least C that `moonx bench fanout` can be pointed at. One thread that accepts
// WebSockets, remembers which room each has joined, and for each published message calls send() once a member; for several messages of
// one request that concern one room, once for all of them. It knows just enough of HTTP, WebSocket and Socket.IO to be spoken to.
//
//   bare_server -p port [-b bytes of a frame]
//
// bare_loop.c is the same without clients and publisher of this kind. Here both are those that the gateway is measured with: a slow reader
// or an expensive wake-up then costs this loop what it costs the gateway.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 1024, SLOTS = 1 << 14, NAME = 64, MOST_AT_ONCE = 1024 };

struct room {
    char name[NAME];
    int *members;
    size_t count, capacity;
    long pending;
};

struct connection {
    int is_websocket;
    struct room *room;
    char *bytes;
    size_t length, capacity;
};

static struct room rooms[SLOTS];
static struct connection *connections;
static char *frames;
static size_t frame_bytes = 180;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *checked(void *memory) {
    if (memory == NULL) die("malloc");
    return memory;
}

static struct room *find_room(const char *name, size_t length) {
    if (length >= NAME) length = NAME - 1;
    uint64_t hash = 1469598103934665603u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
    for (size_t slot = hash % SLOTS;; slot = (slot + 1) % SLOTS) {
        struct room *room = &rooms[slot];
        if (room->name[0] == '\0') memcpy(room->name, name, length);
        if (strncmp(room->name, name, length) == 0 && room->name[length] == '\0') return room;
    }
}

static void send_all(int client, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(client, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return;
        }
        bytes += sent;
        count -= (size_t)sent;
    }
}

// One short text frame, unmasked (RFC 6455, section 5.2).
static void send_text(int client, const char *text) {
    char frame[128];
    size_t length = strlen(text);
    frame[0] = (char)0x81;
    frame[1] = (char)length;
    memcpy(frame + 2, text, length);
    send_all(client, frame, length + 2);
}

static void deliver(struct room *room) {
    size_t bytes = (size_t)room->pending * frame_bytes;
    for (size_t i = 0; i < room->count; i++) send_all(room->members[i], frames, bytes);
    room->pending = 0;
}

// Every `"symbol":"X"` is one message for the room `price:X`.
static void publish(const char *body, const char *end) {
    static const char key[] = "\"symbol\":\"";
    static struct room *touched[SLOTS];
    size_t count = 0;
    while ((body = memmem(body, (size_t)(end - body), key, sizeof key - 1)) != NULL) {
        body += sizeof key - 1;
        const char *quote = memchr(body, '"', (size_t)(end - body));
        if (quote == NULL) break;
        struct room *room = find_room(body, (size_t)(quote - body));
        if (room->pending++ == 0) touched[count++] = room;
        if (room->pending == MOST_AT_ONCE) {
            deliver(room);
            room->pending = 0;
            count--;
        }
        body = quote;
    }
    for (size_t i = 0; i < count; i++) deliver(touched[i]);
}

// A request that has come whole: returns its length, 0 where more must come.
static size_t http(int client, struct connection *connection, char *bytes, size_t length) {
    char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t head = (size_t)(end - bytes) + 4;
    if (memcmp(bytes, "GET ", 4) == 0) {
        static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        send_all(client, answer, sizeof answer - 1);
        send_text(client, "0{\"sid\":\"bare\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}");
        connection->is_websocket = 1;
        return head;
    }
    *end = '\0';
    const char *field = strcasestr(bytes, "content-length:");
    size_t body = field == NULL ? 0 : strtoul(field + 15, NULL, 10);
    *end = '\r';
    if (length < head + body) return 0;
    publish(bytes + head, bytes + head + body);
    static const char answer[] = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
    send_all(client, answer, sizeof answer - 1);
    return head + body;
}

// A frame of a client that has come whole: returns its length, 0 where more must come. Those of the load tool are shorter than 64 KiB.
static size_t frame(int client, struct connection *connection, unsigned char *bytes, size_t length) {
    if (length < 6) return 0;
    size_t payload = bytes[1] & 0x7F, header = 6;
    if (payload == 126) {
        if (length < 8) return 0;
        payload = (size_t)bytes[2] << 8 | bytes[3];
        header = 8;
    }
    if (length < header + payload) return 0;
    char *text = (char *)bytes + header;
    for (size_t i = 0; i < payload; i++) text[i] = (char)(bytes[header + i] ^ bytes[header - 4 + i % 4]);
    if (payload >= 2 && memcmp(text, "40", 2) == 0) send_text(client, "40{\"sid\":\"bare\"}");
    static const char ping[] = "42[\"ping\"";
    // As long as what the gateway answers.
    static const char pong[] = "42[\"pong\",{\"timestamp\":1700000000000,\"serverTime\":\"2023-11-14T22:13:20.000Z\"}]";
    if (payload >= sizeof ping - 1 && memcmp(text, ping, sizeof ping - 1) == 0) send_text(client, pong);
    static const char join[] = "42[\"join_room\",{\"room\":\"price:";
    if (payload > sizeof join && memcmp(text, join, sizeof join - 1) == 0) {
        char *name = text + sizeof join - 1, *quote = memchr(name, '"', payload - (sizeof join - 1));
        if (quote == NULL) exit(1);
        struct room *room = find_room(name, (size_t)(quote - name));
        if (room->count == room->capacity) {
            room->capacity = room->capacity * 2 + 8;
            room->members = checked(realloc(room->members, room->capacity * sizeof *room->members));
        }
        room->members[room->count++] = client;
        connection->room = room;
        send_text(client, "42[\"room_joined\",{}]");
    }
    return header + payload;
}

static void forget(int client) {
    struct connection *connection = &connections[client];
    struct room *room = connection->room;
    for (size_t i = 0; room != NULL && i < room->count; i++) {
        if (room->members[i] == client) room->members[i--] = room->members[--room->count];
    }
    free(connection->bytes);
    memset(connection, 0, sizeof *connection);
    close(client);
}

static void readable(int client) {
    struct connection *connection = &connections[client];
    if (connection->capacity - connection->length < 2048) {
        connection->capacity = connection->capacity * 2 + 4096;
        connection->bytes = checked(realloc(connection->bytes, connection->capacity));
    }
    ssize_t count = recv(client, connection->bytes + connection->length, connection->capacity - connection->length, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return forget(client);
    connection->length += (size_t)count;
    size_t used = 0;
    while (used < connection->length) {
        char *next = connection->bytes + used;
        size_t rest = connection->length - used;
        size_t one = connection->is_websocket ? frame(client, connection, (unsigned char *)next, rest) : http(client, connection, next, rest);
        if (one == 0) break;
        used += one;
    }
    connection->length -= used;
    if (connection->length > 0) {
        memmove(connection->bytes, connection->bytes + used, connection->length);
    } else {
        free(connection->bytes);
        connection->bytes = NULL;
        connection->capacity = 0;
    }
}

int main(int argc, char **argv) {
    int port = 0;
    for (int option; (option = getopt(argc, argv, "p:b:")) != -1;) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'b': frame_bytes = strtoul(optarg, NULL, 10); break;
        default: port = -1;
        }
    }
    if (port <= 0 || port > 65535 || frame_bytes < 130 || frame_bytes > 65535) {
        fprintf(stderr, "usage: bare_server -p port [-b frame bytes, 130 to 65535]\n");
        return 2;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
    connections = checked(calloc(limit.rlim_max, sizeof *connections));
    signal(SIGPIPE, SIG_IGN);

    // Whole text frames with a length of two bytes.
    frames = checked(malloc(frame_bytes * MOST_AT_ONCE));
    for (size_t i = 0; i < MOST_AT_ONCE; i++) {
        char *frame = frames + i * frame_bytes;
        memset(frame, 'x', frame_bytes);
        frame[0] = (char)0x81;
        frame[1] = 126;
        frame[2] = (char)((frame_bytes - 4) >> 8);
        frame[3] = (char)((frame_bytes - 4) & 0xFF);
        memcpy(frame + 4, "42[\"price_update\",", 18);
    }

    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (listener < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) die("setsockopt");
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
    if (listen(listener, 4096) != 0) die("listen");
    int loop = epoll_create1(0);
    if (loop < 0) die("epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    if (epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event) != 0) die("epoll_ctl");
    for (;;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd != listener) {
                readable(events[i].data.fd);
                continue;
            }
            int client = accept(listener, NULL, NULL);
            if (client < 0) continue;
            if (setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die("setsockopt");
            event.data.fd = client;
            if (epoll_ctl(loop, EPOLL_CTL_ADD, client, &event) != 0) die("epoll_ctl");
        }
    }
}
