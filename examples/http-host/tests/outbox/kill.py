"""Ends services while the host and the receiver of its notices are killed and stopped at random, then holds what was
told against what was answered: kill.py HOST STORAGE ENDS.

Every acknowledged end is told, nothing is told that was not asked for, an id repeats only with equal content, and the
notices of a service come in the order of its ends. The SDK of CloudEvents reads each notice. A store in memory would not
outlive its host, so with one only the receiver is killed.
"""

import base64
import collections
import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from cloudevents.http import from_http

program, storage, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
folder = tempfile.mkdtemp()
file = folder + "/told"
open(file, "w").close()


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


port, receiver_port = free_port(), free_port()
errors = open(folder + "/errors", "a")


def start_host():
    options = ["--listen", f"127.0.0.1:{port}", "--storage", storage, "--policy", "replace-earlier", "--log", "error"]
    options += ["--publish", f"http://127.0.0.1:{receiver_port}/", "--publish-source", "https://host.example/services"]
    options += ["--publish-timeout", "1", "--publish-pause", "0.2"]
    return subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=errors)


def start_receiver():
    here = __file__.rsplit("/", 1)[0]
    return subprocess.Popen([sys.executable, here + "/receiver.py", str(receiver_port), file], stderr=errors)


starts = {"host": start_host, "receiver": start_receiver}
running = {name: start() for name, start in starts.items()}
victims = ["receiver"] if storage == "memory" else ["host", "host", "receiver"]
killed = collections.Counter()
done = threading.Event()
acknowledged, asked = collections.defaultdict(list), collections.defaultdict(set)


def kill():
    while not done.is_set():
        time.sleep(random.uniform(0.5, 2))
        name = random.choice(victims)
        if random.random() < 0.6:
            running[name].kill()
            running[name].wait()
            running[name] = starts[name]()
            killed[name] += 1
        else:
            running[name].send_signal(signal.SIGSTOP)
            time.sleep(random.uniform(0.5, 3))
            running[name].send_signal(signal.SIGCONT)


def ask(method, path, body=None):
    """Asks until there is an answer that is no failure of the host, as a caller does."""
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
            connection.close()
            if answer.status < 500:
                return answer.status, text
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)


def call(caller):
    ordinal = 0
    while sum(map(len, list(acknowledged.values()))) < wanted:
        _, text = ask("POST", "/services/start", '{"timestamp":"2009-05-12T11:50:00Z"}')
        service = json.loads(text)["service_id"]
        for _ in range(3):
            ordinal += 1
            resource = caller * 10**9 + ordinal
            asked[service].add(resource)
            status, text = ask("POST", f"/services/{service}/end", json.dumps({"resource_id": resource}))
            assert status == 204, text
            acknowledged[service].append(resource)


def waits():
    """Whether a notice waits, or the store does not tell in time how many do."""
    outbox = json.loads(ask("GET", "/health")[1])["outbox"]
    return outbox is None or outbox["waiting"] > 0


callers = [threading.Thread(target=call, args=(caller,)) for caller in range(8)]
killer = threading.Thread(target=kill)
for thread in [*callers, killer]:
    thread.start()
for thread in callers:
    thread.join()
done.set()
killer.join()
until = time.monotonic() + 300
while waits():
    assert time.monotonic() < until, "the outbox does not run empty"
    time.sleep(0.2)
for process in running.values():
    process.kill()
    process.wait()

seen, order, repeated, changed = {}, collections.defaultdict(list), 0, 0
for line in open(file):
    line = json.loads(line)
    body = base64.b64decode(line["body"])
    event = from_http(line["headers"], body)
    assert event["specversion"] == "1.0" and event["source"] and event["type"] and event["time"], event
    if event["id"] in seen:
        repeated += 1
        changed += seen[event["id"]] != body
        continue
    seen[event["id"]] = body
    version = int(event["id"].rsplit("-", 1)[1])
    order[int(event["subject"])].append((version, event.data["completed"]["resource_id"]))

told = {service: [resource for _, resource in notices] for service, notices in order.items()}
lost = sum(resource not in told.get(service, []) for service, all in acknowledged.items() for resource in all)
invented = sum(resource not in asked[service] for service, all in told.items() for resource in all)
disorder = sum(notices != sorted(notices) for notices in order.values())
print(f"{storage.split(':')[0]}: {sum(map(len, acknowledged.values()))} ends acknowledged, {len(seen)} told, "
      f"{repeated} of them again; killed {dict(killed)}; {lost} lost, {invented} invented, {disorder} out of order, "
      f"{changed} changed")
sys.exit(any([lost, invented, disorder, changed]))
