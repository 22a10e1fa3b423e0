// Ends this process when the one it works for is gone, with the interface that VS Code expects of its native watchdog.
"use strict";
let watching = false;

exports.start = (pid) => {
  if (!Number.isInteger(pid)) throw new Error(`not a process id: ${pid}`);
  if (watching) throw new Error("a process is watched already");
  watching = true;
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (error.code === "ESRCH") process.exit(87);
    }
  }, 1000).unref();
};

exports.exit = (code) => process.exit(code || 0);
