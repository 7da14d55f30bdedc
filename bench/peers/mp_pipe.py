"""multiprocessing.Pipe: a message to another process and back."""
import multiprocessing

from driver import one_by_one, serve


def echo(pipe):
    while data := pipe.recv_bytes():
        pipe.send_bytes(data)


def main():
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=echo, args=(there,))
    process.start()

    def call(data):
        here.send_bytes(data)
        return here.recv_bytes()

    serve(lambda count: one_by_one(call, count))
    here.send_bytes(b"")
    process.join()


if __name__ == "__main__":
    main()
