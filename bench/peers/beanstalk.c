// beanstalkd over a Unix socket: beanstalk SOCKET put|put-one|work. "put" has up to 256 puts under way, "put-one" waits
// for each answer; both look afterwards, outside of the time, whether each job is there once. "work" has two workers
// that reserve and delete, and tell which job they had.
#include "driver.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#define UNDER_WAY 256
#define BUFFER_BYTES 65536

struct connection {
  int fd;
  char buffer[BUFFER_BYTES];
  size_t start, end;
};

static struct connection client;
static int done[2];

static void fill(struct connection *connection) {
  if (connection->start > 0) {
    memmove(connection->buffer, connection->buffer + connection->start, connection->end - connection->start);
    connection->end -= connection->start;
    connection->start = 0;
  }
  MUST(connection->end < BUFFER_BYTES);
  ssize_t some = read(connection->fd, connection->buffer + connection->end, BUFFER_BYTES - connection->end);
  MUST(some > 0);
  connection->end += some;
}

// The next line, without its end.
static char *read_line(struct connection *connection) {
  while (1) {
    char *line = connection->buffer + connection->start;
    char *end = memchr(line, '\n', connection->end - connection->start);
    if (end) {
      end[-1] = 0;
      connection->start = end + 1 - connection->buffer;
      return line;
    }
    fill(connection);
  }
}

static void expect_line(struct connection *connection, const char *begin) {
  char *line = read_line(connection);
  if (strncmp(line, begin, strlen(begin)) != 0) {
    fprintf(stderr, "%s instead of %s\n", line, begin);
    exit(1);
  }
}

static void take(struct connection *connection, char *payload) {
  unsigned long long id;
  int bytes;
  char command[64];
  write_all(connection->fd, "reserve\r\n", 9);
  MUST(sscanf(read_line(connection), "RESERVED %llu %d", &id, &bytes) == 2 && bytes == PAYLOAD_BYTES);
  while (connection->end - connection->start < PAYLOAD_BYTES + 2) fill(connection);
  memcpy(payload, connection->buffer + connection->start, PAYLOAD_BYTES);
  connection->start += PAYLOAD_BYTES + 2;
  write_all(connection->fd, command, snprintf(command, sizeof command, "delete %llu\r\n", id));
  expect_line(connection, "DELETED");
}

static size_t put_text(char *text, int number) {
  size_t length = sprintf(text, "put 0 0 600 %d\r\n", PAYLOAD_BYTES);
  write_payload(text + length, number);
  memcpy(text + length + PAYLOAD_BYTES, "\r\n", 2);
  return length + PAYLOAD_BYTES + 2;
}

// Half of what may be under way goes out with one write.
static void put_all(int count) {
  char text[UNDER_WAY * 100];
  int sent = 0, answered = 0;
  while (answered < count) {
    size_t length = 0;
    if (sent < count && sent - answered <= UNDER_WAY / 2) {
      for (int index = 0; index < UNDER_WAY / 2 && sent < count; index++) length += put_text(text + length, sent++);
      write_all(client.fd, text, length);
    }
    expect_line(&client, "INSERTED");
    answered++;
  }
}

static void empty(int count) {
  struct seen seen = expect(count);
  for (int index = 0; index < count; index++) {
    char payload[PAYLOAD_BYTES];
    take(&client, payload);
    see(&seen, payload);
  }
  seen_all(&seen);
}

static double run_put(int count, double *latencies, int *latency_count) {
  (void)latencies, (void)latency_count;
  double begun = now();
  put_all(count);
  double seconds = now() - begun;
  empty(count);
  return seconds;
}

static double run_put_one(int count, double *latencies, int *latency_count) {
  char text[128];
  double begun = now();
  for (int number = 0; number < count; number++) {
    size_t length = put_text(text, number);
    double before = now();
    write_all(client.fd, text, length);
    expect_line(&client, "INSERTED");
    latencies[number] = (now() - before) * 1e6;
  }
  double seconds = now() - begun;
  *latency_count = count;
  empty(count);
  return seconds;
}

static double run_work(int count, double *latencies, int *latency_count) {
  (void)latencies, (void)latency_count;
  char payloads[UNDER_WAY][PAYLOAD_BYTES], text[128];
  struct seen seen = expect(count);
  int sent = 0, answered = 0;
  double begun = now();
  while (answered < count || seen.left > 0) {
    while (sent < count && sent - answered < UNDER_WAY) write_all(client.fd, text, put_text(text, sent++));
    struct pollfd polled[] = {{client.fd, POLLIN, 0}, {done[0], POLLIN, 0}};
    MUST(poll(polled, 2, -1) > 0);
    if (polled[0].revents) {
      fill(&client);
      while (memchr(client.buffer + client.start, '\n', client.end - client.start)) {
        expect_line(&client, "INSERTED");
        answered++;
      }
    }
    if (polled[1].revents) {
      ssize_t some = read(done[0], payloads, sizeof payloads);
      MUST(some > 0 && some % PAYLOAD_BYTES == 0);
      for (int index = 0; index < some / PAYLOAD_BYTES; index++) see(&seen, payloads[index]);
    }
  }
  double seconds = now() - begun;
  seen_all(&seen);
  return seconds;
}

static void work(const char *path) {
  static struct connection connection;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  connection.fd = connect_unix(path);
  while (1) {
    char payload[PAYLOAD_BYTES];
    take(&connection, payload);
    write_all(done[1], payload, PAYLOAD_BYTES);
  }
}

int main(int argc, char **argv) {
  MUST(argc == 3);
  round_function *run = strcmp(argv[2], "put") == 0 ? run_put
      : strcmp(argv[2], "put-one") == 0 ? run_put_one : run_work;
  if (run == run_work) {
    MUST(pipe(done) == 0);
    for (int worker = 0; worker < WORKERS; worker++) {
      pid_t child = fork();
      MUST(child >= 0);
      if (child == 0) work(argv[1]);
    }
  }
  client.fd = connect_unix(argv[1]);
  serve(run);
  return 0;
}
