"""joblib with its default backend loky, which finds the size of its batches by itself."""
from joblib import Parallel, delayed

from driver import WORKERS, all_at_once, serve


def echo(data):
    return data


def main():
    with Parallel(n_jobs=WORKERS) as parallel:
        serve(lambda count: all_at_once(lambda inputs: parallel(delayed(echo)(data) for data in inputs), count))


if __name__ == "__main__":
    main()
