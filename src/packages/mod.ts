/**
 * Package management: what a package contains and asks for, read without running it.
 *
 * @module
 */
export type { ConfigFacts } from "./scan_config.ts";
export { type ModuleText, type PermissionUse, scanModule } from "./scan_module.ts";
export {
  type ModuleFacts,
  type PackageFacts,
  type PermissionRequest,
  type ProxyFacts,
  scanPermissions,
} from "./scan_permissions.ts";
export type { PermissionName } from "./_permission_tables.ts";
export type { DependencyEntry } from "../runtime/mod.ts";
