import assert from "node:assert/strict";
import { Redactor } from "../../src/util/mod.ts";

const KEY = "SECRET-123/abc+def==&é";

const FORMS: Record<string, string> = {
  plain: KEY,
  percent: encodeURIComponent(KEY),
  "percent in lower case": encodeURIComponent(KEY).replace(/%../g, (code) => code.toLowerCase()),
  "percent for some letters": KEY.replaceAll("/", "%2f"),
  "percent, twice": encodeURIComponent(encodeURIComponent(KEY)),
  form: new URLSearchParams({ k: KEY }).toString().slice(2),
  "plus read as a space": KEY.replaceAll("+", " "),
  json: JSON.stringify(KEY).slice(1, -1),
  "json with escaped slashes": KEY.replaceAll("/", "\\/"),
  "json with codes": KEY.replaceAll("&", "\\u0026").replaceAll("é", "\\u00E9").replaceAll("/", "\\u002F"),
  "html by number": KEY.replaceAll("/", "&#47;").replaceAll("+", "&#043;").replaceAll("&é", "&#38;&#233;"),
  "html by hexadecimal number": KEY.replaceAll("/", "&#x2F;").replaceAll("+", "&#x2b;"),
  "html by name": KEY.replaceAll("&", "&amp;").replaceAll("+", "&plus;"),
  base64: new TextEncoder().encode(KEY).toBase64(),
  base64url: new TextEncoder().encode(KEY).toBase64({ alphabet: "base64url", omitPadding: true }),
  "json with all letters by code": codes(KEY, (code) => `\\u${code.toString(16).padStart(4, "0")}`),
  "html with all letters by number": codes(KEY, (code) => `&#${code};`),
  "percent for all letters": new TextEncoder().encode(KEY).toHex().replace(/../g, "%$&"),
  "percent for one letter": KEY.replace("S", "%53"),
  hexadecimal: new TextEncoder().encode(KEY).toHex(),
  "hexadecimal, in pairs": new TextEncoder().encode(KEY).toHex().toUpperCase().replace(/..(?=.)/g, "$&:"),
  "UTF-16 that was read as UTF-8": [...KEY].join("\0"),
  "base64 in lines": new TextEncoder().encode(KEY).toBase64().replace(/.{12}/g, "$&\r\n"),
  "base64 in lines, as JSON": new TextEncoder().encode(KEY).toBase64().replace(/.{12}/g, "$&\\n"),
  "base64 in a URL": encodeURIComponent(new TextEncoder().encode(KEY).toBase64()),
};
function codes(text: string, write: (code: number) => string): string {
  return [...text].map((char) => write(char.charCodeAt(0))).join("");
}

for (const [name, form] of Object.entries(FORMS)) {
  Deno.test(`redact() blanks a secret out that is written as ${name}`, () => {
    const redactor = new Redactor([KEY]);
    assert.equal(redactor.redact(`<${form}> <${form}>`), "<[redacted]> <[redacted]>");
    assert(redactor.isIn(form));
  });
}

Deno.test("redact() blanks a secret out of the base64 of a longer text, wherever it begins", () => {
  const redactor = new Redactor([KEY]);
  for (const before of ["", "a", "ab", "abc", "Bearer "]) {
    for (const after of ["", "a", "ab", "abc"]) {
      const bytes = new TextEncoder().encode(before + KEY + after);
      const text = redactor.redact(bytes.toBase64());
      assert(text.includes("[redacted]"), text);
      const [head, tail] = text.replace(/=+$/, "").split("[redacted]") as [string, string];
      assert(
        head.length <= Math.ceil(before.length * 8 / 6) && tail.length <= Math.ceil(after.length * 8 / 6),
        text,
      );
    }
  }
});

Deno.test("redactBytes() keeps the length, redactJson() looks everywhere, others stay as they are", () => {
  const redactor = new Redactor([KEY, "12345678", "12345678901234567890"]);
  const bytes = new TextEncoder().encode(`\0${KEY}\xff`);
  assert.equal(
    new TextDecoder().decode(redactor.redactBytes(bytes)),
    `\0${"*".repeat(new TextEncoder().encode(KEY).length)}\xff`,
  );
  assert.deepEqual(redactor.redactJson({ [KEY]: [KEY, { a: 12345678, b: 1, c: 12345678901234567000 }] }), {
    "[redacted]": ["[redacted]", { a: "[redacted]", b: 1, c: "[redacted]" }],
  });
  assert.equal(redactor.redact("SECRET-123"), "SECRET-123");
  assert.equal(new Redactor(["short"]).redact("short"), "short");
});

Deno.test("redactError() gives an error without the secret in its message, stack, cause and fields", () => {
  const redactor = new Redactor([KEY]);
  const fine = new Error("fine");
  assert.equal(redactor.redactError(fine), fine);
  for (
    const error of [
      new TypeError(`bad ${KEY}`),
      new TypeError("bad", { cause: new Error(KEY) }),
      Object.assign(new TypeError("bad"), { data: { deep: KEY } }),
    ]
  ) {
    const clean = redactor.redactError(error);
    assert(clean instanceof Error && clean.name === "TypeError");
    assert(!Deno.inspect(clean, { depth: 9 }).includes(KEY));
  }
});

Deno.test("redact() takes no long time for texts made to be slow", () => {
  const redactor = new Redactor([KEY, "%25%25%25+/=", "&amp;&amp;&&", "\\\\//\\\\"]);
  const start = performance.now();
  for (const part of ["%", "%25", "&", "&amp;", "\\", "+", "&#0", "&#" + "0".repeat(99)]) {
    redactor.redact(part.repeat(20_000));
  }
  assert(performance.now() - start < 5_000);
});
