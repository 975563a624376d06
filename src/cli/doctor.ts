import { type DoctorReport, examineProject } from "../doctor/mod.ts";
import { describeReport } from "./_doctor_text.ts";
import { EXIT, type ExitCode } from "./_exit_codes.ts";
import { writeResult } from "./_io.ts";
import { reportFailure } from "./_report.ts";

/** A look at a project, as `lllm doctor` takes it. */
export interface DoctorCommand {
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** The key of a config, to learn what it alone needs. Default: all configs of the project. */
  readonly config?: string;
  /** Whether stdout gets one JSON object. Default: false. */
  readonly json?: boolean;
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
}

/**
 * Writes what a project has, what is missing and which permissions its program needs to stdout; gives the exit code: 0 nothing is
 * missing, 1 something is, 2 usage, or a manifest or config that is not valid.
 */
export async function doctorCommand(command: DoctorCommand): Promise<number> {
  const { project, config, json = false, verbose = false } = command;
  try {
    const report = await examineProject({
      ...(project === undefined ? {} : { project }),
      ...(config === undefined ? {} : { config }),
    });
    writeResult(json ? toJson(report) : describeReport(report, { colors: wantsColors() }));
    return exitCodeOf(report);
  } catch (error) {
    return reportFailure(error, { json, verbose, topic: "doctor" });
  }
}

function toJson(report: DoctorReport): string {
  const { ok, problems } = report;
  const [first] = problems;
  const error = first === undefined ? {} : { error: { code: first.code, message: first.message } };
  return JSON.stringify({ ok, ...error, result: report });
}

function exitCodeOf({ problems }: DoctorReport): ExitCode {
  if (problems.some(({ kind }) => kind === "invalid")) return EXIT.usage;
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
}

/** Colours are for terminals whose owner does not refuse them: https://no-color.org. */
function wantsColors(): boolean {
  return Deno.stdout.isTerminal() && !Deno.noColor;
}
