// The client's bundle, which the page has loaded from the gateway, under the name that applications import it by.
export const io = globalThis.io;
export const { Manager, Socket } = io;
export default io;
