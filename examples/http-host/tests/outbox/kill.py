"""Ends services while hosts, the receiver of their notices and the servers of the store are killed and stopped at random,
then holds what was told against what was answered: kill.py HOST STORE ENDS, with a STORE of memory, sqlite, postgres or
etcd.

Every acknowledged end is told, nothing is told that did not happen, an id repeats only with equal content, and the
notices of a service come in the order of its ends. The SDK of CloudEvents reads each notice, and the JSON Schema of
CloudEvents accepts it. Two hosts share the store, unless it is in memory: such a one would not outlive its host, so only
the receiver is killed.
"""

import base64
import collections
import http.client
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback

import jsonschema
from cloudevents.http import from_http

from servers import Etcd, Postgres, Program, free_port

here = os.path.dirname(os.path.abspath(__file__))
program, store, wanted = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
folder = tempfile.mkdtemp()
os.chmod(folder, 0o755)
told_file = folder + "/told"
open(told_file, "w").close()
ports = [free_port() for _ in range(1 if store == "memory" else 2)]
receiver_port = free_port()


def host(port, storage):
    options = ["--listen", f"127.0.0.1:{port}", "--storage", storage, "--policy", "replace-earlier", "--log", "error"]
    options += ["--publish", f"http://127.0.0.1:{receiver_port}/", "--publish-source", "https://host.example/services"]
    options += ["--publish-timeout", "1", "--publish-pause", "0.2"]
    return Program([program, *options], folder + "/errors")


def ask(port, method, path, body=None):
    """Asks until there is an answer that is no failure of the host, as a caller does."""
    while not failed:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
            connection.close()
            if answer.status < 500:
                return answer.status, text
        except (OSError, http.client.HTTPException):
            pass
        port = random.choice(ports)
        time.sleep(0.05)
    raise SystemExit("something else has failed")


acknowledged, failed, shocks = collections.defaultdict(list), [], collections.Counter()
count, enough, done = [0] * 8, threading.Event(), threading.Event()


def watched(work, *arguments):
    """A thread whose failure is the run's."""
    def run():
        try:
            work(*arguments)
        except BaseException:
            failed.append(traceback.format_exc())
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def call(caller):
    """Ends services, each three times, until there are enough and everything was killed and stopped."""
    ordinal, port = 0, ports[caller % len(ports)]
    while sum(count) < wanted or not enough.is_set():
        _, text = ask(port, "POST", "/services/start", '{"timestamp":"2009-05-12T11:50:00Z"}')
        service = json.loads(text)["service_id"]
        for _ in range(3):
            ordinal += 1
            resource = caller * 10**9 + ordinal
            status, text = ask(port, "POST", f"/services/{service}/end", json.dumps({"resource_id": resource}))
            assert status == 204, (status, text)
            acknowledged[service].append(resource)
            count[caller] += 1


def shock(victims):
    """Kills and stops each victim, in an order of chance, again and again."""
    while not done.is_set():
        deck = [(name, stops) for name in victims for stops in (False, True)]
        random.shuffle(deck)
        for name, stops in deck:
            if done.wait(random.uniform(0.5, 2)):
                return
            if stops:
                victims[name].stop()
                time.sleep(random.uniform(0.5, 3))
                victims[name].go_on()
            else:
                victims[name].kill()
            shocks[name, "stopped" if stops else "killed"] += 1
        enough.set()


def waits():
    """Whether a notice waits, or the store does not tell in time how many do."""
    outbox = json.loads(ask(ports[0], "GET", "/health")[1])["outbox"]
    return outbox is None or outbox["waiting"] > 0


def run():
    receiver = [sys.executable, here + "/receiver.py", str(receiver_port), told_file]
    victims = {"receiver": Program(receiver, folder + "/receiver_errors")}
    others = []
    try:
        storage = {"memory": "memory", "sqlite": f"sqlite:{folder}/services.db"}.get(store)
        if storage is None:
            victims["server"] = {"postgres": Postgres, "etcd": Etcd}[store](folder + "/server")
            storage = victims["server"].storage()
        for number, port in enumerate(ports):
            of = others if store == "memory" else victims
            one = host(port, storage)
            of.append(one) if of is others else of.update({f"host {number}": one})
        begun = time.monotonic()
        callers = [watched(call, caller) for caller in range(8)]
        killer = watched(shock, victims)
        for thread in callers:
            thread.join()
        done.set()
        killer.join()
        ended = time.monotonic()
        while waits():
            assert time.monotonic() < ended + 300, "the outbox does not run empty"
            time.sleep(0.2)
        return ended - begun, time.monotonic() - ended
    finally:
        for one in [*victims.values(), *others]:
            one.end()


def judge(ending, telling):
    with open(f"{here}/../../../../tests/json-schema/cloudevents/cloudevents.json") as file:
        schema = json.load(file)
    schema = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    seen, order, repeated, changed, odd = {}, collections.defaultdict(list), 0, 0, 0
    for line in open(told_file):
        line = json.loads(line)
        body = base64.b64decode(line["body"])
        event = from_http(line["headers"], body)
        if event["id"] in seen:
            repeated += 1
            changed += seen[event["id"]] != body
            continue
        seen[event["id"]] = body
        odd += not schema.is_valid(json.loads(body))
        order[int(event["subject"])].append(event.data["completed"]["resource_id"])
    # A caller ends its services one after the other, so what was acknowledged is in the order of the ends.
    lost = invented = disorder = 0
    for service in order.keys() | acknowledged.keys():
        said, told = acknowledged[service], order[service]
        lost += len(set(said) - set(told))
        invented += len(told) - len(set(told) & set(said))
        disorder += [resource for resource in told if resource in said] != [resource for resource in said if resource in told]
    with open(folder + "/errors") as errors:
        panicked = errors.read().count("panicked")
    all = sum(map(len, acknowledged.values()))
    shaken = ", ".join(f"{name} {how} {times} times" for (name, how), times in sorted(shocks.items()))
    print(f"{store}: {all} ends acknowledged in {ending:.0f} s, the last told {telling:.0f} s later; {shaken}. "
          f"{len(seen)} told, {repeated} of them again; {lost} lost, {invented} invented, {disorder} out of order, "
          f"{changed} changed, {odd} not as CloudEvents are, {panicked} panics")
    return [lost, invented, disorder, changed, odd, panicked]


try:
    took = run()
    if failed:
        raise SystemExit("\n".join(failed))
    if any(judge(*took)):
        kept = shutil.copytree(folder, tempfile.mkdtemp() + "/run")
        raise SystemExit(f"what there is to look at is in {kept}")
finally:
    shutil.rmtree(folder, ignore_errors=True)
