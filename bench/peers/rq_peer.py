"""RQ with two workers, each of which forks for each task. The path of the socket of Redis is in PEER_REDIS."""
import atexit
import os
import subprocess
import sys
import time

from redis import Redis
from rq import Queue
from rq.job import Job

from driver import WORKERS, check, payload, serve


def echo(data):
    return data


def main():
    path = os.environ["PEER_REDIS"]
    redis = Redis(unix_socket_path=path)
    queue = Queue("bench", connection=redis)
    command = [sys.executable, "-m", "rq.cli", "worker", "--quiet", "--url", "unix://" + path, "bench"]
    workers = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr,
                         cwd=os.path.dirname(os.path.abspath(__file__)))
        for _ in range(WORKERS)]
    atexit.register(end, workers)

    def run(count):
        jobs = [Queue.prepare_data("rq_peer.echo", args=(payload(number),), result_ttl=60) for number in range(count)]
        begun = time.perf_counter()
        ids = [job.id for job in queue.enqueue_many(jobs)]
        while len(queue.finished_job_registry) < count:
            assert len(queue.failed_job_registry) == 0, "a task failed"
            assert all(worker.poll() is None for worker in workers), "a worker has ended"
            time.sleep(0.001)
        results = [job.result for job in Job.fetch_many(ids, connection=redis)]
        seconds = time.perf_counter() - begun
        check(results, count)
        redis.delete(queue.finished_job_registry.key, *(Job.key_for(id) for id in ids))
        return seconds, []

    serve(run)


def end(workers):
    for worker in workers:
        worker.kill()
        worker.wait()


if __name__ == "__main__":
    main()
