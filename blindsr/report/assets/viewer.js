/* Versions of a picture, side by side or two of them under a divider, at one place and one zoom.

   The camera is a point of the picture in the middle of each pane (x, y, pixels of the picture) and a zoom (CSS
   pixels for a pixel of the picture). One to one is a whole number of screen pixels, so that nothing is smoothed:
   on screens with two or three pixels for a CSS pixel it is that many. */
"use strict";

const MOST = 32; // screen pixels for a pixel of the picture, in units of one to one
const PAN = 60; // CSS pixels that a key moves the picture
const COLUMN = 250; // CSS pixels: panes side by side are at least as wide, but for two of them
const NOTCH = 1.002; // zoom by a pixel of the wheel

const one = () => Math.max(1, Math.round(devicePixelRatio)) / devicePixelRatio;
const within = (value, low, high) => Math.min(Math.max(value, low), high);

function setUpViewer(viewer) {
  const find = (selector) => viewer.querySelector(selector);
  const select = { left: find("[data-left]"), right: find("[data-right]") };
  const views = [...viewer.querySelectorAll(".view")].map(setUpView);
  const stops = views.flatMap((view) => view.stops.map((stop) => ({ ...stop, view })));
  const strength = setUpStrength(viewer, views);
  const camera = { x: 0, y: 0, zoom: 1, whole: false };
  let view = views[0];
  let stop = -1;
  let mode = viewer.dataset.mode;
  if (mode === "auto") mode = viewer.clientWidth >= 3 * COLUMN ? "side" : "divider";

  function show(next) {
    view = next;
    for (const other of views) other.figure.hidden = other !== view;
    viewer.classList.toggle("side", mode === "side" && !view.overview);
    for (const button of viewer.querySelectorAll("[data-set-mode]"))
      button.setAttribute("aria-pressed", String(button.dataset.setMode === mode));
    view.arrange(mode === "side" && !view.overview, select.left.value, select.right.value);
    strength?.draw(view);
  }

  function draw() {
    const { width, height } = view.pane();
    if (width === 0) return;
    const fit = Math.min(width / view.width, height / view.height);
    if (camera.whole) camera.zoom = fit;
    camera.zoom = within(camera.zoom, Math.min(fit, one()), MOST * one());
    for (const [axis, length, side] of [["x", width, view.width], ["y", height, view.height]]) {
      const half = length / 2 / camera.zoom;
      camera[axis] = half * 2 >= side ? side / 2 : within(camera[axis], half, side - half);
    }
    view.draw(camera, width, height);
    find("[data-percent]").value = Math.round((100 * camera.zoom) / one()) + " %";
  }

  function go(number) {
    stop = (number + stops.length) % stops.length;
    const { x, y, words } = stops[stop];
    Object.assign(camera, { x, y, zoom: one(), whole: false });
    find("[data-where]").value = `Place ${stop + 1} of ${stops.length}: ${words}`;
    show(stops[stop].view);
    draw();
  }

  function whole() {
    camera.whole = true;
    if (stops.length > 0) find("[data-where]").value = "The whole picture";
    show(views[0]);
    draw();
  }

  /* Zoom about a point of a pane, CSS pixels from its middle. */
  function zoomTo(zoom, dx = 0, dy = 0) {
    const before = camera.zoom;
    camera.whole = false;
    camera.zoom = within(zoom, Math.min(one(), before), MOST * one());
    camera.x += dx / before - dx / camera.zoom;
    camera.y += dy / before - dy / camera.zoom;
    draw();
  }

  function move(dx, dy) {
    camera.whole = false;
    camera.x -= dx / camera.zoom;
    camera.y -= dy / camera.zoom;
    draw();
  }

  const zooms = {
    in: () => zoomTo(camera.zoom * 1.5),
    out: () => zoomTo(camera.zoom / 1.5),
    one: () => zoomTo(one()),
    eight: () => zoomTo(8 * one()),
    whole,
  };
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button === null) return;
    const { step, zoom, setMode, swap, stopNumber } = button.dataset;
    if (step !== undefined && stops.length > 0) go(stop + Number(step));
    if (stopNumber !== undefined) go(Number(stopNumber));
    if (zoom !== undefined) zooms[zoom]();
    if (setMode !== undefined) mode = setMode;
    if (swap !== undefined) [select.left.value, select.right.value] = [select.right.value, select.left.value];
    if (setMode !== undefined || swap !== undefined) {
      show(view);
      draw();
    }
  });
  for (const choice of Object.values(select)) choice.addEventListener("change", () => show(view));
  viewer.addEventListener("keydown", (event) => {
    if (!event.target.classList.contains("stage") || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
    const others = { "+": "in", "=": "in", "-": "out", 0: "whole", 1: "one", 8: "eight" };
    if (event.key in moves && (event.shiftKey || stops.length < 2)) move(...moves[event.key]);
    else if (event.key in moves) go(stop + (moves[event.key].some((by) => by < 0) ? 1 : -1));
    else if (event.key in others) zooms[others[event.key]]();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || event.target !== document.body || event.shiftKey || stops.length < 2) return;
    if (viewer.offsetParent === null || event.ctrlKey || event.metaKey || event.altKey) return;
    go(stop + by);
    event.preventDefault();
  });
  for (const { stage } of views) followPointers(stage, move, (factor, dx, dy) => zoomTo(camera.zoom * factor, dx, dy));
  find("[data-stops]").hidden = stops.length < 2;
  find("[data-modes]").hidden = views.at(-1).panes.length < 3;
  new ResizeObserver(draw).observe(viewer);
  if (stops.length > 0) go(0);
  else whole();
}

function setUpView(figure) {
  const stage = figure.querySelector(".stage");
  const panes = [...stage.querySelectorAll(".pane[data-version]")];
  const layers = [...stage.querySelectorAll(".layer")];
  const split = stage.querySelector(".split");
  const names = { left: "", right: "" };

  function divide() {
    stage.style.setProperty("--split", split.value + "%");
    const words = `${names.left} on the left ${Math.round(split.value)} percent, ${names.right} on the right`;
    split.setAttribute("aria-valuetext", words);
  }
  split.addEventListener("input", divide);

  return {
    figure,
    stage,
    panes,
    overview: figure.classList.contains("overview"),
    stops: JSON.parse(figure.dataset.stop),
    width: Number(stage.dataset.width),
    height: Number(stage.dataset.height),
    arrange(side, left, right) {
      Object.assign(names, { left, right });
      const fitting = Math.max(2, Math.floor(stage.parentElement.clientWidth / COLUMN));
      let columns = Math.min(panes.length, fitting);
      if (panes.length === 3) columns = 3; // narrow ones rather than a hole
      if (panes.length === 4 && fitting === 3) columns = 2;
      stage.style.setProperty("--columns", columns);
      stage.style.setProperty("--rows", Math.ceil(panes.length / columns));
      for (const pane of panes) {
        const name = pane.dataset.version;
        pane.classList.toggle("shown", side || name === left || name === right);
        pane.classList.toggle("on-left", !side && name === left && left !== right);
        pane.classList.toggle("on-right", !side && name === right);
      }
      divide();
    },
    pane() {
      const shown = panes.find((pane) => pane.classList.contains("shown")) ?? stage;
      return { width: shown.clientWidth, height: shown.clientHeight };
    },
    draw({ x, y, zoom }, width, height) {
      const snap = (value) => Math.round(value * devicePixelRatio) / devicePixelRatio;
      const move = `translate(${snap(width / 2 - x * zoom)}px, ${snap(height / 2 - y * zoom)}px) scale(${zoom})`;
      for (const layer of layers) layer.style.transform = move;
      stage.classList.toggle("pixels", zoom > one() - 1e-6);
      stage.style.setProperty("--zoom", zoom);
    },
  };
}

/* A finger or a mouse moves the picture, two fingers or the wheel zoom it. One finger up and down scrolls the page. */
function followPointers(stage, move, zoom) {
  const down = new Map();
  const middle = () => {
    const points = [...down.values()];
    const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    const spread = points.length < 2 ? 0 : Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]);
    return { x, y, spread };
  };
  const fromMiddle = (x, y) => {
    const pane = [...stage.querySelectorAll(".pane.shown")].map((each) => each.getBoundingClientRect());
    const box = pane.find((each) => x >= each.left && x <= each.right && y >= each.top && y <= each.bottom) ?? pane[0];
    return [x - box.left - box.width / 2, y - box.top - box.height / 2];
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("input, button") !== null || event.button !== 0) return;
    stage.focus({ preventScroll: true });
    down.set(event.pointerId, [event.clientX, event.clientY]);
    stage.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    const before = middle();
    down.set(event.pointerId, [event.clientX, event.clientY]);
    const after = middle();
    move(after.x - before.x, after.y - before.y);
    if (before.spread > 0 && after.spread > 0) zoom(after.spread / before.spread, ...fromMiddle(after.x, after.y));
  });
  for (const over of ["pointerup", "pointercancel"]) stage.addEventListener(over, (event) => down.delete(event.pointerId));
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !stage.contains(document.activeElement)) return; // the page scrolls
      event.preventDefault();
      zoom(NOTCH ** within(-event.deltaY, -300, 300), ...fromMiddle(event.clientX, event.clientY));
    },
    { passive: false },
  );
}

/* base + strength * (ours - base) in stored values, rounded and clipped to 0..255 by the array. */
function mix(base, ours, strength) {
  const mixed = new Uint8ClampedArray(base.length);
  for (let i = 0; i < base.length; i++) mixed[i] = base[i] + strength * (ours[i] - base[i]);
  return mixed;
}

function setUpStrength(viewer, views) {
  const bar = viewer.querySelector("[data-strength]");
  const settings = bar === null ? null : JSON.parse(bar.dataset.strength);
  const save = bar?.querySelector("[data-save]");
  const format = bar?.querySelector("[data-format]");
  const slider = bar?.querySelector("[data-slider]");
  const value = () => (slider ? Number(slider.value) : 1);
  const read = new Map();
  let shown = views[0];

  async function pixels(view, name) {
    const image = view.panes.find((pane) => pane.dataset.version === name).querySelector("img");
    if (!read.has(image)) {
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: view.width, height: view.height });
      const context = canvas.getContext("2d", { colorSpace: settings.space, willReadFrequently: true });
      context.drawImage(image, 0, 0);
      read.set(image, context.getImageData(0, 0, view.width, view.height).data);
    }
    return read.get(image);
  }

  async function draw(view) {
    shown = view;
    if (!slider) return;
    const strength = value();
    const pane = view.panes.find((each) => each.dataset.version === settings.ours);
    let canvas = pane.querySelector("canvas");
    if (strength !== 1) {
      const [base, ours] = await Promise.all([pixels(view, settings.base), pixels(view, settings.ours)]);
      if (strength !== value()) return; // moved meanwhile
      if (canvas === null) {
        canvas = Object.assign(document.createElement("canvas"), { width: view.width, height: view.height });
        canvas.setAttribute("aria-hidden", "true");
        pane.querySelector(".layer").append(canvas);
      }
      const context = canvas.getContext("2d", { colorSpace: settings.space });
      const mixed = new ImageData(mix(base, ours, strength), view.width, view.height, { colorSpace: settings.space });
      context.putImageData(mixed, 0, 0);
    }
    if (canvas !== null) canvas.hidden = strength === 1;
    pane.querySelector(".tag").textContent = settings.ours + (strength === 1 ? "" : ` at ${strength.toFixed(2)}`);
  }

  function say() {
    const strength = value();
    const trust = strength * (settings?.blend ?? 1);
    if (slider) {
      let words = `--trust ${Math.min(trust, 1).toFixed(2)}`;
      if (trust > 1 + 1e-9) words = "more than --trust, which ends at 1";
      if (strength === 0) words = "bicubic interpolation, --trust 0";
      if (strength === 1) words = `as made, ${words}`;
      bar.querySelector("[data-trust]").value = `${strength.toFixed(2)}: ${words}`;
      slider.setAttribute("aria-valuetext", `${strength.toFixed(2)}, ${words}`);
    }
    if (save) save.href = `${save.dataset.save}?strength=${strength}&format=${format.value}`;
  }

  if (bar === null) return null;
  slider?.addEventListener("input", () => {
    say();
    draw(shown);
  });
  format?.addEventListener("change", say);
  say();
  return { draw };
}

document.documentElement.classList.add("js");
document.querySelectorAll("[data-viewer]").forEach(setUpViewer);
