import { remember } from "../util/mod.ts";

/** Keys whose values are secrets, with whatever prefix a provider gives them: `x-goog-api-key`, `aws_secret_access_key`. */
const SECRET_KEY =
  /(^|[-_])(api[-_]?key|(access|private|secret|subscription|account|signing)[-_]?key|(proxy-)?authorization|(set-)?cookie|password|secret|credentials?|(access|api|auth|ad|bearer|id|refresh|security|session)[-_]?token)$/i;
/** The same in camelCase: `apiKey`, `openaiApiKey`, `clientSecret`. */
const SECRET_CAMEL_KEY =
  /(ApiKey|(Access|Private|Secret|Subscription|Account|Signing)Key|Authorization|Cookie|Password|Secret|Credentials?|(Access|Api|Auth|Ad|Bearer|Id|Refresh|Security|Session)Token)$/;
/** Parameters of URLs that are secrets, though a key of that name need not be one. */
const SECRET_PARAMETER = /^(key|token|sig|signature)$/i;
/** What an authorization header holds. */
const AUTHORIZATION = /^(Bearer|Basic) [\w.~+/=-]{8,}$/;

/** What stands where a secret was. */
export const SCRUBBED = "[scrubbed]";

/** Tells whether what stands under a name is a secret. */
export const isSecretName: (name: string) => boolean = remember(
  (name) => SECRET_KEY.test(name) || SECRET_CAMEL_KEY.test(name),
  5_000,
);

/** Tells whether a list is a header with a secret: a pair of its name and its value. */
export function isSecretHeader(list: readonly unknown[]): boolean {
  return list.length === 2 && typeof list[0] === "string" && typeof list[1] === "string" &&
    isSecretName(list[0]);
}

/** Replaces a text that is an authorization value, and the secret parts of one that is a URL. */
export function scrubText(text: string): string {
  const first = text.charCodeAt(0);
  if (first === 66 /* B */) return AUTHORIZATION.test(text) ? SCRUBBED : text;
  if (first !== 104 /* h */) return text;
  return text.length > MAX_URL_CHARS ? scrubUrl(text) : scrubShortUrl(text);
}

const MAX_URL_CHARS = 200;
/** A provider's address comes with every request. */
const scrubShortUrl = remember(scrubUrl, 5_000);

function scrubUrl(text: string): string {
  if (!/^https?:\/\/\S+$/.test(text)) return text;
  return text
    .replace(/^(https?:\/\/)[^/?#@]*@/, `$1${SCRUBBED}@`)
    .replaceAll(
      /([?&])([^=&#]+)=([^&#]+)/g,
      (whole, mark: string, name: string) =>
        isSecretName(name) || SECRET_PARAMETER.test(name) ? `${mark}${name}=${SCRUBBED}` : whole,
    );
}
