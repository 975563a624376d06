/**
 * The doctor: what a project has, what is missing, and which permissions its program needs.
 *
 * @module
 */
export { examineProject, type ExamineProjectOptions } from "./examine_project.ts";
export type { PermissionName } from "../packages/mod.ts";
export type {
  AgentReport,
  ConfigReport,
  DoctorReport,
  PackageReport,
  Permission,
  Problem,
  ProjectPlace,
  VariableReport,
} from "./types.ts";
