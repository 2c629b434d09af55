// A classic script in the head, so that the chosen theme stands before the first paint.
(() => {
  const root = document.documentElement;
  const key = "moonx-theme";
  const read = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const chosen = read();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  globalThis.toggleTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem(key, root.dataset.theme); } catch { /* private browsing: the choice lasts for this page */ }
  };
})();
