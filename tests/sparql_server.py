"""A server that speaks the SPARQL protocol: Oxigraph's engine behind Python's HTTP server.

It is not Oxigraph's own server, nor anybody else's.
"""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pyoxigraph as ox

EX = "http://example.org/"


class SparqlServer:
    """What is asked of it, and how it misbehaves.

    Attributes:
        asked: The questions so far.
        most: Rows of an answer, whatever is asked for; None for all.
        dies_after: Questions that it answers; then it answers none, as if it were gone.
        answers: What it sends instead of the next answers: status, headers, body.
    """

    def __init__(self, url, store):
        self.url, self.store = url, store
        self.asked, self.headers = [], []
        self.most, self.dies_after, self.answers = None, None, []


@contextmanager
def serving(facts):
    """A server that holds some facts of `EX`, until it is left."""
    store = ox.Store()
    for head, relation, tail in facts:
        end = ox.Literal(tail[1:]) if tail.startswith('"') else ox.NamedNode(EX + tail)
        store.add(ox.Quad(ox.NamedNode(EX + head), ox.NamedNode(relation_iri(relation)), end))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if state.dies_after is not None and len(state.asked) >= state.dies_after:
                self.close_connection = True
                return
            query = parse_qs(body.decode())["query"][0]
            state.asked.append(query)
            state.headers.append(dict(self.headers))
            if state.answers:
                self.send(*state.answers.pop(0))
                return
            found = state.store.query(query)
            text = found.serialize(format=ox.QueryResultsFormat.JSON)
            if state.most is not None:
                limited = query.rpartition("LIMIT ")[0] + f"LIMIT {state.most} OFFSET "
                limited += query.rpartition("OFFSET ")[2]
                text = state.store.query(limited).serialize(format=ox.QueryResultsFormat.JSON)
            self.send(200, {"Content-Type": "application/sparql-results+json"}, text)

        def send(self, status, headers, body):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = SparqlServer(f"http://127.0.0.1:{server.server_port}/sparql", store)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def relation_iri(name):
    return "http://www.w3.org/2000/01/rdf-schema#label" if name == "label" else EX + name
