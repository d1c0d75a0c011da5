import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PROGRAM = process.env.TUNEMASK ?? join(ROOT, "target/debug/tunemask");

/** A port that is free now. */
export async function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}

/** `tunemask serve` on a port and a home folder of its own. */
export class Program {
  private child: ChildProcess | undefined;
  private output = "";

  private constructor(
    readonly port: number,
    readonly home: string,
    private readonly more: string[],
  ) {}

  /** Starts it on an empty home folder, with more options where they are given. */
  static async start(more: string[] = []): Promise<Program> {
    const home = await mkdtemp(join(tmpdir(), "tunemask-e2e-"));
    const program = new Program(await freePort(), home, more);
    await program.launch();
    return program;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it on the home folder as it stands. */
  async launch(): Promise<void> {
    const options = ["serve", "--port", String(this.port), "--home", this.home, "--device", "cpu", ...this.more];
    const child = spawn(PROGRAM, options, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => (this.output += `cannot start ${PROGRAM}: ${error.message}\n`));
    this.child = child;
    const end = Date.now() + 30_000;
    while (Date.now() < end && child.exitCode === null) {
      const answer = await fetch(this.url).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`tunemask does not serve ${this.url}; it said:\n${this.output}`);
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
