// Light and dark: the system's choice until the person chooses, which this browser then remembers for this workspace.
const KEY = "terminal-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

const PALETTES = {
  light: {
    background: "#ffffff", foreground: "#22201d", cursor: "#b8501f", cursorAccent: "#ffffff", selectionBackground: "#f0d9c9",
    black: "#22201d", red: "#b3261e", green: "#2e7d4f", yellow: "#8a6100", blue: "#2257a8", magenta: "#8b3f96", cyan: "#1b7482", white: "#6d675f",
    brightBlack: "#8b857c", brightRed: "#d0453c", brightGreen: "#3c9a63", brightYellow: "#a87800", brightBlue: "#3a75cf", brightMagenta: "#a95bb4", brightCyan: "#2b93a3", brightWhite: "#22201d",
  },
  dark: {
    background: "#1d2026", foreground: "#e8e6e1", cursor: "#ff9d5c", cursorAccent: "#1d2026", selectionBackground: "#4a4038",
    black: "#30343c", red: "#ff7b72", green: "#6fcf97", yellow: "#e5c07b", blue: "#79aef2", magenta: "#d39be0", cyan: "#6cc7d4", white: "#c9c7c2",
    brightBlack: "#6b707a", brightRed: "#ff9a93", brightGreen: "#93dfb2", brightYellow: "#f1d59c", brightBlue: "#a0c7fa", brightMagenta: "#e2b9eb", brightCyan: "#95dbe5", brightWhite: "#ffffff",
  },
};

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is blocked; the system's choice holds
  }
}

export function current() {
  return chosen() ?? (system.matches ? "dark" : "light");
}

export function palette() {
  return PALETTES[current()] ?? PALETTES.dark;
}

export function toggle() {
  try {
    localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
  } catch {
    return;
  }
  apply();
}

export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply() {
  document.documentElement.dataset.theme = current();
  for (const listener of listeners) listener(palette());
}

system.addEventListener("change", apply);
apply();
