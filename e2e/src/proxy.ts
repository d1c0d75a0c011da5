import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A reverse proxy that has a program's page below a path, which it takes off, as the usual ones are set up. */
export class Proxy {
  private readonly server: Server;
  private readonly open = new Set<Socket>();

  /** The program's port. */
  port = 0;

  private constructor(readonly path: string) {
    this.server = createServer((from, to) => {
      const passed = request({ ...this.passed(from), method: from.method }, (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(to);
      });
      passed.once("error", () => to.writeHead(502).end());
      from.pipe(passed);
    });
    this.server.on("upgrade", (from: IncomingMessage, browser: Socket) => {
      const { path, headers } = this.passed(from);
      const program = connect(this.port, "127.0.0.1", () => {
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
        program.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
        browser.pipe(program).pipe(browser);
      });
      for (const end of [browser, program]) {
        end.once("error", () => void (browser.destroy(), program.destroy()));
        end.once("close", () => void (browser.destroy(), program.destroy()));
      }
    });
    this.server.on("connection", (socket: Socket) => {
      this.open.add(socket);
      socket.once("close", () => this.open.delete(socket));
    });
  }

  /** The request as the program gets it: for its own address, with a word on who asks. */
  private passed(from: IncomingMessage) {
    const { url = "/" } = from;
    const path = url.startsWith(this.path) ? url.slice(this.path.length) || "/" : "/outside.txt";
    const host = `127.0.0.1:${this.port}`;
    return {
      host: "127.0.0.1",
      port: this.port,
      path,
      headers: { ...from.headers, host, "x-forwarded-for": "192.0.2.1" },
    };
  }

  /** Listens on a port that the system chooses; whoever starts the program sets its `port`. */
  static async start(path: string): Promise<Proxy> {
    const proxy = new Proxy(path);
    await new Promise<void>((done) => proxy.server.listen(0, "127.0.0.1", done));
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}${this.path}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
