/**
 * Runs the attacks on `fetch` against two servers: one that the sandbox may reach, and one that it must not.
 *
 * @module
 */
import { type AttackReport, runAttacks } from "./_runner.ts";
import { typescriptNetAttacks } from "./_typescript_net.ts";

/** Runs those that are chosen, and adds a problem for each request that must not have come. */
export async function* runTypescriptNetAttacks(
  isChosen: (id: string) => boolean = () => true,
): AsyncGenerator<AttackReport> {
  const held = Promise.withResolvers<void>();
  const strayed: string[] = [];
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  await using server = Deno.serve(options, async (request) => {
    const { pathname: path, searchParams } = new URL(request.url);
    if (/evil|late/.test(path)) strayed.push(request.url);
    if (path === "/hang") await held.promise;
    if (path === "/redirect") {
      return new Response(null, { status: 302, headers: { location: searchParams.get("to")! } });
    }
    const headers = Object.fromEntries(request.headers);
    return Response.json({ method: request.method, path, body: await request.text(), headers });
  });
  await using other = Deno.serve(options, ({ url }) => {
    strayed.push(url);
    return new Response();
  });
  const [{ port }, { port: otherPort }] = [server.addr, other.addr] as [Deno.NetAddr, Deno.NetAddr];
  const attacks = typescriptNetAttacks(port, otherPort).filter(({ id }) => isChosen(id));
  const allowNet = [`127.0.0.1:${port}`, `localhost:${otherPort}`];
  try {
    for await (const report of runAttacks("typescript", attacks, { allowNet })) {
      const requests = strayed.splice(0).map((url) => `a request that must not be: ${url}`);
      yield { ...report, problems: [...report.problems, ...requests] };
    }
  } finally {
    held.resolve();
  }
}
