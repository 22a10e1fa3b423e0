// Keeps `[data-live]` regions as the server would render them now: an event arrives, the page is fetched again, and what
// differs is changed in place, so that focus, scroll and selection stay.
import { morph } from './morph.js';
import { tick } from './clock.js';

const GAP = 200;
/** Without an event: how much of a disk is used, how long ago things were. */
const NOW_AND_THEN = 60_000;
let after = () => {};
let pending = null;
let again = false;

/** Fetches this page once more and updates its live regions. Calls during a fetch lead to one more fetch. */
export async function refresh() {
  if (pending) {
    again = true;
    return pending;
  }
  pending = (async () => {
    do {
      again = false;
      await update();
      await new Promise((resolve) => setTimeout(resolve, GAP));
    } while (again);
  })();
  try {
    await pending;
  } finally {
    pending = null;
  }
}

async function update() {
  let response;
  try {
    response = await fetch(location.pathname + location.search, { headers: { Accept: 'text/html' } });
  } catch {
    return; // The event stream notices as well, and tries again.
  }
  if (response.redirected || response.status === 404) {
    location.assign(response.redirected ? response.url : '/workspaces');
    return;
  }
  if (!response.ok) return;
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  const place = document.activeElement?.closest('[data-key], [data-live]');
  for (const region of document.querySelectorAll('[data-live]')) {
    const fresh = next.querySelector(`[data-live="${region.dataset.live}"]`);
    if (fresh) morph(region, fresh);
  }
  // A button that was focused may be gone (Stop became Start): stay near it, for those who do not use a mouse.
  if (place && document.activeElement === document.body) {
    const near = place.isConnected ? place.querySelector('a, button') : document.querySelector('#main');
    near?.focus({ preventScroll: true });
  }
  document.title = next.title;
  tick();
  leave();
  after();
}

/** A start page whose workspace runs goes on to the editor by itself. */
function leave() {
  const ready = document.querySelector('[data-go]');
  if (ready?.dataset.go) location.replace(ready.dataset.go);
}

/** Follows events until the page is hidden, and again when it is seen: browsers allow only six connections to a host. */
export function follow(then) {
  after = then;
  const body = document.body;
  if (!body.dataset.sequence) return;
  let sequence = body.dataset.sequence;
  let source = null;
  let retry = null;
  let failures = 0;
  const offline = document.querySelector('#offline');
  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    const only = body.dataset.workspace ? `&workspace=${body.dataset.workspace}` : '';
    source = new EventSource(`/events?after=${sequence}${only}`);
    const heard = (event) => {
      sequence = event.lastEventId || sequence;
      refresh();
    };
    source.addEventListener('workspace', heard);
    // Events were missed that cannot be told any more; the page is read anew in either case.
    source.addEventListener('resync', heard);
    source.addEventListener('open', () => {
      failures = 0;
      if (offline) offline.hidden = true;
    });
    // Browsers wait long and some give up; a restarted server is back within a second or two.
    source.addEventListener('error', () => {
      close();
      failures += 1;
      if (offline && failures > 1) offline.hidden = false;
      retry = setTimeout(() => {
        refresh(); // Leads to the sign-in page when the session is over.
        open();
      }, Math.min(250 * 2 ** failures, 4000));
    });
  };
  const resume = () => {
    if (source) return;
    refresh();
    open();
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : resume()));
  setInterval(() => source && refresh(), NOW_AND_THEN);
  addEventListener('pagehide', close);
  addEventListener('pageshow', (event) => event.persisted && resume());
  if (!document.hidden) open();
  leave();
}
