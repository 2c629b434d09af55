import { byId, setText } from "./dom.js";

const words = {
  off: "not connected", connecting: "connecting…", reading: "reading", stopped: "not reading", gone: "cut off by the server, connecting again…", refused: "refused",
};

/**
 * A second connection, in a worker, that can stop reading. A busy page alone would not do: its socket is read by another thread. The worker's
 * is not: while it waits for a shared number to change, nobody takes its messages, the browser's buffers fill, then the kernels', and the
 * server begins to conflate.
 */
export class SlowClient {
  #session;
  #worker = null;
  #gate = null;
  #symbols;

  /** `symbols()` are those whose prices, books and trades the slow client asks for. */
  constructor(session, symbols) {
    this.#session = session;
    this.#symbols = symbols;
    byId("slow-connect").addEventListener("click", () => (this.#worker ? this.close() : this.open()));
    byId("slow-stop").addEventListener("click", () => this.#stop(byId("slow-stop").getAttribute("aria-checked") !== "true"));
    if (!globalThis.crossOriginIsolated) {
      byId("slow-connect").disabled = true;
      byId("slow-why").hidden = false;
    }
  }

  open() {
    this.#gate = new Int32Array(new SharedArrayBuffer(4));
    this.#worker = new Worker("/dashboard/slow-worker.js");
    this.#worker.addEventListener("message", ({ data }) => this.#show(data));
    this.#worker.postMessage({ gate: this.#gate, symbols: this.#symbols() });
    byId("slow-connect").textContent = "Disconnect";
    byId("slow-stop").disabled = false;
    this.#state("connecting");
  }

  close() {
    if (!this.#worker) return;
    this.#worker.terminate();
    this.#worker = null;
    this.#stop(false);
    byId("slow-stop").disabled = true;
    byId("slow-connect").textContent = "Connect";
    this.#state("off");
  }

  #stop(isStopped) {
    byId("slow-stop").setAttribute("aria-checked", String(isStopped));
    if (!this.#worker) return;
    Atomics.store(this.#gate, 0, isStopped ? 1 : 0);
    if (isStopped) {
      this.#worker.postMessage({ stop: true });
      this.#state("stopped");
    } else {
      Atomics.notify(this.#gate, 0);
    }
  }

  #show({ wantsToken, state, counts, last }) {
    if (wantsToken) return this.#worker?.postMessage({ token: this.#session.accessToken });
    if (state) this.#state(state);
    if (!counts) return;
    for (const [name, count] of Object.entries(counts)) setText(byId(`slow-${name}`), String(count));
    byId("slow-gaps").dataset.gaps = counts.gaps;
    setText(byId("slow-last"), last ? `${last.room}: ${last.seqFirst} … ${last.seq} came as one` : "–");
  }

  #state(state) {
    byId("slow-state").dataset.state = state;
    setText(byId("slow-state"), words[state]);
  }
}
