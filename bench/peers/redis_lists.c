// Lists of Redis as queues, over a Unix socket: redis_lists SOCKET one|many. The client pushes to one list, two workers
// take from there and push what they took to another list. Nothing is acknowledged: who dies with a task loses it.
#include "driver.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>

// How many go with one write, and how many are under way.
#define BATCH 32
#define UNDER_WAY 4096

static redisContext *client;

static redisContext *open_redis(const char *path) {
  redisContext *context = redisConnectUnix(path);
  MUST(context && !context->err);
  return context;
}

static redisReply *next(redisContext *context) {
  redisReply *reply;
  MUST(redisGetReply(context, (void **)&reply) == REDIS_OK && reply->type != REDIS_REPLY_ERROR);
  return reply;
}

static void push(redisContext *context, const char *list, const char *payload) {
  MUST(redisAppendCommand(context, "LPUSH %s %b", list, payload, (size_t)PAYLOAD_BYTES) == REDIS_OK);
}

static void skip(redisContext *context, int count) {
  while (count-- > 0) freeReplyObject(next(context));
}

// Waits for one, and takes what else is there, up to a batch.
static int take(redisContext *context, const char *list, char payloads[][PAYLOAD_BYTES]) {
  MUST(redisAppendCommand(context, "BRPOP %s 0", list) == REDIS_OK);
  MUST(redisAppendCommand(context, "RPOP %s %d", list, BATCH - 1) == REDIS_OK);
  redisReply *first = next(context), *rest = next(context);
  MUST(first->elements == 2 && first->element[1]->len == PAYLOAD_BYTES);
  memcpy(payloads[0], first->element[1]->str, PAYLOAD_BYTES);
  int count = 1;
  for (size_t index = 0; index < rest->elements; index++, count++)
    memcpy(payloads[count], rest->element[index]->str, PAYLOAD_BYTES);
  freeReplyObject(first);
  freeReplyObject(rest);
  return count;
}

static void work(const char *path) {
  char payloads[BATCH][PAYLOAD_BYTES];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  redisContext *context = open_redis(path);
  while (1) {
    int count = take(context, "tasks", payloads);
    for (int index = 0; index < count; index++) push(context, "results", payloads[index]);
    skip(context, count);
  }
}

static double run_many(int count, double *latencies, int *latency_count) {
  (void)latencies, (void)latency_count;
  char payloads[BATCH][PAYLOAD_BYTES];
  struct seen seen = expect(count);
  int sent = 0;
  double begun = now();
  while (seen.left > 0) {
    while (sent < count && sent - (count - seen.left) < UNDER_WAY) {
      int batch = 0;
      for (; batch < BATCH && sent < count; batch++) {
        write_payload(payloads[0], sent++);
        push(client, "tasks", payloads[0]);
      }
      skip(client, batch);
    }
    int taken = take(client, "results", payloads);
    for (int index = 0; index < taken; index++) see(&seen, payloads[index]);
  }
  double seconds = now() - begun;
  seen_all(&seen);
  return seconds;
}

static double run_one_by_one(int count, double *latencies, int *latency_count) {
  char payloads[BATCH][PAYLOAD_BYTES];
  double begun = now();
  for (int number = 0; number < count; number++) {
    write_payload(payloads[0], number);
    double before = now();
    push(client, "tasks", payloads[0]);
    skip(client, 1);
    MUST(take(client, "results", payloads) == 1 && number_of(payloads[0]) == number);
    latencies[number] = (now() - before) * 1e6;
  }
  *latency_count = count;
  return now() - begun;
}

int main(int argc, char **argv) {
  MUST(argc == 3);
  for (int worker = 0; worker < WORKERS; worker++) {
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) work(argv[1]);
  }
  client = open_redis(argv[1]);
  serve(strcmp(argv[2], "one") == 0 ? run_one_by_one : run_many);
  return 0;
}
