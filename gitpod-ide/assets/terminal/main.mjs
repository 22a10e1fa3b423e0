// The page: a tab for each terminal of the workspace, those of its tasks first.
import { Session } from "./session.mjs";
import { toggle } from "./theme.mjs";

const POLL = 2000;
const byId = (id) => document.getElementById(id);
const tabs = byId("tabs");
const sessions = new Map(); // alias → { session, tab, name, task }
let selected;
let away = false;

async function api(path, options) {
  const response = await fetch(`api/${path}`, options);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

async function refresh() {
  try {
    const { terminals } = await api("terminals");
    setAway(false);
    for (const terminal of terminals) {
      const known = sessions.get(terminal.alias);
      if (known) rename(known, terminal);
      else add(terminal);
    }
    // A terminal that ended stays until the person closes it.
    for (const [alias, entry] of sessions) {
      const gone = !terminals.some((terminal) => terminal.alias === alias);
      if (gone && entry.session.exit === undefined && !entry.session.connected) drop(alias);
    }
  } catch {
    setAway(true);
  }
}

async function open() {
  const terminal = await api("terminals", { method: "POST" });
  add(terminal);
  select(terminal.alias);
}

function add(terminal) {
  if (sessions.has(terminal.alias)) return;
  const panel = document.createElement("div");
  panel.className = "panel";
  panel.id = `panel-${terminal.alias}`;
  panel.role = "tabpanel";
  panel.hidden = true;
  byId("panels").append(panel);
  const session = new Session(terminal.alias, panel);
  const entry = { session, tab: makeTab(terminal.alias), name: "" };
  sessions.set(terminal.alias, entry);
  rename(entry, terminal);
  session.addEventListener("change", () => show(entry));
  session.addEventListener("dismiss", () => close(terminal.alias));
  if (selected === undefined) select(terminal.alias);
}

function makeTab(alias) {
  const tab = document.createElement("div");
  tab.className = "tab";
  const dot = Object.assign(document.createElement("span"), { className: "dot" });
  const name = Object.assign(document.createElement("button"), { className: "name", role: "tab" });
  name.setAttribute("aria-controls", `panel-${alias}`);
  name.addEventListener("click", () => select(alias));
  const end = Object.assign(document.createElement("button"), { className: "close", textContent: "×" });
  end.addEventListener("click", () => close(alias));
  tab.append(dot, name, end);
  tabs.append(tab);
  return tab;
}

function rename(entry, { task, title }) {
  entry.name = task || title || "shell";
  show(entry);
}

function show(entry) {
  const { session, tab, name } = entry;
  const text = name === "shell" && session.title ? session.title : name;
  const [, label, end] = tab.children;
  if (label.textContent !== text) label.textContent = text;
  label.title = text;
  end.setAttribute("aria-label", `Close ${text}`);
  tab.dataset.ended = session.exit !== undefined;
  tab.dataset.failed = session.exit !== undefined && session.exit !== 0;
  if (entry === sessions.get(selected)) {
    document.title = `${text} · ${byId("workspace").textContent}`;
    showState();
  }
}

function select(alias) {
  selected = alias;
  for (const [other, { session, tab }] of sessions) {
    const chosen = other === alias;
    tab.dataset.selected = chosen;
    tab.children[1].ariaSelected = chosen;
    tab.children[1].tabIndex = chosen ? 0 : -1;
    session.panel.hidden = !chosen;
  }
  const entry = sessions.get(alias);
  if (!entry) return;
  entry.session.fit();
  entry.session.focus();
  show(entry);
}

async function close(alias) {
  drop(alias);
  await api(`terminals/${encodeURIComponent(alias)}`, { method: "DELETE" }).catch(() => {});
}

function drop(alias) {
  const entry = sessions.get(alias);
  if (!entry) return;
  const order = [...sessions.keys()];
  const next = order[order.indexOf(alias) + 1] ?? order[order.indexOf(alias) - 1];
  sessions.delete(alias);
  entry.session.dispose();
  entry.tab.remove();
  if (alias === selected) {
    selected = undefined;
    if (next !== undefined) select(next);
  }
}

function step(by) {
  const order = [...sessions.keys()];
  if (order.length > 0) select(order[(order.indexOf(selected) + by + order.length) % order.length]);
}

function setAway(now) {
  away = now;
  byId("away").hidden = !now;
  showState();
}

function showState() {
  const session = sessions.get(selected)?.session;
  const ended = session?.exit !== undefined;
  const state = away ? "away" : ended ? "ended" : session?.connected ? "connected" : "connecting";
  byId("state").dataset.state = state;
  byId("state").textContent = state;
}

function describe({ workspace, host, folder }) {
  byId("workspace").textContent = workspace || "workspace";
  byId("workspace").title = folder || "";
  if (!host || !workspace) return;
  byId("home").href = `${host}/workspaces`;
  byId("restart").href = `${host}/start/${encodeURIComponent(workspace)}`;
}

byId("new").addEventListener("click", () => open().catch(() => setAway(true)));
byId("theme").addEventListener("click", toggle);
tabs.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
addEventListener("keydown", (event) => {
  if (!event.altKey || !event.shiftKey) return;
  const action = { KeyT: () => open().catch(() => setAway(true)), ArrowLeft: () => step(-1), ArrowRight: () => step(1) }[event.code];
  if (!action) return;
  event.preventDefault();
  action();
});

await api("workspace").then(describe, () => {});
await refresh();
if (sessions.size === 0 && !away) await open().catch(() => setAway(true));
setInterval(() => { if (!document.hidden) refresh(); }, POLL);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
