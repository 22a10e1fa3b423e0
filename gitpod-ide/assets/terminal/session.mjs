// One terminal of the workspace: an xterm.js screen, and a WebSocket that comes back after interruptions.
import { Terminal } from "./vendor/xterm.mjs";
import { FitAddon } from "./vendor/addon-fit.mjs";
import { onChange, palette } from "./theme.mjs";

const FONT = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const FIRST_RETRY = 250;
const LAST_RETRY = 5000;

export class Session extends EventTarget {
  #socket;
  #retry = FIRST_RETRY;
  #timer;
  #closed = false;
  #exit;
  #fit = new FitAddon();
  #encoder = new TextEncoder();
  #forget;
  #observer;

  constructor(alias, panel) {
    super();
    this.alias = alias;
    this.panel = panel;
    this.terminal = new Terminal({
      cursorBlink: true,
      fontFamily: FONT,
      fontSize: 14,
      scrollback: 10000,
      theme: palette(),
    });
    this.terminal.loadAddon(this.#fit);
    this.terminal.open(panel);
    this.terminal.onData((text) => this.#input(this.#encoder.encode(text)));
    this.terminal.onBinary((text) => this.#input(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    this.terminal.onResize(() => this.#sendSize());
    this.terminal.attachCustomKeyEventHandler((event) => this.#shortcut(event));
    this.#forget = onChange((theme) => { this.terminal.options.theme = theme; });
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(panel);
    this.#connect();
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get exit() {
    return this.#exit;
  }

  fit() {
    if (!this.panel.hidden && this.panel.clientWidth > 0) this.#fit.fit();
  }

  focus() {
    this.terminal.focus();
  }

  dispose() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.#forget();
    this.#socket?.close();
    this.terminal.dispose();
    this.panel.remove();
  }

  #connect() {
    const url = new URL(`api/terminals/${encodeURIComponent(this.alias)}/socket`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#retry = FIRST_RETRY;
      // The workspace sends what it still knows of this terminal first.
      this.terminal.reset();
      this.fit();
      this.#sendSize();
      this.#changed();
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.#heed(JSON.parse(data));
      else this.terminal.write(new Uint8Array(data));
    });
    socket.addEventListener("close", () => {
      this.#changed();
      if (this.#closed || this.#exit !== undefined) return;
      this.#timer = setTimeout(() => this.#connect(), this.#retry);
      this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
    });
  }

  #heed(message) {
    if (message.type === "exit") {
      this.#exit = message.code;
      this.terminal.write(`\r\n\x1b[2m[ended with code ${message.code}; press Enter to close]\x1b[0m\r\n`);
      this.#changed();
    } else if (message.type === "title") {
      this.title = message.title;
      this.#changed();
    }
  }

  #input(bytes) {
    if (this.#exit !== undefined) {
      if (bytes.includes(13)) this.dispatchEvent(new Event("dismiss"));
      return;
    }
    if (this.connected) this.#socket.send(bytes);
  }

  #sendSize() {
    const { cols, rows } = this.terminal;
    if (this.connected && !this.panel.hidden) this.#socket.send(JSON.stringify({ type: "resize", cols, rows }));
  }

  // Copy and paste where terminals have them; everything else goes to the shell.
  #shortcut(event) {
    if (event.type !== "keydown") return true;
    if (event.altKey && event.shiftKey && ["KeyT", "ArrowLeft", "ArrowRight"].includes(event.code)) return false;
    if (!event.ctrlKey || !event.shiftKey || event.code !== "KeyC") return true;
    event.preventDefault();
    if (this.terminal.hasSelection()) navigator.clipboard?.writeText(this.terminal.getSelection());
    return false;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
