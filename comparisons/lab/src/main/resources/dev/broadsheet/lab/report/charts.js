// Charts of one input. Each is a function of the strategies and of those looked at.
const style = { background: "transparent", color: "currentColor", fontSize: "12px", fontFamily: "inherit" };
const WIDTH = 590;

// Colours of modelled time, as the caption of its chart shows them.
const TIMES = [["fault", "#1f6fb4"], ["convert", "#c7660c"], ["accept", "#2b8a6b"]];

const nothing = (text) => element("p", "note", text);

// Ticks of a scale of bytes at whole powers of two, at most six of them.
const byteTicks = (most) => {
  let step = 1;
  while (most / step > 6) step *= 2;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
};
// Ticks of a logarithmic scale: ones, and twos and fives if there are few decades.
const logTicks = (most) => {
  const ticks = [0];
  const few = most <= 1000;
  for (let decade = 1; decade <= most; decade *= 10) {
    for (const factor of few ? [1, 2, 5] : [1]) if (decade * factor <= most) ticks.push(decade * factor);
  }
  return ticks;
};

const chartsOf = (input) => {
  const ran = input.strategies;
  const domain = ran.map((s) => s.spec);
  const colour = { domain, range: ran.map((s) => s.colour) };
  const longest = Math.max(...domain.map((spec) => spec.length));
  const left = Math.min(230, 20 + 6.6 * longest);
  const named = (spec) => spec.length > 32 ? `${spec.slice(0, 31)}…` : spec;
  const column = (s, name) => s.curve[name] ?? [];
  const last = (s, name) => column(s, name).at(-1) ?? 0;
  const operation = (s, name, account) => s.operations.find((o) => o.operation === name && o.account === account);

  // A line per strategy over the events; those not looked at step back.
  const overEvents = (value, y, format, faint) => {
    const rows = ran.flatMap((s) => column(s, "event").map((event, i) => ({ spec: s.spec, event, value: value(s, i) })));
    return Plot.plot({
      width: WIDTH, height: 280, marginLeft: 64, marginRight: 16, marginTop: 26, marginBottom: 43, style, color: colour,
      x: { label: "events done →", labelOffset: 36, ticks: 6, tickFormat: short },
      y: { grid: true, zero: true, ...y(Math.max(1, ...rows.map((r) => r.value))) },
      marks: [
        Plot.ruleY([0]),
        Plot.line(rows, { x: "event", y: "value", z: "spec", stroke: "spec", strokeWidth: 1.8, strokeOpacity: faint, curve: "step-after" }),
        Plot.tip(rows, Plot.pointer({ x: "event", y: "value", stroke: "spec", title: (d) => `${d.spec}\n${format(d.value)} after ${whole(d.event)} events` })),
      ],
    });
  };
  const inBytes = (label) => (most) => ({ label, ticks: byteTicks(most), tickFormat: bytes });

  // Half, mean, 99 of 100 and the worst of a kind of operation, a row per strategy.
  const spread = (name, account, field, label, faint) => {
    const rows = ran.flatMap((s) => {
      const o = operation(s, name, account);
      return o && o.count > 0 ? [{ spec: s.spec, mean: o[field].sum / o.count, ...o[field] }] : [];
    });
    if (rows.length === 0) return nothing("None in this trace.");
    const most = Math.max(1, ...rows.map((r) => r.max));
    return Plot.plot({
      width: WIDTH, height: 24 * ran.length + 70, marginLeft: left, marginRight: 24, marginBottom: 43, style, color: colour,
      x: { type: "symlog", domain: [0, most], label: `${label} →`, labelOffset: 36, grid: true, ticks: logTicks(most), tickFormat: short },
      y: { domain, label: null, tickFormat: named, tickSize: 0 },
      marks: [
        Plot.ruleY(rows, { y: "spec", x1: "p50", x2: "max", stroke: "spec", strokeWidth: 1.5, strokeOpacity: (d) => 0.6 * faint(d) }),
        Plot.ruleY(rows, { y: "spec", x1: "p50", x2: "p99", stroke: "spec", strokeWidth: 5, strokeOpacity: (d) => 0.4 * faint(d) }),
        Plot.tickX(rows, { y: "spec", x: "p50", stroke: "spec", strokeWidth: 2, insetTop: 5, insetBottom: 5, strokeOpacity: faint }),
        Plot.dot(rows, { y: "spec", x: "max", stroke: "spec", r: 3, strokeOpacity: faint }),
        Plot.dot(rows, { y: "spec", x: "mean", fill: "spec", r: 4.5, fillOpacity: faint }),
        Plot.tip(rows, Plot.pointerY({ y: "spec", x: "mean", title: (d) => `${d.spec}\nhalf: ${whole(d.p50)}, mean: ${d.mean.toFixed(2)}, 99 of 100: ${whole(d.p99)}, worst: ${whole(d.max)}` })),
      ],
    });
  };

  // How many operations touch how many lines: a strip per strategy, the darker the more, the mean as a dot.
  const distribution = (name, account, label, faint) => {
    const of = ran.flatMap((s) => {
      const o = operation(s, name, account);
      return o && o.count > 0 ? [{ spec: s.spec, o, counted: Object.entries(o.linesCounted ?? {}).map(([lines, count]) => [Number(lines), count]) }] : [];
    });
    if (of.some((each) => each.counted.length === 0)) return spread(name, account, "linesEach", label, faint);
    const most = Math.max(1, ...of.map(({ o }) => o.linesEach.max));
    const edge = (bin) => 2 ** (bin / 4); // bins of a quarter of a doubling
    const rows = of.flatMap(({ spec, o, counted }) => {
      const bins = new Map();
      for (const [lines, count] of counted) {
        const bin = lines === 0 ? -1 : Math.floor(4 * Math.log2(lines) + 1e-9);
        bins.set(bin, (bins.get(bin) ?? 0) + count);
      }
      return [...bins].map(([bin, count]) => ({ spec, from: bin < 0 ? 0 : edge(bin), to: Math.min(most + 1, bin < 0 ? 1 : edge(bin + 1)), share: count / o.count, count }));
    });
    const means = of.map(({ spec, o }) => ({ spec, mean: o.linesEach.sum / o.count, ...o.linesEach }));
    return Plot.plot({
      width: WIDTH, height: 24 * ran.length + 70, marginLeft: left, marginRight: 24, marginBottom: 43, style, color: colour,
      x: { type: "symlog", domain: [0, most + 1], label: `${label} →`, labelOffset: 36, grid: true, ticks: logTicks(most), tickFormat: short },
      y: { domain, label: null, tickFormat: named, tickSize: 0 },
      marks: [
        Plot.rect(rows, { y: "spec", x1: "from", x2: "to", fill: "spec", insetTop: 4, insetBottom: 4, fillOpacity: (d) => faint(d) * Math.max(0.12, Math.sqrt(d.share)) }),
        Plot.dot(means, { y: "spec", x: "mean", fill: "currentColor", r: 3.2, fillOpacity: faint }),
        Plot.tip(means, Plot.pointerY({ y: "spec", x: "mean", title: (d) => `${d.spec}\nhalf: ${whole(d.p50)}, mean: ${d.mean.toFixed(2)}, 99 of 100: ${whole(d.p99)}, worst: ${whole(d.max)}` })),
      ],
    });
  };

  const share = (s, i) => {
    const small = column(s, "leaves4k")[i] * 2 ** 12;
    const large = column(s, "leaves2m")[i] * 2 ** 21 + column(s, "leaves1g")[i] * 2 ** 30;
    return small + large === 0 ? 0 : 100 * large / (small + large);
  };

  return {
    tracker: (faint) => overEvents((s, i) => column(s, "trackerBytes")[i], inBytes("bytes ↑"), bytes, faint),
    machine: (faint) => overEvents((s, i) => column(s, "machineBytes")[i], inBytes("bytes ↑"), bytes, faint),
    survival: (faint) => overEvents(share, () => ({ label: "% of mapped bytes ↑", domain: [0, 100] }), (v) => `${v.toFixed(2)} % large`, faint),
    memoryByRuns: (faint) => {
      const rows = ran.flatMap((s) => {
        const seen = new Map(); // the most bytes at each number of runs
        column(s, "runs").forEach((runs, i) => seen.set(runs, Math.max(seen.get(runs) ?? 0, column(s, "trackerBytes")[i])));
        return [...seen].sort((a, b) => a[0] - b[0]).map(([runs, value]) => ({ spec: s.spec, runs, value }));
      });
      const most = Math.max(1, ...rows.map((r) => r.value));
      const ticks = [0];
      for (let tick = 64; tick <= most * 4; tick *= 16) ticks.push(tick);
      return Plot.plot({
        width: WIDTH, height: 280, marginLeft: 64, marginRight: 16, marginBottom: 43, style, color: colour,
        x: { label: "runs of equal attributes →", labelOffset: 36, type: "log", tickFormat: (v) => Math.log10(v) % 1 < 1e-9 || [2, 5].includes(v / 10 ** Math.floor(Math.log10(v))) ? short(v) : "" },
        marginTop: 26,
        y: { label: "bytes ↑", type: "symlog", constant: 64, grid: true, ticks, tickFormat: bytes },
        marks: [
          Plot.line(rows, { x: "runs", y: "value", z: "spec", stroke: "spec", strokeWidth: 1.5, strokeOpacity: faint }),
          Plot.dot(rows, { x: "runs", y: "value", fill: "spec", r: 2.5, fillOpacity: faint }),
          Plot.tip(rows, Plot.pointer({ x: "runs", y: "value", stroke: "spec", title: (d) => `${d.spec}\n${bytes(d.value)} at ${whole(d.runs)} runs` })),
        ],
      });
    },
    lines: (faint) => distribution("fault", "all", "lines per fault", faint),
    sizes: (faint) => {
      const rows = ran.flatMap((s) => (s.conversionSizes ?? []).filter((r) => r.calls > 0)
        .map((r) => ({ spec: s.spec, pages: r.fromPages, calls: r.calls, value: r.trackerReferences / r.calls }))
        .filter((r) => r.value > 0)); // a logarithmic axis has no 0
      if (rows.length === 0) return nothing("No conversions in this trace.");
      const most = Math.max(1, ...rows.map((r) => r.value));
      const least = 10 ** Math.floor(Math.log10(Math.min(...rows.map((r) => r.value)))); // no tick below the frame
      const sizes = [...new Set(rows.map((r) => r.pages))].sort((a, b) => a - b);
      return Plot.plot({
        width: WIDTH, height: 280, marginLeft: 64, marginRight: 16, marginTop: 26, marginBottom: 43, style, color: colour,
        x: { label: "size of the call →", labelOffset: 36, type: "log", base: 2, ticks: sizes.filter((_, i) => i % Math.ceil(sizes.length / 7) === 0), tickFormat: (pages) => bytes(pages * 4096) },
        y: { label: "references per call ↑", type: "log", domain: [least, Math.max(most, 10 * least)], grid: true, ticks: logTicks(most).filter((t) => t >= least), tickFormat: short },
        marks: [
          Plot.line(rows, { x: "pages", y: "value", z: "spec", stroke: "spec", strokeWidth: 1.5, strokeOpacity: faint }),
          Plot.dot(rows, { x: "pages", y: "value", fill: "spec", r: 2.5, fillOpacity: faint }),
          Plot.tip(rows, Plot.pointer({ x: "pages", y: "value", stroke: "spec", title: (d) => `${d.spec}\n${whole(Math.round(d.value))} references per call\n${whole(d.calls)} calls from ${bytes(d.pages * 4096)}` })),
        ],
      });
    },
    conversions: (faint) => spread("convert", "tracker", "referencesEach", "references per call", faint),
    leaves: (faint) => {
      const sizes = [["1G", 30, "leaves1g"], ["2M", 21, "leaves2m"], ["4K", 12, "leaves4k"]];
      const rows = ran.flatMap((s) => sizes.map(([size, shift, name]) => ({ spec: s.spec, size, value: last(s, name) * 2 ** shift })));
      const most = Math.max(1, ...ran.map((s) => sizes.reduce((sum, [, shift, name]) => sum + last(s, name) * 2 ** shift, 0)));
      return Plot.plot({
        width: WIDTH, height: 24 * ran.length + 70, marginLeft: left, marginRight: 36, marginBottom: 43, style,
        color: { domain: ["1G", "2M", "4K"], range: ["#123f68", "#2e86c1", "#d4a017"] },
        x: { label: "mapped bytes →", labelOffset: 36, ticks: byteTicks(most), tickFormat: bytes, grid: true },
        y: { domain, label: null, tickFormat: named, tickSize: 0 },
        marks: [
          Plot.barX(rows, { y: "spec", x: "value", z: "size", fill: "size", insetTop: 4, insetBottom: 4, fillOpacity: faint, title: (d) => `${d.spec}: ${bytes(d.value)} in ${d.size} pages` }),
          Plot.ruleX([0]),
        ],
      });
    },
    time: (faint) => {
      const kinds = [...new Set(ran.flatMap((s) => Object.keys(s.nanos ?? {})))];
      const rows = ran.flatMap((s) => Object.entries(s.nanos ?? {}).map(([kind, nanos]) => ({ spec: s.spec, kind, value: nanos / 1e6 })));
      if (rows.length === 0) return nothing("No modelled time.");
      return Plot.plot({
        width: WIDTH, height: 24 * ran.length + 70, marginLeft: left, marginRight: 24, marginBottom: 43, style,
        color: { domain: TIMES.map(([kind]) => kind), range: TIMES.map(([, colour]) => colour), unknown: "#8c8778" },
        x: { label: "modelled milliseconds →", labelOffset: 36, ticks: 6, tickFormat: short, grid: true },
        y: { domain, label: null, tickFormat: named, tickSize: 0 },
        marks: [
          Plot.barX(rows, { y: "spec", x: "value", z: "kind", fill: "kind", order: kinds, insetTop: 4, insetBottom: 4, fillOpacity: faint, title: (d) => `${d.spec}: ${d.value.toPrecision(4)} ms in ${d.kind}` }),
          Plot.ruleX([0]),
        ],
      });
    },
    runs: () => {
      const rows = column(ran[0], "event").map((event, i) => ({ event, value: column(ran[0], "runs")[i] }));
      return Plot.plot({
        width: WIDTH, height: 280, marginLeft: 64, marginRight: 16, marginBottom: 43, style,
        x: { label: "events done →", labelOffset: 36, ticks: 6, tickFormat: short },
        y: { label: "runs ↑", grid: true, zero: true },
        marks: [
          Plot.ruleY([0]),
          Plot.areaY(rows, { x: "event", y: "value", fill: "currentColor", fillOpacity: 0.12, curve: "step-after" }),
          Plot.line(rows, { x: "event", y: "value", curve: "step-after" }),
          Plot.ruleX(input.marks, { x: "event", stroke: "#b3403a", strokeDasharray: "2,3", strokeOpacity: 0.7, title: "name" }),
        ],
      });
    },
  };
};

// Draws the charts of a panel, again whenever other strategies are looked at.
const drawCharts = (panel, input) => {
  if (input.strategies.length === 0) return;
  const charts = chartsOf(input);
  const shown = new Set();
  const faint = (d) => shown.size === 0 || shown.has(d.spec) ? 1 : 0.12;
  const draw = () => {
    for (const place of panel.querySelectorAll("[data-chart]")) {
      const chart = charts[place.dataset.chart](faint);
      if (chart.tagName !== "P") {
        chart.setAttribute("role", "img");
        chart.setAttribute("aria-label", place.previousElementSibling.textContent.trim());
      }
      place.replaceChildren(chart);
    }
  };
  const legend = panel.querySelector("[data-legend]");
  for (const s of input.strategies) {
    const button = element("button", "", dot(s.colour), s.spec);
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      if (!shown.delete(s.spec)) shown.add(s.spec);
      button.setAttribute("aria-pressed", String(shown.has(s.spec)));
      draw();
    });
    legend.append(button);
  }
  draw();
};
