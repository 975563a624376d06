import assert from "node:assert/strict";
import { exchange, HttpFailure, type HttpResponse } from "../../src/net/http_exchange.ts";

/** A connection whose other end says `answer`, in parts of `size` bytes. */
function connection(answer: string, size = 7) {
  const bytes = Uint8Array.from(answer, (char) => char.charCodeAt(0));
  let at = 0;
  let sent = "";
  return {
    get sent() {
      return sent;
    },
    read: (buffer: Uint8Array): Promise<number | null> => {
      const part = bytes.subarray(at, at + Math.min(size, buffer.length));
      buffer.set(part);
      at += part.length;
      return Promise.resolve(part.length === 0 ? null : part.length);
    },
    write: (data: Uint8Array): Promise<number> => {
      const part = data.subarray(0, 10);
      sent += String.fromCharCode(...part);
      return Promise.resolve(part.length);
    },
  };
}

const get = { method: "GET", target: "/a?b", headers: [["host", "x"]] as const, body: new Uint8Array(0) };

async function answer(
  text: string,
  request = get,
  maxBytes = 100,
): Promise<HttpResponse & { readonly text: string }> {
  const response = await exchange(connection(text), request, maxBytes);
  return { ...response, text: new TextDecoder().decode(response.body) };
}

Deno.test("exchange() sends a request as it is and reads the answer in each framing", async () => {
  const conn = connection("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  await exchange(conn, { ...get, method: "POST", body: new TextEncoder().encode("body of it") }, 10);
  assert.equal(conn.sent, "POST /a?b HTTP/1.1\r\nhost: x\r\n\r\nbody of it");

  assert.equal((await answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more")).text, "hi");
  assert.equal((await answer("HTTP/1.0 200 OK\n\nuntil the end")).text, "until the end");
  const chunked =
    "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n";
  assert.equal((await answer(`HTTP/1.1 200 OK\r\n${chunked}`)).text, "hi0123456789");
  assert.equal((await answer("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n")).text, "");
  const head = await answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", { ...get, method: "HEAD" });
  assert.equal(head.text, "");
  const later = await answer(
    "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 404 Not  Found\r\nA: 1\r\na:  2 \r\nContent-Length: 0\r\n\r\n",
  );
  assert.equal(later.status, 404);
  assert.equal(later.statusText, "Not  Found");
  assert.deepEqual(later.headers, [["a", "1"], ["a", "2"], ["content-length", "0"]]);
});

Deno.test("exchange() refuses answers that are malformed, cut short or too large", async () => {
  const cases: [string, RegExp][] = [
    ["", /closed the connection without an answer/],
    ["SSH-2.0-OpenSSH\r\n", /no HTTP/],
    ["HTTP/1.1 200 OK\r\nbad header\r\n\r\n", /malformed header/],
    ["HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n", /malformed header/],
    ["HTTP/1.1 101 Switching\r\n\r\n", /another protocol/],
    ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", /ended early/],
    ["HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", /malformed length/],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhi", /malformed length/],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", /transfer encoding gzip/],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", /malformed chunk/],
    [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiXX\r\n0\r\n\r\n",
      /malformed chunk|too large/,
    ],
    ["HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", /more than 100 bytes$/],
    [`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(101)}`, /more than 100 bytes/],
    [`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n`, /more than 100 bytes/],
    [`HTTP/1.1 200 OK\r\nA: ${"x".repeat(70_000)}\r\n\r\n`, /headers .* too large/],
    [`HTTP/1.1 200 OK\r\n${"A: 1\r\n".repeat(20_000)}\r\n`, /headers .* too large/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(exchange(connection(text, 4096), get, 100), (error: unknown) => {
      assert(error instanceof HttpFailure, text.slice(0, 80));
      assert.match(error.message, message);
      return true;
    });
  }
});
