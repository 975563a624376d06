/**
 * One client of a server: its requests are answered from a plain list of tools.
 *
 * @module
 */
import { describeIssues, raceAbort, validateSchema } from "../util/mod.ts";
import { loadServerSdk, type SdkRequestExtra, type SdkServer } from "./_sdk.ts";
import { writeJson } from "./_messages.ts";
import type { McpServerOptions } from "./create_mcp_server.ts";
import {
  type McpLogLevel,
  type ServedCallContext,
  type ServedTool,
  toCallResult,
  toFailure,
} from "./served_tool.ts";
import type { ElicitationAnswer } from "./connect_options.ts";

const LEVELS: readonly McpLogLevel[] = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
];
const INVALID_PARAMS = -32602;
/** A person may take long to answer. */
const ASK_TIMEOUT_MS = 3_600_000;

/** What is asked about a call. With an empty form a client could take it for nothing but a notice. */
const APPROVAL_FORM = {
  type: "object",
  properties: { approve: { type: "boolean", title: "Approve", description: "Whether the call may be made" } },
  required: ["approve"],
};

/** Creates what answers one client. */
export async function createSession(
  tools: ReadonlyMap<string, ServedTool>,
  options: McpServerOptions,
): Promise<SdkServer> {
  const sdk = await loadServerSdk();
  const { name, version, instructions } = options;
  const server = new sdk.Server({ name, version }, {
    capabilities: { tools: {}, logging: {} },
    ...(instructions === undefined ? {} : { instructions }),
  });
  let level: McpLogLevel = "debug";
  server.setRequestHandler(sdk.SetLevelRequestSchema, ({ params }) => {
    level = params.level;
    return {};
  });
  server.setRequestHandler(sdk.ListToolsRequestSchema, () => ({ tools: [...tools.values()].map(listing) }));
  server.setRequestHandler(sdk.CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools.get(params.name);
    if (tool === undefined) {
      throw new sdk.McpError(INVALID_PARAMS, `expected one of the listed tools, found "${params.name}"`);
    }
    const logs = (given: McpLogLevel) => LEVELS.indexOf(given) >= LEVELS.indexOf(level);
    return await answer(tool, params.arguments ?? {}, contextOf(server, extra, logs, sdk.ElicitResultSchema));
  });
  return server;
}

function listing(tool: ServedTool): Record<string, unknown> {
  const { call: _call, ...listed } = tool;
  return listed;
}

/** Answers a call; what is wrong with it is told as a failure, so that the client's model reads it. */
async function answer(
  tool: ServedTool,
  args: Record<string, unknown>,
  context: ServedCallContext,
): Promise<Record<string, unknown>> {
  try {
    const checked = await validateSchema<Record<string, unknown>>(tool.inputSchema, args);
    if ("issues" in checked) {
      throw new Error(
        `Cannot call "${tool.name}": expected arguments that match its schema, found: ${
          describeIssues(checked.issues)
        }`,
      );
    }
    const work = Promise.try(() => tool.call(checked.value, context));
    return wellFormed(toCallResult(await raceAbort(work, context.signal)));
  } catch (error) {
    return wellFormed(toFailure(error));
  }
}

/** What a client's reader takes, whatever texts a tool gives. */
function wellFormed(result: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(writeJson(result));
}

function contextOf(
  server: SdkServer,
  extra: SdkRequestExtra,
  logs: (level: McpLogLevel) => boolean,
  answerSchema: unknown,
): ServedCallContext {
  const { signal } = extra;
  const progressToken = extra._meta?.progressToken;
  const notify = (method: string, params: Record<string, unknown>) => {
    extra.sendNotification({ method, params }).catch(() => {}); // a client that left
  };
  const ask = async (message: string, requestedSchema: unknown): Promise<ElicitationAnswer> => {
    if (server.getClientCapabilities()?.elicitation === undefined) {
      throw new Error(
        "Cannot ask the person at the client: expected a client that can, found one without elicitation",
      );
    }
    const params = { mode: "form", message, requestedSchema };
    return await extra.sendRequest({ method: "elicitation/create", params }, answerSchema, {
      signal,
      timeout: ASK_TIMEOUT_MS,
    }) as unknown as ElicitationAnswer;
  };
  return {
    signal,
    ask,
    onProgress: (progress) => {
      if (progressToken !== undefined) notify("notifications/progress", { ...progress, progressToken });
    },
    log: (level, data) => {
      if (logs(level)) notify("notifications/message", { level, data });
    },
    onApproval: async ({ toolName, arguments: args }) => {
      const question = `May ${toolName} be called with ${JSON.stringify(args)}?`;
      const { action, content } = await ask(question, APPROVAL_FORM);
      return action === "accept" && content?.approve === true ? "approve" : "deny";
    },
  };
}
