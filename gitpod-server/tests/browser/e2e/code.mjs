// What a person does in VS Code.
import { say, shot, until, fileInside } from "./expect.mjs";

const ROWS = ".explorer-folders-view .monaco-list-row";

export async function ready(page) {
  await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
  await page.locator(ROWS).first().waitFor({ timeout: 60_000 });
  say("VS Code shows the repository's files");
}

/** Opens a file from the explorer, types a line at its top, saves. */
export async function edit(page, id, folder, name, line) {
  await page.locator(ROWS, { hasText: name }).first().dblclick();
  const lines = page.locator(".editor-instance .view-lines").first();
  await lines.waitFor({ timeout: 30_000 });
  await lines.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(`${line}\n`);
  await page.keyboard.press("Control+s");
  await until(`${name} on disk with the new line`, async () => (await fileInside(id, `${folder}/${name}`)).startsWith(`${line}\n`));
  say(`${name} was edited and saved`);
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
