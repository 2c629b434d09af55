const pending = new Set();
let scheduled = false;

function run() {
  scheduled = false;
  const views = [...pending];
  pending.clear();
  for (const render of views) {
    // What is wrong with one view must not keep the others from being drawn.
    try { render(); } catch (error) { reportError(error); }
  }
}

/** Runs `render` in the next animation frame, once, however many events asked for it. */
export function invalidate(render) {
  pending.add(render);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(run);
}
