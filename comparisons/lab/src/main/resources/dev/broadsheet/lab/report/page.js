"use strict";
(() => {
  const results = JSON.parse(document.getElementById("results").textContent);
  const ran = results.strategies.filter((s) => s.failure === "");
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7b4fa3", "#8c564b", "#4d7c0f", "#e11d48", "#0f766e", "#6b7280"];
  const colour = (spec) => colours[results.strategies.findIndex((s) => s.spec === spec) % colours.length];
  const domain = ran.map((s) => s.spec);
  const scale = { domain, range: domain.map(colour) };
  const bytes = (v) => {
    const units = ["B", "KiB", "MiB", "GiB"];
    let u = 0;
    while (Math.abs(v) >= 1024 && u < 3) { v /= 1024; u++; }
    return `${+v.toPrecision(3)} ${units[u]}`;
  };

  const short = (v) => v >= 1e6 ? `${+(v / 1e6).toPrecision(3)}M` : v >= 1000 ? `${+(v / 1000).toPrecision(3)}k` : String(v);
  // Ticks of a scale of bytes at whole powers of two, at most six of them.
  const byteTicks = (most) => {
    let step = 1;
    while (most / step > 6) step *= 2;
    return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  };
  const nothing = (text) => {
    const p = document.createElement("p");
    p.className = "note";
    p.textContent = text;
    return p;
  };

  // The theme: the reader's choice, else the system's.
  const root = document.documentElement;
  const stored = (() => { try { return localStorage.getItem("broadsheet-theme"); } catch { return null; } })();
  if (stored) root.dataset.theme = stored;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("broadsheet-theme", root.dataset.theme); } catch { /* a file page may have no storage */ }
  });

  // Sorting: by the exact value of the cell, by text in the first column.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      const first = head.dataset.first ?? "ascending";
      const now = head.getAttribute("aria-sort");
      const order = now === "none" ? first : now === "ascending" ? "descending" : "ascending";
      heads.forEach((h) => h.setAttribute("aria-sort", h === head ? order : "none"));
      const key = (row) => column === 0 ? row.cells[0].textContent.trim() : Number(row.cells[column].dataset.v);
      const sign = order === "ascending" ? 1 : -1;
      [...table.tBodies[0].rows]
        .sort((a, b) => sign * (column === 0 ? key(a).localeCompare(key(b)) : key(a) - key(b)))
        .forEach((row) => table.tBodies[0].append(row));
    }));
  }

  // Charts.
  const style = { background: "transparent", color: "currentColor", fontSize: "12px", fontFamily: "inherit" };
  const width = 590;
  const samples = (column) => ran.flatMap((s) => (s.curve.event ?? []).map((event, i) => ({ spec: s.spec, event, value: s.curve[column][i] })));
  const steps = (column, label, format) => Plot.plot({
    width, height: 270, marginLeft: 64, marginRight: 12, marginBottom: 38, style, color: scale,
    x: { label: "events done →", tickFormat: short, labelOffset: 36 },
    y: { label, grid: true, ticks: byteTicks(Math.max(1, ...samples(column).map((d) => d.value))), tickFormat: format, zero: true },
    marks: [
      Plot.ruleY([0]),
      Plot.line(samples(column), { x: "event", y: "value", stroke: "spec", strokeWidth: 1.8, curve: "step-after" }),
      Plot.tip(samples(column), Plot.pointer({ x: "event", y: "value", stroke: "spec", title: (d) => `${d.spec}\n${format(d.value)} after ${d.event.toLocaleString("en")} events` })),
    ],
  });
  const spread = (rows, label) => rows.length === 0 ? nothing("None in this trace.") : Plot.plot({
    // From 0, so that a tick below the smallest value does not fall outside of the frame.
    width, height: 34 * ran.length + 66, marginLeft: 168, marginRight: 24, marginBottom: 38, style, color: scale,
    x: { type: "symlog", domain: [0, Math.max(1, ...rows.map((r) => r.max))], label: `${label} →`, labelOffset: 36, grid: true, ticks: [0, 1, 2, 5, 10, 20, 50, 100, 1000, 1e4, 1e5, 1e6, 1e7].filter((t) => t <= Math.max(1, ...rows.map((r) => r.max))), tickFormat: short },
    y: { domain, label: null },
    marks: [
      Plot.ruleY(rows, { y: "spec", x1: "p50", x2: "max", stroke: "spec", strokeWidth: 1.5, strokeOpacity: 0.6 }),
      Plot.ruleY(rows, { y: "spec", x1: "p50", x2: "p99", stroke: "spec", strokeWidth: 5, strokeOpacity: 0.35 }),
      Plot.dot(rows, { y: "spec", x: "max", stroke: "spec", r: 3 }),
      Plot.dot(rows, { y: "spec", x: "mean", fill: "spec", r: 5, title: (d) => `${d.spec}\nhalf: ${d.p50}, mean: ${d.mean.toFixed(2)}, 99 of 100: ${d.p99}, worst: ${d.max}` }),
    ],
  });
  const operation = (s, name, account) => s.operations.find((o) => o.operation === name && o.account === account);
  const spreadRows = (name, account, field) => ran.flatMap((s) => {
    const o = operation(s, name, account);
    return o && o.count > 0 ? [{ spec: s.spec, mean: o[field].sum / o.count, ...o[field] }] : [];
  });
  const last = (s, column) => s.curve[column]?.at(-1) ?? 0;
  const charts = {
    tracker: () => steps("trackerBytes", "bytes ↑", bytes),
    machine: () => steps("machineBytes", "bytes ↑", bytes),
    lines: () => spread(spreadRows("fault", "all", "linesEach"), "lines per fault"),
    conversions: () => spread(spreadRows("convert", "tracker", "referencesEach"), "references per call"),
    leaves: () => Plot.plot({
      width, height: 34 * ran.length + 66, marginLeft: 168, marginRight: 36, marginBottom: 38, style,
      color: { legend: true, domain: ["1G", "2M", "4K"], range: ["#1b4f72", "#2e86c1", "#d4a017"] },
      x: { label: "mapped bytes →", labelOffset: 36, ticks: byteTicks(Math.max(1, ...ran.map((s) => last(s, "leaves1g") * 2 ** 30 + last(s, "leaves2m") * 2 ** 21 + last(s, "leaves4k") * 4096))), tickFormat: bytes, grid: true }, y: { domain, label: null },
      marks: [Plot.barX(ran.flatMap((s) => [["1G", 30, "leaves1g"], ["2M", 21, "leaves2m"], ["4K", 12, "leaves4k"]].map(([size, shift, column]) => ({ spec: s.spec, size, value: last(s, column) * 2 ** shift }))), { y: "spec", x: "value", fill: "size", insetTop: 5, insetBottom: 5, title: (d) => `${d.spec}: ${bytes(d.value)} in ${d.size} pages` }), Plot.ruleX([0])],
    }),
    runs: () => {
      const s = ran[0];
      const rows = (s.curve.event ?? []).map((event, i) => ({ event, value: s.curve.runs[i] }));
      return Plot.plot({
        width, height: 270, marginLeft: 64, marginRight: 12, marginBottom: 38, style,
        x: { label: "events done →", labelOffset: 36, tickFormat: short }, y: { label: "runs ↑", grid: true, zero: true },
        marks: [
          Plot.ruleY([0]),
          Plot.areaY(rows, { x: "event", y: "value", fill: "currentColor", fillOpacity: 0.12, curve: "step-after" }),
          Plot.line(rows, { x: "event", y: "value", curve: "step-after" }),
          Plot.ruleX(results.trace.marks, { x: "event", stroke: "#8f1d1d", strokeDasharray: "2,3", strokeOpacity: 0.6, title: "name" }),
        ],
      });
    },
  };
  const legend = () => {
    const box = document.createElement("div");
    box.className = "legend";
    for (const spec of domain) {
      const entry = document.createElement("span");
      const dot = document.createElement("i");
      dot.className = "dot";
      dot.style.background = colour(spec);
      entry.append(dot, spec);
      box.append(entry);
    }
    return box;
  };
  for (const place of document.querySelectorAll("[data-chart]")) {
    if (ran.length === 0) break;
    const name = place.dataset.chart;
    if (name === "tracker" || name === "machine") place.append(legend());
    place.append(charts[name]());
  }
  // The mosaic: frames are run-length text, a letter and how many 2M regions in a row.
  const kinds = [
    ["private, not mapped", "#dfe3ea"], ["private, 4K", "#7fb2dc"], ["private, 2M", "#1f6fb4"], ["private, in 1G", "#123f68"],
    ["shared, not mapped", "#f6e3c5"], ["shared, 4K", "#eda84c"], ["shared, 2M", "#c7660c"], ["shared, in 1G", "#7a3c04"],
    ["mixed, not mapped", "#e3b5d0"], ["mixed, 4K", "#b0267a"], ["mixed, 2M", "#b0267a"], ["mixed, in 1G", "#b0267a"],
  ];
  const decode = (frame) => {
    const tiles = [];
    for (const [, letter, length] of frame.matchAll(/([a-l])(\d+)/g)) {
      for (let i = 0; i < Number(length); i++) tiles.push(letter.charCodeAt(0) - 97);
    }
    return tiles;
  };
  const slider = document.getElementById("moment");
  const shown = new Set();
  const draw = () => {
    const frame = Number(slider.value);
    for (const s of ran) {
      const tiles = decode(s.mosaic.frames[frame]);
      tiles.forEach((kind) => shown.add(kind));
      const canvas = document.querySelector(`canvas[data-tiles="${CSS.escape(s.spec)}"]`);
      const size = 8;
      canvas.width = 64 * size;
      canvas.height = Math.ceil(tiles.length / 64) * size;
      const pen = canvas.getContext("2d");
      tiles.forEach((kind, i) => {
        pen.fillStyle = kinds[kind][1];
        pen.fillRect((i % 64) * size, Math.floor(i / 64) * size, size - 1, size - 1);
      });
      const count = (test) => tiles.filter(test).length;
      document.querySelector(`[data-tiles-text="${CSS.escape(s.spec)}"]`).textContent =
        `${count((k) => k % 4 >= 2)} of ${tiles.length} regions mapped large, ${count((k) => k % 4 === 1)} in 4K, ${count((k) => k >= 8)} mixed`;
    }
    const event = ran[0].mosaic.event[frame];
    const mark = results.trace.marks.filter((m) => m.event <= event).at(-1);
    document.getElementById("moment-text").textContent = `${event.toLocaleString("en")}${mark ? `, after ${mark.name}` : ""}`;
  };
  if (ran.length > 0 && ran[0].mosaic.frames.length > 0) {
    const frames = ran[0].mosaic.frames.length;
    slider.max = String(frames - 1);
    slider.value = slider.max;
    for (const s of ran) for (const frame of s.mosaic.frames) for (const [letter] of frame.matchAll(/[a-l]/g)) shown.add(letter.charCodeAt(0) - 97);
    for (const kind of [...shown].sort((a, b) => a - b)) {
      const entry = document.createElement("span");
      const swatch = document.createElement("i");
      swatch.className = "swatch";
      swatch.style.background = kinds[kind][1];
      entry.append(swatch, kinds[kind][0]);
      document.getElementById("mosaic-legend").append(entry);
    }
    slider.addEventListener("input", draw);
    let timer = 0;
    document.getElementById("play").addEventListener("click", (e) => {
      if (timer) { clearInterval(timer); timer = 0; e.target.textContent = "▶ play"; return; }
      if (slider.value === slider.max) slider.value = "0";
      e.target.textContent = "❚❚ pause";
      timer = setInterval(() => {
        if (slider.value === slider.max) { e.target.click(); return; }
        slider.value = String(Number(slider.value) + 1);
        draw();
      }, 250);
      draw();
    });
    draw();
  }
  root.dataset.ready = "true";
})();
