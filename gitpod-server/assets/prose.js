// Texts for people: what is to be typed stands between backquotes. As the pages of the server show them.

/** Shows `text` in `element`: what stands between backquotes as code; an odd one is text. */
export function prose(element, text) {
  const parts = text.split(/`([^`]*)`/);
  element.replaceChildren(
    ...parts.map((part, at) => {
      if (at % 2 === 0) return part;
      const code = document.createElement('code');
      code.textContent = part;
      return code;
    }),
  );
}
