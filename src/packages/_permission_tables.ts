/** What of Deno and Node needs which permission. */

/** A permission of Deno, as in `--allow-<name>`. */
export type PermissionName = "read" | "write" | "net" | "env" | "run" | "sys" | "ffi" | "import";

const DENO: Record<PermissionName, string> = {
  read:
    "readFile readTextFile readDir readLink realPath stat lstat open openKv watchFs copyFile cwd makeTempDir makeTempFile chdir",
  write:
    "writeFile writeTextFile mkdir remove rename create open openKv truncate chmod chown symlink link utime copyFile makeTempDir makeTempFile umask",
  net: "connect connectTls connectQuic listen listenTls listenDatagram serve resolveDns QuicEndpoint",
  env: "",
  run: "Command run kill",
  sys: "hostname osRelease osUptime loadavg networkInterfaces systemMemoryInfo uid gid",
  ffi: "dlopen UnsafePointer UnsafePointerView UnsafeCallback UnsafeFnPointer UnsafeWindowSurface",
  import: "",
};

const NODE: Record<PermissionName, string> = {
  read: "fs fs/promises sqlite module",
  write: "fs fs/promises sqlite",
  net: "net tls http https http2 dgram dns dns/promises inspector",
  env: "process",
  run: "child_process cluster",
  sys: "os",
  ffi: "",
  import: "vm worker_threads",
};

/** Names of the web platform that reach the network. */
export const NET_GLOBALS: readonly string[] = [
  "fetch",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "WebTransport",
  "XMLHttpRequest",
];

/** Names of this library that reach the network, or that may start a program. */
export const LIBRARY_NET: readonly string[] = ["HttpProxy", "openApiProxy", "RemoteTactic"];
export const LIBRARY_MCP: readonly string[] = ["McpServer", "mcpProxy", "connectMcp"];

/** Names of this library that keep what they are given: in a file, in a folder, at a host. */
export const LIBRARY_STORES: readonly string[] = ["sqliteStore", "localStore", "postgresStore"];
/** Names of this library that need all permissions. */
export const LIBRARY_ALL: readonly string[] = ["openBrowserComputer"];

/** The permissions that a member of `Deno` needs. */
export function permissionsOfDeno(member: string): PermissionName[] {
  return permissionsOf(DENO, member.replace(/Sync$/, ""));
}

/** The permissions that a module of Node needs, for at least some of what it does. */
export function permissionsOfNode(name: string): PermissionName[] {
  return permissionsOf(NODE, name);
}

function permissionsOf(table: Record<PermissionName, string>, name: string): PermissionName[] {
  return (Object.keys(table) as PermissionName[]).filter((key) => table[key].split(" ").includes(name));
}
