import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
export const PROGRAM = process.env.TUNEMASK ?? join(ROOT, "target/debug/tunemask");

/** `tunemask serve` on a port and a home folder of its own. */
export class Program {
  private child: ChildProcess | undefined;
  private output = "";

  private chosenPort = 0;

  private constructor(
    readonly home: string,
    private readonly more: string[],
    private readonly variables: Record<string, string>,
  ) {}

  /** Starts it on an empty home folder, with more options and variables where they are given. */
  static async start(more: string[] = [], variables: Record<string, string> = {}): Promise<Program> {
    const home = await mkdtemp(join(tmpdir(), "tunemask-e2e-"));
    const program = new Program(home, more, variables);
    await program.launch();
    return program;
  }

  /** The port that the system chose for its first start; every later start takes it again. */
  get port(): number {
    return this.chosenPort;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it on the home folder as it stands. */
  async launch(): Promise<void> {
    const device = this.more.includes("--devices") ? [] : ["--device", "cpu"];
    const options = ["serve", "--port", String(this.chosenPort), "--home", this.home, ...device, ...this.more];
    // The hub's cache of who runs the tests is no part of them.
    const env = { ...process.env, HF_HOME: join(this.home, "hf"), ...this.variables };
    const child = spawn(PROGRAM, options, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => (this.output += `cannot start ${PROGRAM}: ${error.message}\n`));
    this.child = child;
    const end = Date.now() + 30_000;
    while (Date.now() < end && child.exitCode === null) {
      this.chosenPort ||= Number(/Tunemask is at http:\/\/[^/]*:(\d+)\//.exec(this.output)?.[1] ?? 0);
      const answer = this.chosenPort > 0 ? await fetch(this.url).catch(() => undefined) : undefined;
      // Whatever it says, it is there: some ask for the token first.
      if (answer) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`tunemask does not serve ${this.url}; it said:\n${this.output}`);
  }

  /** Processes that it has started and that go on. */
  get children(): number[] {
    const pids = spawnSync("ps", ["-o", "pid=", "--ppid", String(this.child?.pid)], { encoding: "utf8" }).stdout;
    return pids.split("\n").map(Number).filter(Boolean);
  }

  /** Stops it where it stands, as a machine that swaps or sleeps would; it keeps its connections. */
  freeze(): void {
    this.child?.kill("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.child?.kill("SIGCONT");
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  /** Ends it and removes its home folder. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.home, { recursive: true, force: true });
  }

  /** What it printed. */
  get said(): string {
    return this.output;
  }
}
