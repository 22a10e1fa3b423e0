// A rotating log file in plain JavaScript, with the interface that VS Code expects of its native logger: packages need no
// compiler, and are the same wherever they are put together.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const NAMES = ["trace", "debug", "info", "warning", "error", "critical", "off"];
let flushOn = NAMES.length - 1;
let globalLevel = 0;

class Logger {
  #path;
  #maxSize;
  #maxFiles;
  #level = globalLevel;
  #plain = false;
  #size;
  #pending = [];
  #timer;

  constructor(kind, name, file, maxSize = 5 << 20, maxFiles = 5) {
    if (!file) throw new Error(`a ${kind} log needs a file: ${name}`);
    this.#path = file;
    this.#maxSize = maxSize;
    this.#maxFiles = maxFiles;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.#size = fs.existsSync(file) ? fs.statSync(file).size : 0;
  }

  trace(message) { this.#write(0, message); }
  debug(message) { this.#write(1, message); }
  info(message) { this.#write(2, message); }
  warn(message) { this.#write(3, message); }
  error(message) { this.#write(4, message); }
  critical(message) { this.#write(5, message); }
  getLevel() { return this.#level; }
  setLevel(level) { this.#level = level; }
  setPattern() { this.#plain = false; }
  clearFormatters() { this.#plain = true; }
  drop() { this.flush(); }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const text = this.#pending.join("");
    this.#pending = [];
    try {
      if (this.#size > 0 && this.#size + text.length > this.#maxSize) this.#rotate();
      fs.appendFileSync(this.#path, text);
      this.#size += Buffer.byteLength(text);
    } catch {
      // A full disk must not take the editor down; the line is lost.
    }
  }

  #write(level, message) {
    if (level < this.#level || level < globalLevel) return;
    const time = new Date().toISOString().replace("T", " ").slice(0, -1);
    this.#pending.push(this.#plain ? String(message) : `${time} [${NAMES[level]}] ${message}\n`);
    if (level >= flushOn && flushOn > 0) return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), 200).unref();
  }

  #rotate() {
    const { dir, name, ext } = path.parse(this.#path);
    const numbered = (n) => (n === 0 ? this.#path : path.join(dir, `${name}.${n}${ext}`));
    for (let n = this.#maxFiles - 1; n > 0; n--) {
      if (fs.existsSync(numbered(n - 1))) fs.renameSync(numbered(n - 1), numbered(n));
    }
    this.#size = 0;
  }
}

const create = (kind) => async (name, file, maxSize, maxFiles) => new Logger(kind, name, file, maxSize, maxFiles);

exports.version = 1;
exports.Logger = Logger;
exports.setLevel = (level) => { globalLevel = level; };
exports.setFlushOn = (level) => { flushOn = level; };
exports.createRotatingLogger = create("rotating");
exports.createAsyncRotatingLogger = create("rotating_async");
