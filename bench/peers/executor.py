"""concurrent.futures.ProcessPoolExecutor: python3 executor.py submit|map [CHUNK]."""
import sys
from concurrent.futures import ProcessPoolExecutor

from driver import WORKERS, all_at_once, one_by_one, serve


def echo(data):
    return data


def main():
    with ProcessPoolExecutor(WORKERS) as executor:
        if sys.argv[1] == "submit":
            serve(lambda count: one_by_one(lambda data: executor.submit(echo, data).result(), count))
        else:
            chunk = int(sys.argv[2])
            serve(lambda count: all_at_once(lambda inputs: executor.map(echo, inputs, chunksize=chunk), count))


if __name__ == "__main__":
    main()
