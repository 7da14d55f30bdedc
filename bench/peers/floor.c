// What nothing on this machine can be faster than: floor WAY PATH, with one of the ways below. Where the two processes
// of a ping-pong are, decides: left alone they are on one core at one time and on two at another.
#define _GNU_SOURCE
#include "driver.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>

#define COPY_BYTES (1 << 20)
#define PAGE_BYTES 4096
#define LOG_BYTES (8 << 20)

static int peer, file;
static char *from, *to;

static void stay_on(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  MUST(sched_setaffinity(0, sizeof cores, &cores) == 0);
}

// The other process gives back what it gets, over a Unix socket. Core -1: the kernel chooses.
static void start_echo(int core, int other_core) {
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  pid_t child = fork();
  MUST(child >= 0);
  if (core >= 0) stay_on(child == 0 ? other_core : core);
  if (child == 0) {
    char payload[PAYLOAD_BYTES];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    while (read(ends[1], payload, PAYLOAD_BYTES) == PAYLOAD_BYTES) write_all(ends[1], payload, PAYLOAD_BYTES);
    _exit(0);
  }
  close(ends[1]);
  peer = ends[0];
}

static void trip(int number) {
  char payload[PAYLOAD_BYTES], back[PAYLOAD_BYTES];
  write_payload(payload, number);
  write_all(peer, payload, PAYLOAD_BYTES);
  read_all(peer, back, PAYLOAD_BYTES);
  MUST(number_of(back) == number);
}

static void copy(int number) {
  from[number % COPY_BYTES]++;
  memcpy(to, from, COPY_BYTES);
  MUST(to[number % COPY_BYTES] == from[number % COPY_BYTES]);
}

// A page of shared memory that was not there before.
static void fault(int number) {
  static char *pages;
  static int at;
  if (!pages || at == COPY_BYTES) {
    if (pages) MUST(munmap(pages, COPY_BYTES) == 0);
    int memory = memfd_create("faults", 0);
    MUST(memory >= 0 && ftruncate(memory, COPY_BYTES) == 0);
    pages = mmap(NULL, COPY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    MUST(pages != MAP_FAILED);
    close(memory);
    at = 0;
  }
  pages[at] = number;
  at += PAGE_BYTES;
}

// Four KiB into a file that has its size.
static void flush(int number) {
  char page[PAGE_BYTES] = {0};
  write_payload(page, number);
  MUST(pwrite(file, page, PAGE_BYTES, (long)number * PAGE_BYTES % LOG_BYTES) == PAGE_BYTES);
  MUST(fdatasync(file) == 0);
}

static void (*step)(int number);

static double run(int count, double *latencies, int *latency_count) {
  double begun = now();
  for (int number = 0; number < count; number++) {
    double before = now();
    step(number);
    latencies[number] = (now() - before) * 1e6;
  }
  *latency_count = count;
  return now() - begun;
}

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  if (strcmp(way, "pingpong") == 0) {
    start_echo(-1, -1);
    step = trip;
  } else if (strcmp(way, "pingpong-two-cores") == 0) {
    start_echo(0, 1);
    step = trip;
  } else if (strcmp(way, "pingpong-one-core") == 0) {
    start_echo(0, 0);
    step = trip;
  } else if (strcmp(way, "memcpy") == 0) {
    from = calloc(1, COPY_BYTES);
    to = calloc(1, COPY_BYTES);
    MUST(from && to);
    step = copy;
  } else if (strcmp(way, "faults") == 0) {
    step = fault;
  } else if (strcmp(way, "fdatasync") == 0 && argc > 2) {
    static char zeros[LOG_BYTES];
    file = open(argv[2], O_RDWR | O_CREAT, 0600);
    MUST(file >= 0);
    write_all(file, zeros, LOG_BYTES);
    MUST(fsync(file) == 0);
    step = flush;
  } else {
    fprintf(stderr, "unknown way: %s\n", way);
    return 2;
  }
  serve(run);
  return 0;
}
