// The little of a terminal that a log needs: colours, bold, carriage returns. Everything else is dropped; text is never markup.

/* eslint-disable no-control-regex */
const SEQUENCE = /^(?:\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-Z\\^-~])/;

/** Writes a terminal's output into an element, the last `lines` lines of it. */
export class Ansi {
  constructor(element, lines) {
    this.element = element;
    this.lines = lines;
    this.rest = '';
    this.style = '';
    this.bold = false;
    this.line = null;
    this.overwrite = false;
  }

  write(text) {
    let input = this.rest + text;
    this.rest = '';
    while (input) {
      const special = input.search(/[\x1b\r\n\x07\x08]/);
      if (special !== 0) {
        const plain = special < 0 ? input : input.slice(0, special);
        this.text(plain.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, ''));
        input = input.slice(plain.length);
        continue;
      }
      if (input[0] === '\x1b') {
        const match = SEQUENCE.exec(input);
        if (!match) {
          // Perhaps the rest is on its way; but a stray escape must not hold back the log.
          if (input.length < 256) {
            this.rest = input;
            return;
          }
          input = input.slice(1);
          continue;
        }
        if (match[2] === 'm') this.colour(match[1]);
        else if (match[2] === 'J' || match[2] === 'H') this.overwrite = false;
        input = input.slice(match[0].length);
        continue;
      }
      if (input[0] === '\n') {
        this.element.append('\n');
        this.line = null;
        this.overwrite = false;
        this.trim();
      } else if (input[0] === '\r') {
        this.overwrite = true;
      }
      input = input.slice(1);
    }
  }

  text(plain) {
    if (!plain) return;
    if (!this.line) {
      this.line = document.createElement('span');
      this.element.append(this.line);
    }
    if (this.overwrite) {
      this.line.replaceChildren();
      this.overwrite = false;
    }
    const classes = [this.style, this.bold ? 'b' : ''].filter(Boolean).join(' ');
    if (!classes) {
      this.line.append(plain);
      return;
    }
    const span = document.createElement('span');
    span.className = classes;
    span.textContent = plain;
    this.line.append(span);
  }

  colour(parameters) {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let i = 0; i < codes.length; i += 1) {
      const code = codes[i];
      if (code === 0) {
        this.style = '';
        this.bold = false;
      } else if (code === 1) this.bold = true;
      else if (code === 22) this.bold = false;
      else if (code >= 30 && code <= 37) this.style = `c${code - 30}`;
      else if (code >= 90 && code <= 97) this.style = code === 90 ? 'c8' : `c${code - 90}`;
      else if (code === 39) this.style = '';
      else if (code === 38 || code === 48) i += codes[i + 1] === 5 ? 2 : 4;
    }
  }

  trim() {
    // Each line is at most a span and a newline.
    while (this.element.childNodes.length > this.lines * 2) this.element.firstChild.remove();
  }
}
