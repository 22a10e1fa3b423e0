// Entry module of every page: theme, keyboard, actions, live regions, and what a page needs on top.
import { act } from './actions.js';
import { follow } from './live.js';
import { tick } from './clock.js';
import { listen } from './logs.js';
import { prepareForm } from './new.js';

const root = document.documentElement;

document.querySelector('#theme')?.addEventListener('click', () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('theme', root.dataset.theme);
  } catch {
    // Lasts until the page is left.
  }
});

// `/#<url>` has always meant: a workspace from this URL. The fragment never reaches a server, so it is read here.
if (location.pathname === '/workspaces' && location.hash.length > 2) {
  location.replace(`/new${location.hash}`);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  if (button) act(button);
  const closer = event.target.closest('button[data-close]');
  if (closer) closer.closest('dialog').close();
});

// Single keys, unless one is typing. They are listed in the dialog that `?` opens.
const keys = {
  n: () => location.assign('/new'),
  w: () => location.assign('/workspaces'),
  t: () => document.querySelector('#theme')?.click(),
  '/': () => document.querySelector('[data-search]')?.focus(),
  '?': () => document.querySelector('#shortcuts')?.showModal(),
  j: () => step(1),
  k: () => step(-1),
};
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input:not([type="radio"]), textarea, select, [contenteditable], dialog');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const run = keys[event.key];
  if (run) {
    event.preventDefault();
    run();
  }
});
document.querySelector('#help')?.addEventListener('click', keys['?']);

function step(by) {
  const rows = [...document.querySelectorAll('.list h2 a')].filter((row) => row.offsetParent);
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}

const search = document.querySelector('[data-search]');
function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of document.querySelectorAll('.list > li')) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
}
search?.addEventListener('input', filter);

prepareForm();
tick();
listen();
follow(() => {
  if (search) filter();
  listen();
});

// Signing in forgets a fragment; where it leads is kept in the form.
const next = document.querySelector('[data-next]');
if (next && location.hash.length > 2) next.value = `/new${location.hash}`;
