/**
 * What is shown of objects whose state is private.
 *
 * @module
 */
import { deadlineOf } from "./abort.ts";
import { stringify } from "./border.ts";
import { headerPairs } from "./headers.ts";
import { paramsFields } from "./url_params.ts";
import { hrefOf } from "./url.ts";
import { requestFields, responseFields } from "./fetch.ts";

/** The JSON of pairs of names and values; empty for an object that is none of the helpers'. */
export function describeHelper(object: object): string {
  const href = hrefOf(object);
  const fields = href !== null
    ? [["href", href]]
    : paramsFields(object) ?? headerPairs(object) ?? requestFields(object) ?? responseFields(object) ??
      (deadlineOf(object) === null ? null : []);
  return fields === null ? "" : stringify(fields);
}
