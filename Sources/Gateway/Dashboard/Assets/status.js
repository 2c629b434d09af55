import { byId, setText } from "./dom.js";
import { invalidate } from "./frame.js";

const words = { offline: "offline", connecting: "connecting…", online: "connected", reconnecting: "reconnecting…", waiting: "waiting to retry…" };

/** The bar at the top: state, latency, transport, reconnections, gaps. */
export class Status {
  #connection;
  #sequence;
  #render = () => this.#draw();

  constructor(connection, sequence) {
    this.#connection = connection;
    this.#sequence = sequence;
  }

  update() {
    invalidate(this.#render);
  }

  #draw() {
    const { phase, latency, transport, reconnects, recovered } = this.#connection;
    byId("state").dataset.phase = phase;
    setText(byId("state"), words[phase]);
    setText(byId("latency"), latency === undefined ? "–" : `${latency.toFixed(latency < 10 ? 1 : 0)} ms`);
    setText(byId("transport"), transport || "–");
    setText(byId("reconnects"), String(reconnects));
    setText(byId("recovered"), recovered === undefined ? "–" : recovered ? "yes" : "no");
    const { gaps, checked } = this.#sequence;
    setText(byId("gaps"), gaps === 1 ? "1 gap" : `${gaps} gaps`);
    byId("gaps").dataset.gaps = gaps;
    byId("gaps").title = `${checked} events checked`;
  }
}
