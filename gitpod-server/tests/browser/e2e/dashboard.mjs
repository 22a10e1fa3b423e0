// What a person does on the dashboard.
import { check, cli, say, shot, until } from "./expect.mjs";

const STEPS = 9;

/** Follows the first-run link. */
export async function signIn(page) {
  await page.goto(process.env.E2E_LINK);
  const submit = page.locator("main button", { hasText: "Sign in" });
  await until("the dashboard or its sign-in form", async () =>
    (await page.getByRole("heading", { name: "Workspaces" }).count()) || (await submit.count()));
  if (await submit.count()) await submit.click();
  await page.getByRole("heading", { name: "Workspaces" }).waitFor();
  await shot(page, "empty");
  say("signed in");
}

/** Pastes a repository's address, watches the nine steps, ends in the editor; gives the workspace's id. */
export async function create(page, url, editor) {
  await page.goto(new URL("/new", process.env.E2E_HOST).href);
  await page.locator("#url").fill(url);
  await page.locator(`input[name=editor][value=${editor}]`).check();
  await shot(page, `new-${editor}`);
  await page.getByRole("button", { name: "Create workspace" }).click();
  await page.waitForURL(/\/start\/|\.ws\./, { timeout: 30_000 });
  await shot(page, `start-${editor}`);
  await page.waitForURL(/\.ws\.localhost/, { timeout: 90_000, waitUntil: "commit" });
  const id = new URL(page.url()).hostname.split(".")[0];
  say(`${id} is open in ${editor}`);
  return id;
}

/** Every step is shown with its time. */
export async function checkSteps(page, id) {
  await page.goto(new URL(`/workspaces/${id}`, process.env.E2E_HOST).href);
  const steps = page.locator("ol.steps > li");
  await until("nine steps", async () => (await steps.count()) === STEPS);
  check((await page.locator("ol.steps > li.done").count()) === STEPS, `not every step is done: ${await steps.allInnerTexts()}`);
  for (const time of await page.locator("ol.steps > li time").allInnerTexts()) {
    check(/\d/.test(time), `a step shows no time: ${await steps.allInnerTexts()}`);
  }
  say(`steps: ${(await steps.allInnerTexts()).map((text) => text.replaceAll("\n", " ")).join(" | ")}`);
  await shot(page, "details");
}

/** Follows the link of a served port. */
export async function openPort(page, id, port) {
  await page.goto(new URL(`/workspaces/${id}`, process.env.E2E_HOST).href);
  await page.locator(`[data-key="port-${port}"] a`).click({ timeout: 30_000 });
  await page.waitForURL(new RegExp(`//${port}-${id}\\.ws\\.`), { timeout: 30_000 });
  return page.locator("body").innerText();
}

export async function list(page) {
  await page.goto(new URL("/workspaces", process.env.E2E_HOST).href);
  await page.locator("ul.list > li").first().waitFor();
  await shot(page, "list");
}

/** Presses Stop in the list and waits until the list says so by itself. */
export async function stop(page, id) {
  await list(page);
  const row = page.locator(`li[data-key="${id}"]`);
  await row.locator('[data-action="stop"]').click();
  await row.locator('[data-action="start"]').waitFor({ timeout: 60_000 });
  say("stopped");
  await shot(page, "stopped");
}

/** Presses Start and ends in the editor again. */
export async function start(page, id) {
  await list(page);
  await page.locator(`li[data-key="${id}"] [data-action="start"]`).click();
  await page.waitForURL(/\.ws\.localhost/, { timeout: 90_000, waitUntil: "commit" });
  say("started again");
}

/** Presses Delete, answers the question, and waits until it is gone from the list and the API. */
export async function remove(page, id) {
  await list(page);
  const row = page.locator(`li[data-key="${id}"]`);
  await row.locator('[data-action="delete"]').click();
  await page.locator("#question[open]").waitFor();
  await shot(page, "question");
  await page.locator('#question button[value="no"]').click();
  check((await row.count()) === 1, "a question that was answered with no deleted the workspace");
  await row.locator('[data-action="delete"]').click();
  await page.locator('#question button[value="yes"]').click();
  await row.waitFor({ state: "detached", timeout: 60_000 });
  const left = await cli("workspace", "list", "--output", "json");
  check(!left.includes(id), "the API still lists a deleted workspace");
  say("deleted");
}
