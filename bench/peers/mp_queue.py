"""multiprocessing.Queue: one process puts, another one gets and checks. python3 mp_queue.py Queue|SimpleQueue."""
import multiprocessing
import sys
import time

from driver import check, payload, serve


def consume(queue, control):
    while (count := control.recv()) is not None:
        control.send("begin")
        results = [queue.get() for _ in range(count)]
        control.send("got")
        check(results, count)
        control.send("checked")


def main():
    queue = getattr(multiprocessing, sys.argv[1])()
    here, there = multiprocessing.Pipe()
    consumer = multiprocessing.Process(target=consume, args=(queue, there))
    consumer.start()

    def run(count):
        inputs = [payload(number) for number in range(count)]
        here.send(count)
        assert here.recv() == "begin"
        begun = time.perf_counter()
        for data in inputs:
            queue.put(data)
        assert here.recv() == "got"
        seconds = time.perf_counter() - begun
        assert here.recv() == "checked"
        return seconds, []

    serve(run)
    here.send(None)
    consumer.join()


if __name__ == "__main__":
    main()
