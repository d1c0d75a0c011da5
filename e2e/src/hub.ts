import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROGRAM } from "./program.ts";

/** A hub on loopback with one model, a small BERT, at `acme/bert`. */
export class Hub {
  /** Requests that came. */
  readonly asked: string[] = [];
  /** Weights come so many bytes at a time. */
  chunk = 1 << 30;
  /** The weights' first byte is wrong in every answer. */
  wrong = false;

  private readonly server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://hub").pathname;
    this.asked.push(`${request.method} ${path}`);
    const file = /^\/acme\/bert\/resolve\/[0-9a-f]{40}\/([\w.]+)$/.exec(path)?.[1] ?? "";
    const bytes = this.files.get(file);
    if (path === "/api/models/acme/bert/revision/main") {
      response.end(JSON.stringify({ id: "acme/bert", sha: "1".repeat(40), siblings: this.siblings() }));
    } else if (bytes === undefined) {
      response.writeHead(404, { "x-error-code": "RepoNotFound" }).end();
    } else {
      void this.send(bytes, response);
    }
  });

  private constructor(private readonly files: Map<string, Buffer>) {}

  static async start(): Promise<Hub> {
    const folder = await mkdtemp(join(tmpdir(), "tunemask-hub-"));
    const out = join(folder, "bert");
    const text = ["--builtin-text", "--texts", "64", "--held-out", "8", "--steps", "1"];
    await promisify(execFile)(PROGRAM, ["pretrain", "--model", "builtin:tiny", ...text, "--out", out]);
    const files = new Map<string, Buffer>();
    for (const name of await readdir(out)) files.set(name, await readFile(join(out, name)));
    await rm(folder, { recursive: true });
    const hub = new Hub(files);
    await new Promise<void>((done) => hub.server.listen(0, "127.0.0.1", done));
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private siblings(): object[] {
    return [...this.files].map(([rfilename, bytes]) => {
      const blobId = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
      return { rfilename, size: bytes.length, blobId };
    });
  }

  private async send(bytes: Buffer, response: import("node:http").ServerResponse): Promise<void> {
    const sent = Buffer.from(bytes);
    if (this.wrong && sent.length > 100_000) sent[0] = (sent[0] ?? 0) ^ 1;
    response.setHeader("content-length", sent.length);
    for (let at = 0; at < sent.length; at += this.chunk) {
      response.write(sent.subarray(at, at + this.chunk));
      if (sent.length > this.chunk) await new Promise((done) => setTimeout(done, 200));
    }
    response.end();
  }
}
