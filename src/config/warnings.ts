export { emitWarning, type OnWarning, type Warning } from "../util/mod.ts";
