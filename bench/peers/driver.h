// What all drivers in C have in common: rounds on request, and a look at what came back.
#ifndef DRIVER_H
#define DRIVER_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD_BYTES 64
#define WORKERS 2

#define MUST(condition)                                                                                \
  do {                                                                                                 \
    if (!(condition)) {                                                                                \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno));             \
      exit(1);                                                                                         \
    }                                                                                                  \
  } while (0)

static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// 64 bytes that begin with the number.
static inline void write_payload(char *payload, int number) {
  memset(payload, 0, PAYLOAD_BYTES);
  memcpy(payload, &number, sizeof number);
}

static inline int number_of(const char *payload) {
  int number;
  memcpy(&number, payload, sizeof number);
  return number;
}

// Each number has to come back, and once.
struct seen {
  char *numbers;
  int count, left;
};

static inline struct seen expect(int count) {
  struct seen seen = {calloc(count, 1), count, count};
  MUST(seen.numbers);
  return seen;
}

static inline void see(struct seen *seen, const char *payload) {
  int number = number_of(payload);
  MUST(number >= 0 && number < seen->count && !seen->numbers[number]);
  seen->numbers[number] = 1;
  seen->left--;
}

static inline void seen_all(struct seen *seen) {
  MUST(seen->left == 0);
  free(seen->numbers);
}

static inline int connect_unix(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  MUST(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
  return fd;
}

static inline void write_all(int fd, const void *data, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t some = write(fd, (const char *)data + done, length - done);
    MUST(some > 0);
    done += some;
  }
}

static inline void read_all(int fd, void *data, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t some = read(fd, (char *)data + done, length - done);
    MUST(some > 0);
    done += some;
  }
}

// A round of so many items. Latencies in microseconds go into the array, if they are taken at all.
typedef double round_function(int count, double *latencies, int *latency_count);

static inline void serve(round_function *run) {
  char line[32];
  printf("ready\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    int count = atoi(line), latency_count = 0;
    double *latencies = malloc((count + 1) * sizeof *latencies);
    MUST(count > 0 && latencies);
    double seconds = run(count, latencies, &latency_count);
    printf("{\"seconds\": %.9f, \"latencies\": [", seconds);
    for (int index = 0; index < latency_count; index++) printf("%s%.3f", index ? "," : "", latencies[index]);
    printf("]}\n");
    fflush(stdout);
    free(latencies);
  }
}

#endif
