// The form for a new workspace: reads `#<url>`, creates through the public API, goes on to the start page.
import { call } from './api.js';
import { prose } from './prose.js';

/** Wires the form up, if the page has it. */
export function prepareForm() {
  const form = document.querySelector('#new');
  if (!form) return;
  const url = form.elements.url;
  const problem = document.querySelector('#problem');
  const busy = form.querySelector('[data-busy]');
  const button = form.querySelector('[type="submit"]');
  const without = problem.querySelector('[data-without]');
  const fromHash = () => {
    const given = decode(location.hash.slice(1));
    if (given) {
      url.value = given;
      button.focus();
    }
  };
  addEventListener('hashchange', fromHash);
  fromHash();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    problem.hidden = true;
    url.removeAttribute('aria-invalid');
    button.disabled = true;
    busy.hidden = false;
    try {
      const contextUrl = { url: url.value.trim() };
      const editor = form.elements.editor?.value;
      const workspaceClass = form.elements.class?.value;
      if (editor) contextUrl.editor = { name: editor };
      if (workspaceClass) contextUrl.workspaceClass = workspaceClass;
      const forceDefaultConfig = event.submitter === without;
      const { workspace } = await call('WorkspaceService/CreateAndStartWorkspace', { contextUrl, forceDefaultConfig });
      location.assign(`/start/${workspace.id}`);
    } catch (error) {
      prose(problem.querySelector('[data-what]'), error.message);
      prose(problem.querySelector('[data-hint]'), (error.hints ?? []).join('\n'));
      // The hint names what would help; here it is a button.
      without.hidden = !(error.hints ?? []).some((hint) => hint.includes('--default-config'));
      problem.hidden = false;
      url.setAttribute('aria-invalid', 'true');
      problem.focus();
      button.disabled = false;
      busy.hidden = true;
    }
  });
}

/** Browsers escape some characters of a fragment, people none. */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
