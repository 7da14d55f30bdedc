"""
Celery with Redis as broker and result backend, prefork workers: python3 celery_peer.py apply|group, with the path of
its socket in PEER_REDIS. No
acknowledgement after the work, no rate limits, no events, no gossip: what its documentation says is fastest.
"""
import atexit
import base64
import os
import subprocess
import sys

from celery import Celery, group

from driver import WORKERS, all_at_once, one_by_one, serve

redis = "redis+socket://" + os.environ.get("PEER_REDIS", "")
app = Celery("celery_peer", broker=redis, backend=redis)
app.conf.update(
    worker_prefetch_multiplier=64, task_acks_late=False, worker_disable_rate_limits=True, result_expires=60,
    worker_send_task_events=False, broker_connection_retry_on_startup=True)


@app.task
def echo(text):
    return text


def main():
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_peer", "worker", "-c", str(WORKERS), "-P", "prefork",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"],
        stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=os.path.dirname(os.path.abspath(__file__)))
    atexit.register(end, worker)
    echo.delay("").get(timeout=30)

    # Its serializer is JSON, which has no bytes.
    def call(data):
        return base64.b64decode(echo.delay(base64.b64encode(data).decode()).get(timeout=60))

    def call_all(inputs):
        tasks = group(echo.s(base64.b64encode(data).decode()) for data in inputs)
        return [base64.b64decode(back) for back in tasks.apply_async().get(timeout=60)]

    if sys.argv[1] == "apply":
        serve(lambda count: one_by_one(call, count))
    else:
        serve(lambda count: all_at_once(call_all, count))


def end(worker):
    worker.terminate()
    try:
        worker.wait(5)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


if __name__ == "__main__":
    main()
