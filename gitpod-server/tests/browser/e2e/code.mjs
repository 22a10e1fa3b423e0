// What a person does in VS Code.
import { cli, say, shot, sleep, until, fileInside } from "./expect.mjs";

const ROWS = ".explorer-folders-view .monaco-list-row";

export async function ready(page) {
  await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
  await page.locator(ROWS).first().waitFor({ timeout: 60_000 });
  say("VS Code shows the repository's files");
}

/** Opens a file from the explorer, the cursor at its top. */
export async function open(page, name) {
  await page.locator(ROWS, { hasText: name }).first().dblclick();
  const lines = page.locator(".editor-instance .view-lines").first();
  await lines.waitFor({ timeout: 30_000 });
  await lines.click();
  await page.keyboard.press("Control+Home");
  say(`${name} is open`);
}

export async function type(page, line) {
  await page.keyboard.type(`${line}\n`);
}

/** Saves the open file, which begins with this line now. */
export async function save(page, id, folder, name, line) {
  await page.keyboard.press("Control+s");
  await until(`${name} on disk with the new line`, async () => (await fileInside(id, `${folder}/${name}`)).startsWith(`${line}\n`));
  say(`${name} was edited and saved`);
}

/** When the workspace stops by itself: moves with each sign of a person. */
async function stopsAt(id) {
  const { status } = JSON.parse(await cli("workspace", "get", id, "--output", "json"));
  return Date.parse(status.timeoutAt);
}

// Longer than the extension waits between two signs, so that one of an idle window would show.
const IDLE_SECONDS = 25;

/** Nobody does anything for a while: an open window alone is no sign of a person. Opening it was one, which may show late. */
export async function idle(id) {
  await until(`${IDLE_SECONDS} s without a sign of a person`, async () => {
    const before = await stopsAt(id);
    await sleep(IDLE_SECONDS);
    return (await stopsAt(id)) === before;
  }, 4 * IDLE_SECONDS);
  say("an idle window is no sign of a person");
  return stopsAt(id);
}

/** What was just typed has moved the end of the workspace. Commands run from outside are signs, too: there must be none before. */
export async function worked(id, before) {
  await until("typing to count as work", async () => (await stopsAt(id)) > before);
  say("typing in the editor is a sign of a person");
}

/** Opens a terminal, runs a command once its prompt is there, and waits for the file that the command writes. */
export async function runInTerminal(page, id, command, file, expected) {
  await page.keyboard.press("Control+Shift+`");
  const screen = page.locator(".terminal-wrapper.active .xterm-rows, .terminal-wrapper .xterm-rows").last();
  await screen.waitFor({ timeout: 30_000 });
  await until("a prompt", async () => /[$#]\s*$/.test((await screen.innerText()).replaceAll("\u00a0", " ").trimEnd() + " "), 30);
  await page.keyboard.type(`${command}\n`);
  await until(`${file} from the terminal`, async () => (await fileInside(id, file)).trim() === expected);
  await shot(page, "editor");
  say("a command ran in the terminal of VS Code");
}
