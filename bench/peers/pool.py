"""multiprocessing.Pool: python3 pool.py apply|apply_async|map|imap_unordered|payload [CHUNK]."""
import multiprocessing
import sys
import time

from driver import WORKERS, all_at_once, one_by_one, serve

LARGE_BYTES = 16 * 1024 * 1024


def echo(data):
    return data


def large(pool, count):
    data = bytes(LARGE_BYTES)
    latencies = []
    begun = time.perf_counter()
    for _ in range(count):
        before = time.perf_counter()
        back = pool.apply(echo, (data,))
        latencies.append((time.perf_counter() - before) * 1e6)
        assert len(back) == LARGE_BYTES
    return time.perf_counter() - begun, latencies


def main():
    way = sys.argv[1]
    chunk = int(sys.argv[2]) if len(sys.argv) > 2 else None
    with multiprocessing.Pool(WORKERS) as pool:
        if way == "apply":
            serve(lambda count: one_by_one(lambda data: pool.apply(echo, (data,)), count))
        elif way == "apply_async":
            serve(lambda count: all_at_once(
                lambda inputs: [task.get() for task in [pool.apply_async(echo, (data,)) for data in inputs]], count))
        elif way == "map":
            serve(lambda count: all_at_once(lambda inputs: pool.map(echo, inputs, chunk), count))
        elif way == "imap_unordered":
            serve(lambda count: all_at_once(lambda inputs: pool.imap_unordered(echo, inputs), count))
        elif way == "payload":
            serve(lambda count: large(pool, count))
        else:
            sys.exit(f"unknown way: {way}")


if __name__ == "__main__":
    main()
