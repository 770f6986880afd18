/* Filters, and the dialog that shows one image. The tables sort by themselves (sortable), crops are compared by
   the viewer (viewer.js). */
"use strict";

if (innerWidth < 700) document.querySelector("[data-narrow-closed]").open = false; // the plot comes first
const filters = [...document.querySelectorAll("[data-filter]")];

function applyFilters() {
  const left = { set: new Set(), scale: new Set(), method: new Set() };
  for (const box of filters) if (!box.checked) left[box.dataset.filter].add(box.value);
  for (const element of document.querySelectorAll("main [data-set], main [data-scale], main [data-method]")) {
    const { set, scale, method, baseline } = element.dataset;
    const out = left.set.has(set) || left.scale.has(scale) || left.method.has(method) || left.method.has(baseline);
    element.classList.toggle("left-out", out);
  }
}

document.addEventListener("change", (event) => {
  if (event.target.dataset.filter !== undefined) applyFilters();
});

const detail = document.getElementById("detail");
const content = document.getElementById("detail-content");
const built = new Map(); // what was opened before, with its place in the viewer
const keys = [...document.querySelectorAll("template")].map((template) => template.id);
let opened = null;

function openDetail(key) {
  if (!built.has(key)) {
    const part = document.createElement("div");
    part.append(document.getElementById(key).content.cloneNode(true));
    built.set(key, part);
  }
  const part = built.get(key);
  content.replaceChildren(part);
  opened = key;
  if (!detail.open) detail.showModal();
  detail.scrollTop = 0;
  const viewer = part.querySelector("[data-viewer]:not([data-ready])");
  if (viewer !== null) {
    viewer.dataset.ready = "";
    setUpViewer(viewer); // now that it has a size
  }
  part.querySelector("h2").focus({ preventScroll: true });
}

function step(by) {
  const shown = keys.filter((key) => document.querySelector(`section:not(.left-out) [data-open="${CSS.escape(key)}"]`));
  const place = shown.indexOf(opened) + by;
  if (shown.length > 0) openDetail(shown[(place + shown.length) % shown.length]);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener !== null) openDetail(opener.dataset.open);
  const button = event.target.closest("button");
  if (button === null) return;
  if (button.dataset.step !== undefined) step(Number(button.dataset.step));
  if (button.dataset.close !== undefined) detail.close();
  for (const [name, checked] of [["all", true], ["none", false]]) {
    const kind = button.dataset[name];
    if (kind === undefined) continue;
    for (const box of filters) if (box.dataset.filter === kind) box.checked = checked;
    applyFilters();
  }
});

document.addEventListener("keydown", (event) => {
  const column = event.target.closest(".column");
  if (column === null) return;
  const columns = [...column.closest("svg").querySelectorAll(".column")];
  const moves = { ArrowLeft: -1, ArrowRight: 1 };
  if (event.key in moves) {
    const next = columns[columns.indexOf(column) + moves[event.key]];
    if (next !== undefined) {
      column.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    }
  } else if (event.key === "Enter" || event.key === " ") openDetail(column.dataset.open);
  else return;
  event.preventDefault();
});
