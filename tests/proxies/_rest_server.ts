/** A request as a server of these tests saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string[]>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A server on this machine that notes what it is asked. */
export interface RestServer extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly seen: SeenRequest[];
}

/** Starts a server whose answers `answer` makes. */
export function restServer(
  answer: (request: SeenRequest, number: number) => Response | Promise<Response>,
): RestServer {
  const seen: SeenRequest[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const query: Record<string, string[]> = {};
    for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
    const noted = {
      method: request.method,
      path: pathname,
      query,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    };
    seen.push(noted);
    return await answer(noted, seen.length - 1);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    url: `http://${host}`,
    host,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
