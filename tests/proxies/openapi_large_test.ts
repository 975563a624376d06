/** Large public documents, from npm: GitHub's (1,200 operations, 7 MB), and those of its other editions. */
import { openApiProxy, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { type MockOperation, mockService } from "./_mock_service.ts";

type Json = Record<string, unknown>;

/** Reads a document out of a package; its name is no literal, so that its types are not computed. */
async function documentOf(file: string): Promise<Json> {
  return (await import(file, { with: { type: "json" } })).default;
}

const GITHUB = "@octokit/openapi/generated/api.github.com.json";
/** One operation has a server of its own. */
const UPLOADS = ["https://uploads.github.com"];
const OTHERS = ["ghec", "ghes-3.19"].map((name) => `@octokit/openapi/generated/${name}.json`);

Deno.test("GitHub's document loads, lists and documents its operations, and makes all of their schemas", async () => {
  const document = await documentOf(GITHUB);
  const manager = new ProxyManager();
  const warnings: string[] = [];
  manager.register(
    "github",
    openApiProxy(document, {
      path: "github",
      keyOrigins: UPLOADS,
      onWarning: ({ message }) => void warnings.push(message),
    }),
  );
  const { endpoints } = manager.getApiDirectory("github");
  assert(endpoints.length > 1_000, String(endpoints.length));
  assert.deepEqual(warnings, []);
  const docs = manager.retrieveApiDocs("github/issues_create");
  assert.match(docs, /## github\/issues_create\(owner: string, repo: string, body: object\)/);
  assert.match(docs, /Create an issue/);
  for (const { inputSchema, outputSchema } of endpoints) {
    if (inputSchema !== undefined) assert.equal(inputSchema.type, "object");
    void outputSchema;
  }
});

Deno.test("GitHub's document validates arguments in depth", async () => {
  const manager = new ProxyManager();
  manager.register("github", openApiProxy(await documentOf(GITHUB), { path: "github", keyOrigins: UPLOADS }));
  const refused = async (name: string, args: Json, text: RegExp) =>
    await assert.rejects(manager.call(`github/${name}`, args), (error) => {
      assert(LLLMError.isInstance(error) && error.code === "endpoint_args_invalid", String(error));
      assert.match(error.message, text);
      return true;
    });
  const repo = { owner: "a", repo: "b" };
  await refused(
    "issues_create",
    { ...repo, body: { body: "x" } },
    /"body.title": expected a value, found none/,
  );
  await refused(
    "issues_create",
    { ...repo, body: { title: "x", labels: "bug" } },
    /"body.labels": expected array/,
  );
  await refused(
    "issues_list_for_repo",
    { ...repo, state: "shut" },
    /"state": expected one of "open", "closed", "all"/,
  );
  await refused(
    "issues_list_for_repo",
    { ...repo, per_pge: 5 },
    /unknown parameter, did you mean "per_page"/,
  );
  await refused("repos_get", { owner: "a" }, /"repo": expected string, found none/);
});

Deno.test("the documents of GitHub's other editions load, and call the same operations by the same names", async () => {
  const namesOf = async (file: string) => {
    const manager = new ProxyManager();
    manager.register(
      "github",
      openApiProxy(await documentOf(file), { path: "github", baseUrl: "https://git.example" }),
    );
    return new Set(manager.getApiDirectory("github").endpoints.map(({ callable }) => callable));
  };
  for (const file of OTHERS) {
    const names = await namesOf(file);
    assert(names.size > 900, String(names.size));
    for (const name of ["issues_create", "repos_get", "pulls_list"]) assert(names.has(name), name);
  }
});

Deno.test("GitHub's document runs end to end against a service made from it", async () => {
  const document = await documentOf(GITHUB);
  await using service = mockService(document);
  const manager = new ProxyManager();
  manager.register(
    "github",
    openApiProxy(document, {
      path: "github",
      baseUrl: service.url,
      auth: { type: "bearer", token: () => "mock-token" },
      retries: 0,
    }),
  );
  const callables = new Map(
    manager.getApiDirectory("github").endpoints.map(({ name, callable }) => [name, callable]),
  );
  const methods: Record<string, number> = {};
  for (const [i, operation] of service.document.operations.entries()) {
    if (i % 12 !== 0) continue;
    const args = argsOf(service.document, operation);
    if (args === undefined) continue;
    const callable = callables.get(`${operation.method} ${operation.route}`)!;
    const answer = await manager.call(`github/${callable}`, args).catch((error) => {
      throw new Error(`${callable} ${JSON.stringify(args).slice(0, 500)}: ${error.message}`);
    });
    assert.deepEqual(answer, service.answers.at(-1), callable);
    methods[operation.method] = (methods[operation.method] ?? 0) + 1;
  }
  assert.deepEqual(service.problems, []);
  const calls = Object.values(methods).reduce((sum, count) => sum + count, 0);
  assert.equal(service.answers.length, calls);
  assert(calls >= 90, `${calls} calls`);
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
    assert(methods[method]! >= 3, JSON.stringify(methods));
  }
});

Deno.test("the service made from GitHub's document refuses what the document does not allow", async () => {
  await using service = mockService(await documentOf(GITHUB));
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: "Bearer mock-token", "content-type": "application/json" };
    const response = await fetch(service.url + path, { headers, ...init });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask("/repos/a/b"), 200);
  assert.equal(await ask("/repos/a/b", { headers: {} }), 400);
  assert.equal(await ask("/repos/a/b/issues?state=shut"), 400);
  assert.equal(await ask("/repos/a/b/issues?stat=open"), 400);
  assert.equal(await ask("/repos/a/b/labels", { method: "POST", body: "{}" }), 400);
  assert.equal(await ask("/nowhere/at/all"), 400);
});

/** Arguments for an operation, from the document's examples; none where that gives no valid ones, or it sends no JSON. */
function argsOf(
  document: ReturnType<typeof mockService>["document"],
  operation: MockOperation,
): Json | undefined {
  const args: Json = {};
  for (const param of operation.parameters) {
    if (param.in !== "path" && param.in !== "query") continue;
    if (param.required !== true && param.example === undefined) continue;
    args[param.name as string] = document.exampleOf(param);
    if (document.problem(param.schema, args[param.name as string]) !== null) return undefined;
  }
  const body = operation.operation.requestBody;
  if (body === undefined) return args;
  const media = document.requestMedia(operation);
  if (media === undefined) return undefined;
  const sent = document.exampleOf(media);
  return document.problem(media.schema, sent) === null ? { ...args, body: sent } : undefined;
}
