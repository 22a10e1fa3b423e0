// Tells the supervisor that a person works in this editor: an open window alone is no sign of one. Typing into terminals is seen
// by the supervisor itself.
'use strict';

const http = require('node:http');
const vscode = require('vscode');

/** Milliseconds between two messages at least. */
const GAP = 20_000;

let last = 0;

function seen() {
  const now = Date.now();
  if (now - last < GAP) return;
  last = now;
  const port = Number((process.env.SUPERVISOR_ADDR ?? '').split(':').pop()) || 22999;
  const request = http.get({ host: '127.0.0.1', port, path: '/_supervisor/v1/send_heartbeat', timeout: 5000 }, (answer) =>
    answer.resume(),
  );
  // The next sign tries again.
  request.on('error', () => {
    last = 0;
  });
  request.on('timeout', () => request.destroy());
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.window.onDidChangeTextEditorSelection((event) => {
      // Extensions move the cursor, too.
      const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
      if (event.kind === Keyboard || event.kind === Mouse) seen();
    }),
    vscode.workspace.onDidChangeTextDocument((event) => {
      // A file that a program changed on disk is not dirty afterwards.
      if (event.document.isDirty && event.contentChanges.length > 0) seen();
    }),
    vscode.window.onDidChangeWindowState((state) => {
      if (state.focused) seen();
    }),
    vscode.window.onDidChangeActiveTextEditor(seen),
    vscode.window.onDidChangeActiveNotebookEditor(seen),
    vscode.window.onDidChangeActiveTerminal(seen),
  );
};
