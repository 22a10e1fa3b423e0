// Start, stop, delete and who may open a port, from buttons: `data-action`, `data-workspace`, and for questions `data-ask`.
import { call } from './api.js';
import { refresh } from './live.js';
import { prose } from './prose.js';

const methods = {
  start: 'WorkspaceService/StartWorkspace',
  stop: 'WorkspaceService/StopWorkspace',
  delete: 'WorkspaceService/DeleteWorkspace',
  port: 'WorkspaceService/UpdateWorkspacePort',
  share: 'WorkspaceService/UpdateWorkspace',
};

/** Does what a button says, after asking where that is due. */
export async function act(button) {
  const { action, workspace, then, port, admission } = button.dataset;
  if (!(action in methods)) return;
  if (button.ariaBusy === 'true') return;
  if (button.dataset.ask && !(await ask(button))) return;
  // Not `disabled`: that would take the focus from those who do not use a mouse.
  button.ariaBusy = 'true';
  try {
    const what = action === 'share' ? { spec: { admission } } : { port, admission };
    await call(methods[action], { workspaceId: workspace, ...what });
    if (then) {
      location.assign(then);
      return;
    }
    await refresh();
  } catch (error) {
    say([error.message, ...(error.hints ?? [])].join(' '));
  } finally {
    button.ariaBusy = null;
  }
}

/** Opens the page's one question and gives the answer. */
function ask(button) {
  const dialog = document.querySelector('#question');
  dialog.querySelector('h2').textContent = button.dataset.ask;
  dialog.querySelector('p').textContent = button.dataset.explain ?? '';
  dialog.querySelector('[value="yes"]').textContent = button.dataset.yes ?? 'Yes';
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

/** Shows a message for a while; screen readers hear it at once. */
export function say(text) {
  const toast = document.querySelector('#toast');
  const line = document.createElement('p');
  prose(line, text);
  toast.replaceChildren(line);
  setTimeout(() => line.remove(), 9000);
}
