// Times that run: `data-since` counts up, `data-until` counts down. The server's clock is what counts, so the offset is kept.

const server = Number(document.body.dataset.now);
const offset = Number.isFinite(server) && server > 0 ? server - Date.now() : 0;
let timer = null;

/** Shows every running time in the page, and goes on while there is one. */
export function tick() {
  clearTimeout(timer);
  const now = Date.now() + offset;
  let soon = Infinity;
  for (const element of document.querySelectorAll('time[data-since]')) {
    element.textContent = short(Math.max(0, now - Number(element.dataset.since)));
    soon = 100;
  }
  for (const element of document.querySelectorAll('time[data-until]')) {
    const left = Number(element.dataset.until) - now;
    element.textContent = left > 0 ? `stops in ${long(left)}` : 'stops now';
    soon = Math.min(soon, 15_000);
  }
  if (soon < Infinity) timer = setTimeout(tick, soon);
}

function short(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

function long(ms) {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
