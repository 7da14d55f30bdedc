// gearmand with a client and two workers of libgearman: gearman PORT one|many.
#include "driver.h"

#include <libgearman/gearman.h>
#include <signal.h>
#include <sys/prctl.h>

// Tasks under way: a gearman client polls each of them.
#define UNDER_WAY 200

static gearman_client_st client;
static struct seen seen;

static gearman_return_t echo(gearman_job_st *job, void *context) {
  (void)context;
  return gearman_job_send_complete(job, gearman_job_workload(job), gearman_job_workload_size(job));
}

static void work(int port) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  gearman_worker_st worker;
  MUST(gearman_worker_create(&worker));
  MUST(gearman_success(gearman_worker_add_server(&worker, "127.0.0.1", port)));
  gearman_function_t function = gearman_function_create(echo);
  MUST(gearman_success(gearman_worker_define_function(&worker, "echo", 4, function, 0, NULL)));
  while (1) {
    gearman_return_t result = gearman_worker_work(&worker);
    if (!gearman_success(result)) {
      fprintf(stderr, "worker: %s\n", gearman_worker_error(&worker));
      exit(1);
    }
  }
}

static double run_one_by_one(int count, double *latencies, int *latency_count) {
  double begun = now();
  for (int number = 0; number < count; number++) {
    char payload[PAYLOAD_BYTES];
    size_t size;
    gearman_return_t result;
    write_payload(payload, number);
    double before = now();
    char *back = gearman_client_do(&client, "echo", NULL, payload, PAYLOAD_BYTES, &size, &result);
    latencies[number] = (now() - before) * 1e6;
    MUST(gearman_success(result) && size == PAYLOAD_BYTES && number_of(back) == number);
    free(back);
  }
  *latency_count = count;
  return now() - begun;
}

static gearman_return_t on_complete(gearman_task_st *task) {
  MUST(gearman_task_data_size(task) == PAYLOAD_BYTES);
  see(&seen, gearman_task_data(task));
  return GEARMAN_SUCCESS;
}

static gearman_return_t on_fail(gearman_task_st *task) {
  fprintf(stderr, "task %s failed\n", gearman_task_job_handle(task));
  exit(1);
}

static double run_many(int count, double *latencies, int *latency_count) {
  (void)latencies, (void)latency_count;
  char(*payloads)[PAYLOAD_BYTES] = malloc((size_t)UNDER_WAY * PAYLOAD_BYTES);
  MUST(payloads);
  seen = expect(count);
  gearman_client_set_complete_fn(&client, on_complete);
  gearman_client_set_fail_fn(&client, on_fail);
  double begun = now();
  for (int first = 0; first < count; first += UNDER_WAY) {
    for (int index = 0; index < UNDER_WAY && first + index < count; index++) {
      gearman_return_t result;
      write_payload(payloads[index], first + index);
      gearman_client_add_task(&client, NULL, NULL, "echo", NULL, payloads[index], PAYLOAD_BYTES, &result);
      MUST(gearman_success(result));
    }
    MUST(gearman_success(gearman_client_run_tasks(&client)));
    gearman_client_task_free_all(&client);
  }
  double seconds = now() - begun;
  seen_all(&seen);
  free(payloads);
  return seconds;
}

int main(int argc, char **argv) {
  MUST(argc == 3);
  int port = atoi(argv[1]);
  for (int worker = 0; worker < WORKERS; worker++) {
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) work(port);
  }
  MUST(gearman_client_create(&client));
  MUST(gearman_success(gearman_client_add_server(&client, "127.0.0.1", port)));
  serve(strcmp(argv[2], "one") == 0 ? run_one_by_one : run_many);
  return 0;
}
