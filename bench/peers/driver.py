"""What all drivers in Python have in common: rounds on request, and a look at what came back."""
import json
import struct
import sys
import time

PAYLOAD_BYTES = 64
WORKERS = 2


def payload(number):
    """64 bytes that begin with the number."""
    return struct.pack("<i60x", number)


def number_of(data):
    assert len(data) == PAYLOAD_BYTES, len(data)
    return struct.unpack_from("<i", data)[0]


def check(results, count):
    """Each number came back, and once."""
    seen = bytearray(count)
    for data in results:
        number = number_of(data)
        assert not seen[number], f"{number} came back twice"
        seen[number] = 1
    assert all(seen), f"{seen.index(0)} of {count} did not come back"


def one_by_one(call, count):
    """A round of calls, each of which is waited for before the next one begins."""
    latencies = []
    begun = time.perf_counter()
    for number in range(count):
        data = payload(number)
        before = time.perf_counter()
        back = call(data)
        latencies.append((time.perf_counter() - before) * 1e6)
        assert back == data, number
    return time.perf_counter() - begun, latencies


def all_at_once(call, count):
    """A round whose call takes all payloads and gives all results."""
    inputs = [payload(number) for number in range(count)]
    begun = time.perf_counter()
    results = list(call(inputs))
    seconds = time.perf_counter() - begun
    check(results, count)
    return seconds, []


def serve(run):
    """Does a round for each line with a number of items; `run` gives its seconds, and latencies in microseconds."""
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, latencies = run(int(line))
        print(json.dumps({"seconds": seconds, "latencies": latencies}), flush=True)
