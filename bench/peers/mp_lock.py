"""
A lock taken and given back: python3 mp_lock.py manager|semaphore. "manager" is Manager().Lock(), which a process of its
own keeps for all who have its address; "semaphore" is multiprocessing.Lock(), a semaphore in shared memory that only
children inherit and that nobody frees when its holder dies.
"""
import multiprocessing
import sys
import time

from driver import serve


def run(lock, count):
    latencies = []
    begun = time.perf_counter()
    for _ in range(count):
        before = time.perf_counter()
        lock.acquire()
        lock.release()
        latencies.append((time.perf_counter() - before) * 1e6)
    return time.perf_counter() - begun, latencies


def main():
    if sys.argv[1] == "manager":
        with multiprocessing.Manager() as manager:
            lock = manager.Lock()
            serve(lambda count: run(lock, count))
    else:
        lock = multiprocessing.Lock()
        serve(lambda count: run(lock, count))


if __name__ == "__main__":
    main()
