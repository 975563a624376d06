/** Pages of this machine, for a browser to look at. */
export interface Site extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly origin: string;
  /** Method and path of every request, in order. */
  readonly requests: readonly string[];
  /** The fields of the forms that were submitted. */
  readonly forms: readonly Record<string, string>[];
  /** What pages told by `report()`. */
  readonly reports: readonly string[];
  /** Resolves when a page has told just that; rejects after five seconds. */
  reported(text: string): Promise<void>;
}

/** What a page answers: HTML, or a whole response. */
export type PageSource = string | ((request: Request) => Response | Promise<Response>);

/** Serves pages by their path; a POST is kept, and thanked for. */
export function serveSite(pages: Readonly<Record<string, PageSource>>): Site {
  const requests: string[] = [];
  const forms: Record<string, string>[] = [];
  const reports: string[] = [];
  const told = new EventTarget();
  const ending = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: ending.signal };
  const server = Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    requests.push(`${request.method} ${pathname}`);
    if (request.method === "PUT") {
      reports.push(await request.text());
      told.dispatchEvent(new Event("report"));
      return new Response(null, { status: 204 });
    }
    if (request.method === "POST") {
      const form = await request.formData();
      forms.push(Object.fromEntries([...form].map(([name, value]) => [name, String(value)])));
      return html(`<title>Done</title><h1>Thank you</h1>`);
    }
    const source = pages[pathname];
    if (source === undefined) return new Response("Not found", { status: 404 });
    return typeof source === "string" ? html(source) : await source(request);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    origin: `http://${host}`,
    requests,
    forms,
    reports,
    reported: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`expected the report ${text}, found ${JSON.stringify(reports)}`));
        }, 5_000);
        const look = () => {
          if (!reports.includes(text)) return;
          clearTimeout(timer);
          told.removeEventListener("report", look);
          resolve();
        };
        told.addEventListener("report", look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      ending.abort(); // a page may still hold a connection
      await server.finished;
    },
  };
}

/** An HTML page, without margins, so that places in it are known; its scripts have `report(text)`. */
export function html(body: string): Response {
  return new Response(`<!doctype html><meta charset="utf-8"><style>body{margin:0}</style>${REPORT}${body}`, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });
}

const REPORT = `<script>const report = (text) => fetch("/report", { method: "PUT", body: text });</script>`;

/** A form whose fields are at known places: name at 20,20, note at 20,60, the button at 20,120. */
export const FORM = `
  <style>form > * { position: absolute; left: 10px; width: 300px; height: 24px; box-sizing: border-box }</style>
  <form method="post" action="/submit">
    <input name="name" style="top: 10px">
    <textarea name="note" style="top: 50px; height: 50px"></textarea>
    <button style="top: 110px">Send</button>
  </form>`;
