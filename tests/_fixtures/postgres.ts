/** A PostgreSQL server for tests, in a folder of its own. */

/** A server that runs. */
export interface PostgresServer extends AsyncDisposable {
  /** Where it is, and as whom. */
  readonly url: string;
}

/** Finds the server's programs: those of the newest version that Debian installed, else those on the path. */
export function findPostgres(): string | undefined {
  const root = "/usr/lib/postgresql";
  try {
    const versions = [...Deno.readDirSync(root)].map(({ name }) => name).sort((a, b) =>
      Number(b) - Number(a)
    );
    for (const version of versions) {
      if (isFile(`${root}/${version}/bin/initdb`)) return `${root}/${version}/bin`;
    }
  } catch {
    // not Debian
  }
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.find((folder) => isFile(`${folder}/initdb`) && isFile(`${folder}/postgres`));
}

/** Starts a server that nobody else uses. As root it is run by the user `postgres`: it refuses root. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error("PostgreSQL is missing: apt-get install postgresql");
  const dir = await Deno.makeTempDir({ prefix: "lllm-postgres-" });
  await Deno.chmod(dir, 0o755);
  const data = `${dir}/data`;
  await Deno.mkdir(data, { mode: 0o700 });
  const isRoot = Deno.uid() === 0;
  const asOwner = (...command: string[]) =>
    isRoot ? ["runuser", "-u", "postgres", "--", ...command] : command;
  if (isRoot) await run("chown", "-R", "postgres", data);
  await run(
    ...asOwner(`${bin}/initdb`, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"),
  );
  const port = freePort();
  const settings = [
    `-p${port}`,
    ...[
      "-cfsync=off",
      "-clisten_addresses=127.0.0.1",
      `-cunix_socket_directories=${data}`,
      "-cmax_connections=50",
    ],
  ];
  const [program, ...args] = asOwner(`${bin}/postgres`, "-D", data, ...settings) as [string, ...string[]];
  const server = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
  const messages: string[] = [];
  const ready = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const text of server.stderr.pipeThrough(new TextDecoderStream())) {
      messages.push(text);
      if (text.includes("ready to accept connections")) ready.resolve();
    }
    ready.reject(new Error(`PostgreSQL did not start:\n${messages.join("")}`));
  })();
  ready.promise.catch(() => {});
  await ready.promise;
  const pid = Number((await Deno.readTextFile(`${data}/postmaster.pid`)).split("\n")[0]);
  const kill = () => Deno.kill(pid, "SIGKILL");
  addEventListener("unload", kill); // where tests are filtered, nobody ends it
  return {
    url: `postgres://tester@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      removeEventListener("unload", kill);
      Deno.kill(pid, "SIGINT"); // ends what is connected, and the server
      await server.status;
      await reading;
      await Deno.remove(dir, { recursive: true });
    },
  };
}

async function run(...command: string[]): Promise<void> {
  const [program, ...args] = command as [string, ...string[]];
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
