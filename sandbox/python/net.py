"""HTTP by way of the host, which decides about each request: beneath `http.client`, and so `urllib.request` too.

A connection collects the bytes that `http.client` would send, makes one request of them, and plays back the response.
"""

import _io
import base64
import json
import sandbox_channel
import sys

_dumps = json.dumps
_encode = base64.b64encode
_decode = base64.b64decode

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_REDIRECTS = 5

ERRORS = {"refused": PermissionError, "timeout": TimeoutError, "failed": ConnectionError}

# The host leaves no trace of how the body came: it is whole.
BODY_HEADERS = ("content-length", "transfer-encoding", "connection", "keep-alive")


def fetch(method, url, headers, body=b"", redirect="follow", timeout=None):
    """Makes a request. `headers`: pairs of str. The host's answer as a dict, its `body` as bytes."""
    request = {"method": method, "url": url, "headers": headers, "redirect": redirect}
    if len(body) > MAX_BODY_BYTES:
        raise OSError(f"Cannot request: expected a body of at most {MAX_BODY_BYTES} bytes, found {len(body)}")
    if body:
        request["body"] = _encode(body).decode("ascii")
    if timeout is not None and timeout > 0:
        request["timeoutMs"] = min(timeout * 1000, 2**31 - 1)
    answer = sandbox_channel.fetch(_dumps(request))
    error = answer.get("error")
    if error:
        raise ERRORS.get(error["kind"], OSError)(error["message"])
    answer["body"] = _decode(answer["body"])
    return answer


def _unchunk(data):
    parts = []
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        parts.append(data[:length])
        data = data[length + 2 :]
    return b"".join(parts)


class _Socket:
    """What `http.client` takes for a connected socket."""

    def __init__(self, scheme, host, port, timeout):
        self._scheme = scheme
        # A user and password, which the host refuses, have a colon too.
        self._host = f"[{host}]" if ":" in host and host[0] != "[" and "@" not in host else host
        self._port = port
        self._timeout = timeout if isinstance(timeout, (int, float)) else None
        self._sent = []
        self._response = None

    def sendall(self, data, flags=0):
        self._sent.append(bytes(data))

    def makefile(self, mode="r", *args, **kwargs):
        self.perform()
        return _io.BufferedReader(_io.BytesIO(self._response))

    def settimeout(self, timeout):
        self._timeout = timeout

    def setsockopt(self, *args):
        pass

    def shutdown(self, how):
        pass

    def close(self):
        pass

    def perform(self):
        """Makes the request, unless it was made."""
        if self._response is not None:
            return
        head, _, body = b"".join(self._sent).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target = first.split(" ")[:2]
        headers = [[name, value.strip()] for name, _, value in (line.partition(":") for line in lines)]
        if any(name.lower() == "transfer-encoding" for name, value in headers):
            body = _unchunk(body)
        url = target if target.startswith(("http:", "https:")) else f"{self._scheme}://{self._host}:{self._port}{target}"
        answer = fetch(method, url, headers, body, "manual", self._timeout)
        kept = [pair for pair in answer["headers"] if method == "HEAD" or pair[0] not in BODY_HEADERS]
        length = [] if method == "HEAD" else [["Content-Length", str(len(answer["body"]))]]
        lines = [f"HTTP/1.1 {answer['status']} {answer['statusText']}"]
        lines += [f"{name}: {value}" for name, value in [*kept, *length, ["Connection", "close"]]]
        self._response = "\r\n".join([*lines, "", ""]).encode("latin-1") + answer["body"]


def _connect(connection):
    if connection._tunnel_host:
        raise OSError("Cannot use a proxy: requests go through the sandbox's host")
    scheme = "https" if connection.default_port == 443 else "http"
    connection.sock = _Socket(scheme, connection.host, connection.port, connection.timeout)


def _make_https_connection(client):
    class HTTPSConnection(client.HTTPConnection):
        default_port = client.HTTPS_PORT

        def __init__(self, host, port=None, *, context=None, **options):
            super().__init__(host, port, **options)

    HTTPSConnection.__module__ = "http.client"
    HTTPSConnection.__qualname__ = "HTTPSConnection"
    return HTTPSConnection


def _patch_client(client):
    send_request = client.HTTPConnection.request

    def request(self, method, url, body=None, headers={}, *, encode_chunked=False):
        send_request(self, method, url, body, headers, encode_chunked=encode_chunked)
        # Now rather than when the response is read: urllib takes an error here for one of the connection.
        if isinstance(self.sock, _Socket):
            self.sock.perform()

    client.HTTPConnection.connect = _connect
    client.HTTPConnection.request = request
    client.HTTPSConnection = _make_https_connection(client)
    client._create_https_context = lambda version: None


def _patch_request(request):
    request.HTTPRedirectHandler.max_redirections = MAX_REDIRECTS


PATCHES = {"http.client": _patch_client, "urllib.request": _patch_request}


class _Loader:
    """Loads a module as its own loader does, then patches it."""

    def __init__(self, loader, patch):
        self._loader = loader
        self._patch = patch

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        self._loader.exec_module(module)
        self._patch(module)


class _Finder:
    """Finds the modules to patch when they are first imported: loading them takes longer than a session's start."""

    def find_spec(self, name, path=None, target=None):
        patch = PATCHES.get(name)
        if patch is None:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader = _Loader(spec.loader, patch)
                return spec
        return None


def install():
    """Lets `http.client` and `urllib.request` reach the network."""
    for name, patch in PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name])
    sys.meta_path.insert(0, _Finder())
