// What a person does in the terminal editor.
import { check, fileInside, say, shot, until } from "./expect.mjs";

export async function ready(page) {
  await page.locator('.tab[data-selected="true"]').waitFor({ timeout: 30_000 });
  await page.locator('#state[data-state="connected"]').waitFor({ timeout: 30_000 });
  say("the terminal editor is connected");
}

const text = async (page) => (await page.locator(".panel:not([hidden]) .xterm-rows").innerText()).replaceAll("\u00a0", " ");

/** The tab of a task shows what the task said before this page was opened. */
export async function checkTask(page, name, expected) {
  await page.locator(".tab .name", { hasText: name }).click();
  await until(`the output of ${name}`, async () => (await text(page)).includes(expected));
  await shot(page, "terminal");
}

/** Opens a tab of its own and runs a command there. */
export async function runInNewTab(page, id, command, file, expected) {
  const before = await page.locator(".tab").count();
  await page.locator("#new").click();
  await until("a new tab", async () => (await page.locator(".tab").count()) === before + 1);
  await until("a prompt", async () => /[$#]$/.test((await text(page)).trimEnd()));
  await page.keyboard.type(`${command}\n`);
  await until(`${file} from the terminal`, async () => (await fileInside(id, file)).trim() === expected);
  say("a command ran in a new tab");
}

/** A reload shows the same terminals with what they said. */
export async function reload(page, expected) {
  const before = await page.locator(".tab").count();
  await page.reload();
  await ready(page);
  await until("the same tabs", async () => (await page.locator(".tab").count()) === before);
  await page.locator(".tab .name").last().click();
  await until("what was there before", async () => (await text(page)).includes(expected));
  say("a reload lost nothing");
}

/** The screen's size reaches the shell, and follows the window. */
export async function resize(page, id, file) {
  const measured = async () => {
    await page.keyboard.type(`stty size > ${file}; echo measured\n`);
    return (await until("a size", () => fileInside(id, file))).trim();
  };
  const wide = await measured();
  await page.setViewportSize({ width: 700, height: 500 });
  const narrow = await until("a smaller size", async () => {
    const now = await measured();
    return now !== wide && now;
  });
  check(Number(narrow.split(" ")[1]) < Number(wide.split(" ")[1]), `not narrower: ${wide} → ${narrow}`);
  say(`the shell's size follows the window: ${wide} → ${narrow}`);
}
