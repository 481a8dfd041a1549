"""What benchmarks over HTTP share: the barest client, and a round of several of them."""

import http.client
import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.rpc import RpcError


class Client:
    """JSON-RPC with little but its own bytes: what it spends, the servers lack."""

    def __init__(self, rpc):
        address = rpc.url.removeprefix("http://")
        self.connection = http.client.HTTPConnection(address, timeout=60)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in rpc.session.cookies)
        self.headers = {"Content-Type": "application/json", "Cookie": cookies, "Connection": "keep-alive"}

    def post(self, path, parameters):
        """Call a route and return its result.

        :raises RpcError: when the server refuses.
        """
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": parameters})
        self.connection.request("POST", path, body, self.headers)
        answer = json.loads(self.connection.getresponse().read())
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def call(self, model, method, *args):
        """Call a public method of a model."""
        parameters = {"model": model, "method": method, "args": args, "kwargs": {}}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", parameters)


def in_turn(clients, acts):
    """Let the clients work through ``acts`` (functions of a client); return ``(a second, seconds of each)``."""
    todo, spent, lock = iter(acts), [], threading.Lock()
    start_line = threading.Barrier(len(clients) + 1)

    def work(client):
        start_line.wait()
        while True:
            with lock:
                act = next(todo, None)
            if act is None:
                return
            start = time.perf_counter()
            act(client)
            spent.append(time.perf_counter() - start)

    with ThreadPoolExecutor(len(clients)) as pool:
        jobs = [pool.submit(work, client) for client in clients]
        start_line.wait()
        start = time.perf_counter()
        for job in jobs:
            job.result()
    return len(spent) / (time.perf_counter() - start), spent


def percentiles(spent):
    """Milliseconds by name, of the seconds that calls took."""
    cuts = statistics.quantiles(spent, n=100)
    return {f"p{cut}_ms": round(1000 * cuts[cut - 1], 1) for cut in (50, 95, 99)}
