"use strict";
(() => {
  const answer = JSON.parse(document.getElementById("answer").textContent);
  const { chart, columns } = answer;
  const most = chart.largest === "" ? 0 : Math.max(...answer.rows.map((r) => r[chart.largest]));
  const rows = answer.rows.filter((r) => chart.largest === "" || r[chart.largest] === most);
  const column = (id) => columns.find((c) => c.id === id);
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7b4fa3", "#8c564b", "#4d7c0f", "#e11d48", "#0f766e", "#6b7280"];
  const bytes = (v) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let u = 0;
    while (Math.abs(v) >= 1024 && u < 4) { v /= 1024; u++; }
    return `${+v.toPrecision(3)} ${units[u]}`;
  };
  const plain = (v) => Math.abs(v) >= 1e6 ? `${+(v / 1e6).toPrecision(3)}M` : Math.abs(v) >= 1e4 ? `${+(v / 1e3).toPrecision(3)}k` : `${+(+v).toPrecision(4)}`;
  const format = (id) => ({ BYTES: bytes, PERCENT: (v) => `${+(+v).toPrecision(3)} %` })[column(id).unit] ?? plain;
  const series = chart.colour === "" ? [] : [...new Set(rows.map((r) => r[chart.colour]))];
  const style = { background: "transparent", color: "currentColor", fontSize: "12px", fontFamily: "inherit" };
  const color = series.length ? { domain: series, range: series.map((_, i) => colours[i % colours.length]), legend: true } : undefined;
  const width = 1120;

  // A logarithmic scale has no zero: what is nothing is drawn at the left edge.
  const bars = () => {
    const names = [...new Set(rows.map((r) => r[chart.y]))];
    const panels = chart.panel === "" ? [""] : [...new Set(rows.map((r) => r[chart.panel]))];
    const groups = series.length || 1;
    const label = (r) => format(chart.x)(r[chart.x]);
    const values = rows.map((r) => r[chart.x]).filter((v) => v > 0);
    const base = chart.logX && values.length ? 10 ** Math.floor(Math.log10(Math.min(...values)) - 0.3) : 0;
    const top = Math.max(...values, base || 1);
    const left = Math.min(260, 14 + 7 * Math.max(...names.map((n) => n.length)));
    const perPanel = (width - left) / panels.length;
    const room = chart.logX ? top ** (1 + 90 / perPanel * 0.4) : top * (1 + 80 / perPanel);
    const of = (r) => Math.max(base, r[chart.x]);
    const mark = { y: groups > 1 ? chart.colour : chart.y, fx: chart.panel || undefined, fy: groups > 1 ? chart.y : undefined };
    return Plot.plot({
      width, marginLeft: left, marginRight: 12, style, color,
      height: 50 + (groups > 1 ? names.length * (groups * 16 + 10) : names.length * 24),
      x: { type: chart.logX ? "log" : "linear", domain: [base, Math.max(room, base * 10)], label: `${column(chart.x).label} →`, tickFormat: format(chart.x), ticks: Math.max(2, Math.floor(perPanel / 130)) },
      y: groups > 1 ? { axis: null, domain: series } : { label: null, domain: names },
      fx: chart.panel ? { label: null, domain: panels, padding: 0.06 } : undefined,
      fy: groups > 1 ? { label: null, domain: names, axis: "left", padding: 0.14 } : undefined,
      marks: [
        Plot.gridX({ stroke: "currentColor", strokeOpacity: 0.12 }),
        Plot.barX(rows, { ...mark, x1: base, x2: of, fill: series.length ? chart.colour : "#0072b2", title: (r) => `${r[chart.y]} ${series.length ? r[chart.colour] : ""}: ${label(r)}` }),
        Plot.text(rows, { ...mark, x: of, text: label, textAnchor: "start", dx: 5, fill: "currentColor" }),
        Plot.ruleX([base]),
      ],
    });
  };

  const lines = () => {
    const byteTicks = column(chart.y).unit === "BYTES";
    const points = rows.filter((r) => (!chart.logX || r[chart.x] > 0) && (!chart.logY || r[chart.y] > 0));
    const mark = { x: chart.x, y: chart.y, stroke: chart.colour, fx: chart.panel || undefined };
    const powers = (() => {
      if (!byteTicks || !points.length) return undefined;
      const most = Math.max(...points.map((r) => r[chart.y]));
      const least = Math.min(...points.map((r) => r[chart.y]));
      const ticks = [];
      for (let v = 1; v <= most; v *= 16) if (v >= least / 16) ticks.push(v);
      return ticks;
    })();
    return Plot.plot({
      width, height: 440, marginLeft: 84, marginRight: 30, style, color,
      x: { type: chart.logX ? "log" : "linear", label: `${column(chart.x).label} →`, tickFormat: format(chart.x), ticks: 7 },
      y: { type: chart.logY ? "log" : "linear", label: `↑ ${column(chart.y).label}`, tickFormat: format(chart.y), grid: true, ticks: powers ?? 6 },
      fx: chart.panel ? { label: null } : undefined,
      marks: [
        Plot.line(points, { ...mark, strokeWidth: 1.8 }),
        Plot.dot(points, { ...mark, fill: chart.colour, r: 2.6, title: (r) => `${r[chart.colour]}: ${format(chart.y)(r[chart.y])} at ${format(chart.x)(r[chart.x])}` }),
      ],
    });
  };

  const drawn = chart.form === "BARS" ? bars() : lines();
  const svg = drawn.tagName.toLowerCase() === "svg" ? drawn : drawn.querySelector("svg:last-of-type");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", document.querySelector("figcaption").textContent);
  document.getElementById("chart").append(drawn);
})();
