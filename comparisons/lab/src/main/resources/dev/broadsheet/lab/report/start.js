// Inputs: one panel is shown at a time, drawn when it is shown first.
const panels = [...document.querySelectorAll(".input")];
const tabs = [...document.querySelectorAll("[role=tab]")];
const drawn = new Set();
const show = (index) => {
  panels.forEach((panel, i) => { panel.hidden = i !== index; });
  tabs.forEach((tab, i) => {
    tab.setAttribute("aria-selected", String(i === index));
    tab.tabIndex = i === index ? 0 : -1;
  });
  for (const link of document.querySelectorAll("[data-part]")) {
    link.href = `#${link.dataset.part}${index === 0 ? "" : `-${index}`}`;
  }
  if (!drawn.has(index)) {
    drawn.add(index);
    drawCharts(panels[index], data.inputs[index]);
    drawMosaic(panels[index], data.inputs[index]);
  }
};
tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => show(i));
  tab.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    const to = e.key === "Home" ? 0 : e.key === "End" ? tabs.length - 1 : step ? (i + step + tabs.length) % tabs.length : -1;
    if (to < 0) return;
    e.preventDefault();
    show(to);
    tabs[to].focus();
  });
});
// A link into the page: show the panel and open the details that hold its target.
const follow = () => {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (!target) return;
  const panel = target.closest(".input");
  if (panel) show(Number(panel.dataset.input));
  target.querySelector(":scope > details")?.setAttribute("open", "");
  target.scrollIntoView();
};
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => panels.forEach((panel, i) => {
  if (!drawn.has(i)) {
    drawn.add(i);
    drawCharts(panel, data.inputs[i]);
    drawMosaic(panel, data.inputs[i]);
  }
}));
show(0);
follow();
root.dataset.ready = "true";
