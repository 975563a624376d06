import type { Browser } from "playwright-core";
import { LLLMError } from "../errors.ts";

/** How Chromium is started. */
export interface LaunchOptions {
  readonly executablePath: string | undefined;
  readonly headless: boolean;
  readonly chromiumSandbox: boolean;
  /** The port of the proxy that everything goes through. */
  readonly proxyPort: number;
  /** A folder for what it writes. */
  readonly home: string;
}

/** Where Chromium and its kin usually are. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Finds Chromium, or Chrome, where it usually is; undefined if it is not there. */
export function findChromium(): string | undefined {
  return PLACES.find((place) => {
    try {
      return Deno.statSync(place).isFile;
    } catch {
      return false; // not there, or not to be read
    }
  });
}

/**
 * Starts Chromium so that its only way out is the proxy: names are not resolved by the browser, loopback is no exception, and
 * nothing goes by UDP. It inherits no environment variable, and ends when this program does: they are joined by a pipe.
 *
 * @throws {LLLMError} `config_invalid` when it is not there, or does not start
 */
export async function launchChromium(options: LaunchOptions): Promise<Browser> {
  const executablePath = options.executablePath ?? findChromium();
  if (executablePath === undefined) {
    throw failure(
      `expected Chromium in one of the usual places, found none; install it, or give executablePath`,
    );
  }
  const { chromium } = await import("playwright-core");
  try {
    return await chromium.launch({
      executablePath,
      headless: options.headless,
      chromiumSandbox: options.chromiumSandbox,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: [
        `--proxy-server=socks5://127.0.0.1:${options.proxyPort}`,
        "--proxy-bypass-list=<-loopback>",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--dns-prefetch-disable",
        "--no-pings",
        "--deny-permission-prompts",
      ],
      env: environment(options),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure(`expected Chromium to start from ${executablePath}, found: ${firstLines(reason)}`, cause);
  }
}

/** What the browser sees of the environment: none of this program's variables but those of a display. */
function environment({ home, headless }: LaunchOptions): Record<string, string> {
  const display = headless
    ? []
    : ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"].flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
  return { HOME: home, TMPDIR: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", ...Object.fromEntries(display) };
}

/** The reason of a failed start, without the log of the launch. */
function firstLines(text: string): string {
  const [head = "", log = ""] = text.split(/\n?Call log:/);
  const said = /(?:No usable sandbox|Running as root without --no-sandbox|Missing X server)[^\n]*/.exec(log)
    ?.[0];
  return [head.trim().split("\n").slice(0, 3).join(" "), said].filter((part) => part).join(": ").slice(
    0,
    500,
  );
}

function failure(reason: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot open a browser: ${reason}`, { code: "config_invalid", cause });
}
