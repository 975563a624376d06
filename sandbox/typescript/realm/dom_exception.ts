/**
 * Errors of the web, told apart by their names.
 *
 * @module
 */
import { defineProperty } from "./border.ts";

/** An error with a name of its own, such as `AbortError`. */
export class DOMException extends Error {
  constructor(message: unknown = "", name: unknown = "Error") {
    super(`${message}`);
    const value = `${name}`;
    const descriptor = { __proto__: null, value, writable: true, enumerable: false, configurable: true };
    defineProperty(this, "name", descriptor as PropertyDescriptor);
  }
}
