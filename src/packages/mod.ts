/**
 * Package management: installing, exporting, listing and removing packages, and what they contain and ask for, read
 * without running them.
 *
 * @module
 */
export { exportPackage, type ExportPackageOptions } from "./export_package.ts";
export { inspectPackage } from "./inspect_package.ts";
export { installPackage, type InstallPackageOptions } from "./install_package.ts";
export { type ListedPackage, listPackages, type ListPackagesOptions } from "./list_packages.ts";
export { removePackage, type RemovePackageOptions } from "./remove_package.ts";
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
export type { PackageScope, ScopeFolders } from "./_scopes.ts";
