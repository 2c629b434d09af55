const pending = new Set();
let scheduled = false;

function run() {
  scheduled = false;
  const views = [...pending];
  pending.clear();
  for (const render of views) render();
}

/** Runs `render` in the next animation frame, once, however many events asked for it. */
export function invalidate(render) {
  pending.add(render);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(run);
}
