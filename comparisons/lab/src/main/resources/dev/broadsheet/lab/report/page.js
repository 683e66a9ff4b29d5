// The page: theme, what is drawn, which strategies are looked at.
const root = document.documentElement;
const data = JSON.parse(document.getElementById("chart-data").textContent);

// The theme: the reader's choice, else the system's.
const theme = {
  stored() { try { return localStorage.getItem("broadsheet-theme"); } catch { return null; } },
  store(name) { try { localStorage.setItem("broadsheet-theme", name); } catch { /* a file page may have no storage */ } },
  system: matchMedia("(prefers-color-scheme: dark)"),
  show() {
    root.dataset.theme = theme.stored() ?? theme.chosen ?? (theme.system.matches ? "dark" : "light");
    const button = document.getElementById("theme");
    button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  },
};
theme.show();
theme.system.addEventListener("change", theme.show);
document.getElementById("theme").addEventListener("click", () => {
  theme.chosen = root.dataset.theme === "dark" ? "light" : "dark";
  theme.store(theme.chosen);
  theme.show();
});

// Numbers as in the tables.
const trimmed = (v) => String(+v.toPrecision(3));
const bytes = (v) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let u = 0;
  while (Math.abs(v) >= 1024 && u < units.length - 1) { v /= 1024; u++; }
  return `${trimmed(v)} ${units[u]}`;
};
const short = (v) => v >= 1e9 ? `${trimmed(v / 1e9)}G` : v >= 1e6 ? `${trimmed(v / 1e6)}M` : v >= 1000 ? `${trimmed(v / 1000)}k` : String(v);
const whole = (v) => v.toLocaleString("en");

// Builds an element: a tag, its class, its content.
const element = (tag, className, ...content) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
};
const dot = (colour) => {
  const made = element("i", "dot");
  made.style.background = colour;
  return made;
};
