import { imageUrl } from "./content_rules.ts";
import {
  type Check,
  integer,
  isObject,
  list,
  nullable,
  oneOf,
  shape,
  text,
  wrongType,
  wrongValue,
} from "./fields.ts";
import type { JsonObject } from "./types.ts";
import { refuse } from "./wire_error.ts";

const type = text();
const coordinate = integer(-Infinity, Infinity);
const keys = nullable(list(text()));
const point = { x: coordinate, y: coordinate };

/** What may be done on a screen, by its `type`. */
const ACTIONS: Readonly<Record<string, Check>> = {
  click: shape({ type, button: oneOf("left", "right", "wheel", "back", "forward"), ...point, keys }, [
    "button",
    "x",
    "y",
  ]),
  double_click: shape({ type, ...point, keys }, ["x", "y"]),
  drag: shape({ type, path: list(shape(point, ["x", "y"])), keys }, ["path"]),
  keypress: shape({ type, keys: list(text()) }, ["keys"]),
  move: shape({ type, ...point, keys }, ["x", "y"]),
  screenshot: shape({ type }),
  scroll: shape({ type, ...point, scroll_x: coordinate, scroll_y: coordinate, keys }, [
    "x",
    "y",
    "scroll_x",
    "scroll_y",
  ]),
  type: shape({ type, text: text() }, ["text"]),
  wait: shape({ type }),
};

const action: Check = (value, path) => {
  if (!isObject(value)) wrongType(value, path, "an object");
  const check = Object.hasOwn(ACTIONS, String(value.type)) ? ACTIONS[String(value.type)] : undefined;
  if (check === undefined) wrongValue(value.type, `${path}.type`, Object.keys(ACTIONS));
  check(value, path);
};

const safetyChecks = list(
  shape({ id: text({ min: 1 }), code: nullable(text()), message: nullable(text()) }, ["id"]),
);
const status = oneOf("in_progress", "completed", "incomplete");
const callId = text({ min: 1, max: 64 });

const call = shape({
  type,
  id: text({ min: 1, max: 64 }),
  call_id: callId,
  action,
  actions: list(action, { min: 1 }),
  pending_safety_checks: safetyChecks,
  status,
}, ["id", "call_id", "pending_safety_checks", "status"]);

/** A call that was given out: with one action, or with a list of them. */
export const computerCall: Check = (value, path) => {
  call(value, path);
  const { action, actions } = value as JsonObject;
  if (action === undefined && actions === undefined) {
    refuse(`Missing required parameter: '${path}.action'.`, `${path}.action`, "missing_required_parameter");
  }
};

const screenshot = shape({ type: oneOf("computer_screenshot"), image_url: imageUrl, file_id: text() }, [
  "type",
]);

/** The screenshot that answers a call. */
export const computerCallOutput: Check = shape({
  type,
  id: nullable(text({ max: 64 })),
  call_id: callId,
  output: (value, path) => {
    screenshot(value, path);
    const { image_url, file_id } = value as JsonObject;
    if (image_url === undefined && file_id === undefined) {
      refuse(
        `Missing required parameter: '${path}.image_url'.`,
        `${path}.image_url`,
        "missing_required_parameter",
      );
    }
  },
  acknowledged_safety_checks: nullable(safetyChecks),
  status: nullable(status),
}, ["call_id", "output"]);

/** Every safety check of a call is acknowledged with its answer, and no other one. */
export function checkAcknowledged(asked: JsonObject, answer: JsonObject): void {
  const ids = (list: unknown) => Array.isArray(list) ? list.filter(isObject).map(({ id }) => id) : [];
  const pending = ids(asked.pending_safety_checks);
  const acknowledged = ids(answer.acknowledged_safety_checks);
  const missing = pending.filter((id) => !acknowledged.includes(id));
  const unknown = acknowledged.filter((id) => !pending.includes(id));
  if (missing.length > 0) {
    refuse(`The following safety checks have not been acknowledged: ${missing.join(", ")}.`, "input");
  }
  if (unknown.length > 0) {
    refuse(`Acknowledged safety checks that were not pending: ${unknown.join(", ")}.`, "input");
  }
}

/** The tools by which a model is given a screen. */
export const COMPUTER_TOOLS: Readonly<Record<string, Check>> = {
  computer: shape({ type }),
  computer_use_preview: shape({
    type,
    display_width: integer(1, Infinity),
    display_height: integer(1, Infinity),
    environment: oneOf("windows", "mac", "linux", "ubuntu", "browser"),
  }, ["display_width", "display_height", "environment"]),
};

/** The older tool asks for a context that may be cut. */
export function checkTruncation(body: JsonObject): void {
  const tools = Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
  if (!tools.some(({ type }) => type === "computer_use_preview") || body.truncation === "auto") return;
  refuse(
    "Invalid value for 'truncation': expected 'auto' with the tool 'computer_use_preview'.",
    "truncation",
    "invalid_value",
  );
}
