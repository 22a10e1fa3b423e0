// Waiting with a deadline, and saying what was waited for.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const began = performance.now();

export function say(text) {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

export function check(condition, text) {
  if (!condition) throw new Error(text);
}

export function sleep(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Calls `probe` until it gives something true; its last error or answer explains a failure. */
export async function until(what, probe, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await sleep(0.05);
  }
  throw new Error(`not within ${seconds} s: ${what} (last: ${last?.message ?? JSON.stringify(last)})`);
}

/** Runs the command line client as the administrator. */
export async function cli(...args) {
  const { stdout } = await run(process.env.E2E_CLI, args, { maxBuffer: 1 << 20, timeout: 60_000 });
  return stdout;
}

/** A file of the workspace, read from inside; fails while it is not there. */
export function fileInside(id, path) {
  return cli("workspace", "exec", id, "--", "cat", path);
}

export async function shot(page, name) {
  if (process.env.E2E_SHOTS) await page.screenshot({ path: join(process.env.E2E_SHOTS, `${name}.png`) });
}
