const namespace = "http://www.w3.org/2000/svg";
const width = 120;
const height = 32;

function svg(tag, attributes) {
  const node = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** A line of the last values, coloured by where it ends against where it began. */
export class Sparkline {
  root = svg("svg", { class: "sparkline", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  #area = svg("path", { class: "area" });
  #line = svg("path", { class: "line", "vector-effect": "non-scaling-stroke" });

  constructor() {
    this.root.append(this.#area, this.#line);
  }

  draw(values) {
    if (values.length < 2) return;
    const low = Math.min(...values);
    const range = Math.max(...values) - low;
    const points = values.map((value, index) => {
      const x = (index / (values.length - 1)) * width;
      const y = range === 0 ? height / 2 : height - 2 - ((value - low) / range) * (height - 4);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    const line = `M${points.join("L")}`;
    this.#line.setAttribute("d", line);
    this.#area.setAttribute("d", `${line}L${width},${height}L0,${height}Z`);
    this.root.dataset.trend = Math.sign(values.at(-1) - values[0]);
  }
}
