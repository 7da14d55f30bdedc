"""multiprocessing.Pipe: a message to another process and back. With "two-cores" each stays on one of its own."""
import multiprocessing
import os
import sys

from driver import one_by_one, serve


def echo(pipe, core):
    stay_on(core)
    while data := pipe.recv_bytes():
        pipe.send_bytes(data)


def stay_on(core):
    if core is not None:
        os.sched_setaffinity(0, {core})


def main():
    cores = (0, 1) if sys.argv[1:] == ["two-cores"] else (None, None)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=echo, args=(there, cores[1]))
    process.start()
    stay_on(cores[0])

    def call(data):
        here.send_bytes(data)
        return here.recv_bytes()

    serve(lambda count: one_by_one(call, count))
    here.send_bytes(b"")
    process.join()


if __name__ == "__main__":
    main()
