// Runs the VS Code server of this package on the loopback interface of a workspace.
//
//   node start.mjs --port 23000 --folder /workspace/repo [--data DIR]
//
// Who may connect is decided in front of it (by the platform's proxy, and by the workspace's own network namespace), so it asks
// for no password; it refuses WebSockets that a page of another origin opens.
import { createServer } from "node:http";
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { enableCompileCache } from "node:module";
import { parseArgs } from "node:util";

const here = import.meta.dirname;
enableCompileCache({ directory: join(here, "compile-cache"), portable: true });

const { values: options } = parseArgs({
  options: { port: { type: "string" }, folder: { type: "string" }, data: { type: "string" } },
});
const port = Number(options.port);
if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`not a port: ${options.port}`);

const data = dataDirectory();
seedSettings();
const started = loadServer();
const static_ = staticFiles();

const http = createServer(async (request, response) => {
  const path = request.url.split("?", 1)[0];
  if (path === "/healthz") {
    // Ready means: the workbench can be served, not only that a socket is open.
    await started;
    return answer(response, 200, "text/plain", "ok");
  }
  const file = static_.get(path);
  if (file) return answer(response, 200, file.type, file.bytes());
  (await started).handleRequest(request, response);
});
http.on("upgrade", async (request, socket) => {
  if (!sameOrigin(request)) {
    return socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  }
  (await started).handleUpgrade(request, socket);
});
http.listen(port, "127.0.0.1");

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, async () => {
    http.close();
    (await started).dispose();
    process.exit(0);
  });
}

async function loadServer() {
  // The server module starts one by itself, unless it finds this.
  process.env.CODE_SERVER_PARENT_PID = String(process.pid);
  const module = await import(join(here, "lib/vscode/out/server-main.js"));
  const code = await module.loadCodeWithNls();
  delete process.env.CODE_SERVER_PARENT_PID;
  return code.createServer(null, {
    _: [],
    host: "127.0.0.1",
    port: String(port),
    "accept-server-license-terms": true,
    "without-connection-token": true,
    compatibility: "1.64",
    "server-data-dir": data,
    "user-data-dir": join(data, "data"),
    "extensions-dir": join(data, "extensions"),
    "default-folder": options.folder || process.env.THEIA_WORKSPACE_ROOT || homedir(),
    "telemetry-level": "off",
    "disable-telemetry": true,
    "disable-update-check": true,
    "disable-workspace-trust": true,
    "disable-getting-started-override": true,
    "reconnection-grace-time": "300",
    log: ["warn"],
  });
}

// Settings and extensions belong to the workspace and live as long as its files.
function dataDirectory() {
  for (const dir of [options.data, "/workspace/.vscode-remote", join(homedir(), ".vscode-remote")]) {
    if (!dir) continue;
    try {
      mkdirSync(dir, { recursive: true });
      accessSync(dir, constants.W_OK);
      return dir;
    } catch (error) {
      console.error(`cannot keep settings in ${dir}: ${error.message}`);
    }
  }
  throw new Error("there is no directory that the editor may write to");
}

function seedSettings() {
  const settings = join(data, "data/User/settings.json");
  if (existsSync(settings)) return;
  mkdirSync(dirname(settings), { recursive: true });
  copyFileSync(join(here, "settings.json"), settings);
}

// What the workbench page asks for and the server itself does not have.
function staticFiles() {
  const media = (name) => () => readFileSync(join(here, "media", name));
  const icons = ["192", "512"].map((size) => ({ src: `_static/src/browser/media/pwa-icon-${size}.png`, sizes: `${size}x${size}`, type: "image/png" }));
  const manifest = { name: "VS Code", short_name: "VS Code", start_url: ".", display: "fullscreen", icons };
  const worker = "self.addEventListener('fetch', () => {});";
  return new Map([
    ["/manifest.json", { type: "application/manifest+json", bytes: () => JSON.stringify(manifest) }],
    ["/_static/out/browser/serviceWorker.js", { type: "text/javascript", bytes: () => worker }],
    ["/_static/src/browser/media/favicon.ico", { type: "image/x-icon", bytes: media("favicon.ico") }],
    ["/_static/src/browser/media/favicon-dark-support.svg", { type: "image/svg+xml", bytes: media("favicon-dark-support.svg") }],
    ["/_static/src/browser/media/pwa-icon-192.png", { type: "image/png", bytes: media("pwa-icon-192.png") }],
    ["/_static/src/browser/media/pwa-icon-512.png", { type: "image/png", bytes: media("pwa-icon-512.png") }],
  ]);
}

function answer(response, status, type, body) {
  const headers = { "content-type": type, "cache-control": "no-cache" };
  // The page declares the worker's scope as the whole workspace host.
  if (type === "text/javascript") headers["service-worker-allowed"] = "/";
  response.writeHead(status, headers).end(body);
}

// Browsers always send `Origin` with WebSockets; other clients send none.
function sameOrigin({ headers }) {
  if (!headers.origin) return true;
  let host;
  try {
    host = new URL(headers.origin).host;
  } catch {
    return false;
  }
  return host === headers.host || host === headers["x-forwarded-host"];
}
