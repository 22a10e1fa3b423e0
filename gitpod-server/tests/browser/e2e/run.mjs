// Plays one scenario in headless Chromium against a running server. Environment: E2E_SCENARIO (code, terminal), E2E_LINK (the
// first-run link), E2E_HOST, E2E_CLI (the `gitpod` executable; GITPOD_HOST and GITPOD_TOKEN are its own), E2E_CHROMIUM, E2E_SHOTS.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import * as code from "./code.mjs";
import * as dashboard from "./dashboard.mjs";
import { check, fileInside, say, shot, until } from "./expect.mjs";
import { serveRepository } from "./git-server.mjs";
import { GREETING, files } from "./repository.mjs";
import * as terminal from "./terminal.mjs";

const FOLDER = "/workspace/hello";

async function inCode(page, repository) {
  await dashboard.signIn(page);
  const id = await dashboard.create(page, repository.url, "code");
  await code.ready(page);
  await code.open(page, "README.md");
  const end = await code.idle(id);
  await code.type(page, "# Edited in the browser");
  await code.worked(id, end);
  await code.save(page, id, FOLDER, "README.md", "# Edited in the browser");
  await code.runInTerminal(page, id, "echo made-$((6*7)) > from-terminal.txt", `${FOLDER}/from-terminal.txt`, "made-42");
  await dashboard.checkSteps(page, id);
  const body = await dashboard.openPort(page, id, 8000);
  check(body.includes(GREETING), `the port shows something else: ${body}`);
  await shot(page, "port");
  say("the port that the task serves is open");

  await dashboard.stop(page, id);
  await dashboard.start(page, id);
  await code.ready(page);
  check((await fileInside(id, `${FOLDER}/README.md`)).startsWith("# Edited in the browser\n"), "the edit is gone");
  check((await fileInside(id, `${FOLDER}/from-terminal.txt`)).trim() === "made-42", "the terminal's file is gone");
  say("what was written is still there");
  await dashboard.remove(page, id);
}

async function inTerminal(page, repository) {
  await dashboard.signIn(page);
  const id = await dashboard.create(page, repository.url, "terminal");
  await terminal.ready(page);
  await terminal.checkTask(page, "web", "listening on 8000");
  await terminal.runInNewTab(page, id, "echo made-$((6*7)) > new.txt; cat new.txt", `${FOLDER}/new.txt`, "made-42");
  await terminal.reload(page, "made-42");
  await terminal.resize(page, id, `${FOLDER}/size.txt`);
  await page.setViewportSize({ width: 1280, height: 800 });
  check((await fileInside(id, `${FOLDER}/prepared.txt`)).trim() === "prepared", "the init task did not run");

  await dashboard.stop(page, id);
  await dashboard.start(page, id);
  await terminal.ready(page);
  await until("the file after a restart", async () => (await fileInside(id, `${FOLDER}/new.txt`)).trim() === "made-42");
  say("what was written is still there");
  await dashboard.remove(page, id);
}

const profile = mkdtempSync(join(tmpdir(), "browser-profile-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.E2E_CHROMIUM,
  headless: true,
  viewport: { width: 1280, height: 800 },
  colorScheme: process.env.E2E_COLOR ?? "light",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const repository = await serveRepository("hello", files);
const page = context.pages()[0] ?? (await context.newPage());
page.on("pageerror", (error) => console.log(`        page error: ${error.message}`));
try {
  const scenario = { code: inCode, terminal: inTerminal }[process.env.E2E_SCENARIO];
  await scenario(page, repository);
} catch (error) {
  console.log(`failed at ${page.url()}: ${error.stack}`);
  console.log((await page.locator("body").innerText().catch(() => "")).slice(0, 3000));
  await shot(page, `failed-${process.env.E2E_SCENARIO}`).catch(() => {});
  process.exitCode = 1;
} finally {
  await context.close();
  repository.close();
  rmSync(profile, { recursive: true, force: true });
}
