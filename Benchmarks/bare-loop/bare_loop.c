// The kernel's limit for a fan-out: one thread that accepts N TCP connections on loopback and sends each of them every message, with
// nothing else to do. What a gateway reaches is judged by what this loop reaches on the same machine in the same minute.
//
//   bare_loop [-n connections] [-m messages] [-k frames in one send()] [-b bytes of a frame] [-j]
//
// The clients are a second process, which reads and counts. The next message goes out when the clients have everything of the last; they
// say so through a pipe. The CPU time counted is the server's alone (getrusage), between the first message and the last.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_PER_ADDRESS = 20000, EVENTS = 1024 };

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long number(const char *text, long least, long most) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < least || value > most) {
        fprintf(stderr, "bare_loop: %s is not a number from %ld to %ld\n", text, least, most);
        exit(2);
    }
    return value;
}

static void raise_descriptor_limit(long needed) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
    if (limit.rlim_cur >= (rlim_t)needed) return;
    if (limit.rlim_max < (rlim_t)needed) {
        fprintf(stderr, "bare_loop: %ld open files are needed, the hard limit is %ld\n", needed, (long)limit.rlim_max);
        exit(1);
    }
    limit.rlim_cur = (rlim_t)needed;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
}

static double seconds_of_cpu(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) die("getrusage");
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Connects, then reads and counts; writes a byte to `done` whenever `round` bytes have come in all, until the server is gone.
static void run_clients(long connections, long round, in_port_t port, int done) {
    int loop = epoll_create1(0);
    if (loop < 0) die("epoll_create1");
    for (long i = 0; i < connections; i++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (client < 0) die("socket");
        struct sockaddr_in source = {.sin_family = AF_INET};
        source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(i / CONNECTIONS_PER_ADDRESS));
        if (i >= CONNECTIONS_PER_ADDRESS && bind(client, (struct sockaddr *)&source, sizeof source) != 0) die("bind");
        struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = port};
        server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(client, (struct sockaddr *)&server, sizeof server) != 0) die("connect");
        struct epoll_event event = {.events = EPOLLIN, .data.fd = client};
        if (epoll_ctl(loop, EPOLL_CTL_ADD, client, &event) != 0) die("epoll_ctl");
    }
    static char buffer[65536];
    struct epoll_event events[EVENTS];
    long received = 0;
    for (;;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < count; i++) {
            ssize_t bytes = read(events[i].data.fd, buffer, sizeof buffer);
            if (bytes <= 0) exit(0);
            received += bytes;
        }
        while (received >= round) {
            received -= round;
            if (write(done, "", 1) != 1) exit(0);
        }
    }
}

static void send_all(int client, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(client, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            die("send");
        }
        bytes += sent;
        count -= (size_t)sent;
    }
}

int main(int argc, char **argv) {
    long connections = 1000, messages = 200, at_once = 1, frame_bytes = 180;
    int json = 0;
    for (int option; (option = getopt(argc, argv, "n:m:k:b:j")) != -1;) {
        switch (option) {
        case 'n': connections = number(optarg, 1, 1000000); break;
        case 'm': messages = number(optarg, 1, 100000000); break;
        case 'k': at_once = number(optarg, 1, 1024); break;
        case 'b': frame_bytes = number(optarg, 130, 65535); break;
        case 'j': json = 1; break;
        default: fprintf(stderr, "usage: bare_loop [-n connections] [-m messages] [-k at once] [-b frame bytes] [-j]\n"); return 2;
        }
    }
    raise_descriptor_limit(connections + 32);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
    if (listen(listener, 4096) != 0) die("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) die("getsockname");

    int done[2];
    if (pipe(done) != 0) die("pipe");
    pid_t clients = fork();
    if (clients < 0) die("fork");
    if (clients == 0) {
        close(listener);
        close(done[0]);
        run_clients(connections, connections * at_once * frame_bytes, address.sin_port, done[1]);
    }
    close(done[1]);

    int *sockets = calloc((size_t)connections, sizeof *sockets);
    char *frames = malloc((size_t)(at_once * frame_bytes));
    if (sockets == NULL || frames == NULL) die("malloc");
    for (long i = 0; i < connections; i++) {
        sockets[i] = accept(listener, NULL, NULL);
        if (sockets[i] < 0) die("accept");
        int on = 1;
        if (setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die("setsockopt");
    }
    // Whole WebSocket text frames (RFC 6455, section 5.2), unmasked, with a length of two bytes.
    for (long i = 0; i < at_once; i++) {
        char *frame = frames + i * frame_bytes;
        memset(frame, 'x', (size_t)frame_bytes);
        frame[0] = (char)0x81;
        frame[1] = 126;
        frame[2] = (char)((frame_bytes - 4) >> 8);
        frame[3] = (char)((frame_bytes - 4) & 0xFF);
    }

    long rounds = (messages + at_once - 1) / at_once, warm_up = 10;
    double cpu = 0, wall = 0;
    for (long round = -warm_up; round < rounds; round++) {
        if (round == 0) {
            cpu = seconds_of_cpu();
            wall = seconds_now();
        }
        for (long i = 0; i < connections; i++) send_all(sockets[i], frames, (size_t)(at_once * frame_bytes));
        char byte;
        if (read(done[0], &byte, 1) != 1) die("clients");
    }
    cpu = seconds_of_cpu() - cpu;
    wall = seconds_now() - wall;
    for (long i = 0; i < connections; i++) close(sockets[i]);
    if (waitpid(clients, NULL, 0) != clients) die("waitpid");

    double deliveries = (double)(rounds * at_once * connections);
    if (json) {
        printf(
            "{\"measurement\":\"bare-loop\",\"connections\":%ld,\"inFlight\":%ld,\"frameBytes\":%ld,\"deliveries\":%.0f,"
            "\"seconds\":%.3f,\"serverSeconds\":%.3f,\"perServerSecond\":%.0f}\n",
            connections, at_once, frame_bytes, deliveries, wall, cpu, deliveries / cpu
        );
    } else {
        printf("bare loop, %ld connections, %ld frames of %ld bytes in one send()\n", connections, at_once, frame_bytes);
        printf("  deliveries                        %.0f\n", deliveries);
        printf("  seconds                           %.3f\n", wall);
        printf("  server CPU seconds                %.3f\n", cpu);
        printf("  deliveries per server CPU-second  %.0f\n", deliveries / cpu);
    }
    return 0;
}
