// The mosaic: frames are run-length text, a letter and how many 2M regions in a row.
const KINDS = [
  ["private, not mapped", "#dfe3ea"], ["private, 4K", "#7fb2dc"], ["private, 2M", "#1f6fb4"], ["private, in 1G", "#123f68"],
  ["shared, not mapped", "#f6e3c5"], ["shared, 4K", "#eda84c"], ["shared, 2M", "#c7660c"], ["shared, in 1G", "#7a3c04"],
  ["mixed, not mapped", "#e3b5d0"], ["mixed, 4K", "#b0267a"], ["mixed, 2M", "#b0267a"], ["mixed, in 1G", "#b0267a"],
];
const runsOf = (frame) => [...frame.matchAll(/([a-l])(\d+)/g)].map(([, letter, length]) => [letter.charCodeAt(0) - 97, Number(length)]);

const drawMosaic = (panel, input) => {
  const part = panel.querySelector("[data-mosaic]");
  const frames = input.strategies[0]?.mosaic.frames.length ?? 0;
  if (frames === 0) { part.querySelector(".player").hidden = true; return; }
  const slider = part.querySelector("input[type=range]");
  const output = part.querySelector("[data-moment]");
  const regions = runsOf(input.strategies[0].mosaic.frames[0]).reduce((sum, [, length]) => sum + length, 0);
  // As many tiles to a row as keep a map about as high as wide, at least 64.
  let across = 64;
  while (across * across < regions) across *= 2;
  const size = Math.max(1, 1024 / across);
  const gap = size >= 8 ? 2 : size >= 4 ? 1 : 0;
  const maps = [...part.querySelectorAll("figure")].map((figure, i) => ({
    strategy: input.strategies[i], canvas: figure.querySelector("canvas"), text: figure.querySelector("[data-tiles-text]"),
  }));
  const draw = () => {
    const frame = Number(slider.value);
    for (const { strategy, canvas, text } of maps) {
      canvas.width = across * size;
      canvas.height = Math.ceil(regions / across) * size;
      const pen = canvas.getContext("2d");
      const count = { large: 0, small: 0, mixed: 0 };
      let at = 0;
      for (const [kind, length] of runsOf(strategy.mosaic.frames[frame])) {
        pen.fillStyle = KINDS[kind][1];
        for (let i = at; i < at + length; i++) pen.fillRect((i % across) * size, Math.floor(i / across) * size, size - gap, size - gap);
        at += length;
        if (kind % 4 >= 2) count.large += length;
        if (kind % 4 === 1) count.small += length;
        if (kind >= 8) count.mixed += length;
      }
      text.textContent = `${whole(count.large)} of ${whole(regions)} regions mapped large, ${whole(count.small)} in 4K, ${whole(count.mixed)} mixed`;
      canvas.setAttribute("aria-label", `Map of guest memory under ${strategy.spec}: ${text.textContent}`);
    }
    const event = input.strategies[0].mosaic.event[frame];
    const mark = input.marks.filter((m) => m.event <= event).at(-1);
    output.textContent = `${whole(event)}${mark ? `, after ${mark.name}` : ""}`;
    slider.setAttribute("aria-valuetext", `${output.textContent} events`);
  };
  slider.max = String(frames - 1);
  slider.value = slider.max;
  slider.addEventListener("input", draw);

  const seen = new Set(input.strategies.flatMap((s) => s.mosaic.frames.flatMap((frame) => runsOf(frame).map(([kind]) => kind))));
  const legend = part.querySelector("[data-mosaic-legend]");
  const named = new Set();
  for (const kind of [...seen].sort((a, b) => a - b)) {
    const [name, colour] = KINDS[kind];
    const label = kind > 8 ? "mixed, mapped" : name;
    if (named.has(label)) continue;
    named.add(label);
    const swatch = element("i", "swatch");
    swatch.style.background = colour;
    legend.append(element("span", "", swatch, label));
  }

  const play = part.querySelector("[data-play]");
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "▶ play"; };
  play.addEventListener("click", () => {
    if (timer) { stop(); return; }
    if (slider.value === slider.max) slider.value = "0";
    play.textContent = "❚❚ pause";
    timer = setInterval(() => {
      slider.value = String(Number(slider.value) + 1);
      draw();
      if (slider.value === slider.max) stop();
    }, 250);
    draw();
  });
  draw();
};
