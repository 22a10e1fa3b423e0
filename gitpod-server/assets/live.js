// Keeps `[data-live]` regions as the server would render them now: an event arrives, the page is fetched again, and what
// differs is changed in place, so that focus, scroll and selection stay.
import { morph } from './morph.js';
import { tick } from './clock.js';

const GAP = 200;
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
  const offline = document.querySelector('#offline');
  const open = () => {
    const only = body.dataset.workspace ? `&workspace=${body.dataset.workspace}` : '';
    source = new EventSource(`/events?after=${sequence}${only}`);
    source.addEventListener('workspace', (event) => {
      sequence = event.lastEventId || sequence;
      refresh();
    });
    source.addEventListener('open', () => {
      if (offline && !offline.hidden) {
        offline.hidden = true;
        refresh();
      }
    });
    source.addEventListener('error', () => {
      if (offline) offline.hidden = false;
      // A refused stream (signed out, server replaced) is not tried again by the browser: do it here.
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => {
          refresh();
          open();
        }, 2000);
      }
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      close();
    } else if (!source) {
      refresh();
      open();
    }
  });
  addEventListener('pagehide', close);
  if (!document.hidden) open();
  leave();
}
