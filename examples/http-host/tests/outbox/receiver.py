"""Takes notices on a loopback port and appends each to a file before it answers: receiver.py PORT FILE.

Now and then it fails, or hangs up without an answer, as receivers do.
"""

import base64
import http.server
import json
import random
import sys

port, file = int(sys.argv[1]), sys.argv[2]


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if random.random() < 0.05:
            return self.answer(random.choice([400, 404, 500, 503]))
        line = {"headers": dict(self.headers), "body": base64.b64encode(body).decode()}
        with open(file, "a") as told:
            told.write(json.dumps(line) + "\n")
        if random.random() < 0.03:
            self.close_connection = True
            return self.connection.close()
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
