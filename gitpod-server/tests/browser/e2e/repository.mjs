// The repository of these tests: a page to edit, and a task that serves a port.
export const GREETING = "Served by the task of this workspace";

export const files = {
  "README.md": "# Hello\n\nA line to edit.\n",
  ".gitpod.yml": `tasks:
  - name: web
    init: echo prepared > prepared.txt
    command: node server.mjs
ports:
  - port: 8000
    name: web
    onOpen: ignore
`,
  // Only the DOM renderer of VS Code's terminal has text that a test can read.
  ".vscode/settings.json": `{ "terminal.integrated.gpuAcceleration": "off" }\n`,
  "server.mjs": `import { createServer } from "node:http";
createServer((request, response) => response.end("${GREETING}\\n")).listen(8000, "127.0.0.1");
console.log("listening on 8000");
`,
};
