// What the guide's snippets say and call is written down here; the names that the guide leaves undefined are supplied.
const plain = (value) => (value instanceof Error ? { message: value.message, data: value.data } : value === undefined ? null : JSON.parse(JSON.stringify(value)));

globalThis.said = [];
for (const level of ["log", "warn", "error"]) {
  const speak = console[level].bind(console);
  console[level] = (text, ...values) => {
    globalThis.said.push({ text, value: plain(values[0]) });
    speak(text, ...values);
  };
}

globalThis.called = [];
for (const name of [
  "updatePriceDisplay", "updateOrderBookDisplay", "showPersonalTradeNotification", "updateTradeHistory", "updatePortfolioDisplay",
  "showSystemAlert", "showErrorMessage", "showWarning", "showError",
]) {
  globalThis[name] = (value) => globalThis.called.push({ text: name, value: plain(value) });
}

// Every event of a socket, in order.
globalThis.listenTo = (socket) => {
  globalThis.heard = [];
  socket.onAny((text, value) => globalThis.heard.push({ text, value: plain(value) }));
  globalThis.socket = socket;
};
