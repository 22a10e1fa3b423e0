// Output of tasks: `[data-log]` holds the address of a stream of text.
import { Ansi } from './ansi.js';

const LINES = 4000;
const busy = new WeakSet();

/** Starts every log in the page that does not run yet and is visible. */
export function listen() {
  for (const log of document.querySelectorAll('[data-log]')) {
    const fold = log.closest('details');
    if (fold && !fold.open) {
      fold.addEventListener('toggle', listen, { once: true });
      continue;
    }
    if (!busy.has(log)) {
      busy.add(log);
      stream(log);
    }
  }
}

async function stream(log) {
  const status = log.parentElement.querySelector('[data-log-status]');
  const tell = (text) => {
    if (status) status.textContent = text;
  };
  for (let wait = 500; log.isConnected; wait = Math.min(wait * 2, 8000)) {
    const aborter = new AbortController();
    try {
      tell('connecting');
      const response = await fetch(log.dataset.log, { signal: aborter.signal });
      if (response.status === 204 || response.status === 404) {
        tell('ended');
        return;
      }
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      tell('live');
      log.replaceChildren();
      const ansi = new Ansi(log, LINES);
      const decoder = new TextDecoder();
      wait = 500;
      for await (const chunk of chunks(response.body)) {
        if (!log.isConnected) {
          aborter.abort();
          return;
        }
        const follow = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
        ansi.write(decoder.decode(chunk, { stream: true }));
        if (follow) log.scrollTop = log.scrollHeight;
      }
      tell('ended');
      if (log.dataset.state === 'closed') return;
    } catch (error) {
      tell(`interrupted: ${error.message}`.slice(0, 200));
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function* chunks(body) {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
