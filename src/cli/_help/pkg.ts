import { JSON_OUT, PROJECT, VERBOSE } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What `lllm pkg` is for. */
export const PKG_SUMMARY = "packages as archives: none of their code is run";

/** What is told of the commands of `lllm pkg`, in the order in which they are listed. */
export const PKG_HELP: HelpTopics = {
  "pkg inspect": {
    summary: "shows what is in a package; none of its code is run",
    usage: ["pkg inspect <archive or folder> [options]"],
    options: [PROJECT, JSON_OUT, VERBOSE],
    examples: ["pkg inspect desk.zip"],
  },
  "pkg install": {
    summary: "shows what is in an archive, asks, and installs it; none of its code is run",
    usage: ["pkg install <archive> [options]"],
    options: [
      ["--alias <name>", "installs it under this name"],
      ["--scope <scope>", "user (the default): ~/.lllm/packages/; project: lllm_packages/ in the project"],
      ["--yes, -y", "installs without asking"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["pkg install desk.zip --scope project"],
  },
  "pkg export": {
    summary: "packs a package as an archive",
    usage: ["pkg export <name> <archive> [options]"],
    options: [
      ["--bundle-deps", "packs the packages that it depends on too"],
      ["--force", "replaces the archive, if it is there"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["pkg export market_desk desk.zip --bundle-deps"],
  },
  "pkg list": {
    summary: "lists the packages that are installed",
    usage: ["pkg list [options]"],
    options: [["--scope <scope>", "user or project; default: both"], PROJECT, JSON_OUT, VERBOSE],
    examples: ["pkg list --scope user"],
  },
  "pkg remove": {
    summary: "removes a package that is installed",
    usage: ["pkg remove <name> [options]"],
    options: [
      ["--scope <scope>", "user or project; default: where it is"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["pkg remove market_desk"],
  },
};
