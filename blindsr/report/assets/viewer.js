/* Two versions of a picture under one divider. Panzoom (beside this file) does the zooming and the panning; the
   divider is an ordinary range input, so that keys, fingers and screen readers know it. */
"use strict";

const MOST = 32; // screen pixels for one of the picture
const WHEEL = 0.3; // Panzoom's step for a notch of the wheel
const PINCH = 0.8; // and for 80 pixels between two fingers: the picture follows fingers 100 pixels apart
const PAN = 60; // screen pixels that an arrow key moves

function setUpViewer(viewer) {
  const select = { left: viewer.querySelector("[data-left]"), right: viewer.querySelector("[data-right]") };
  const percent = viewer.querySelector("[data-percent]");
  const views = [...viewer.querySelectorAll(".view")].map((figure) => setUpView(figure, told));
  let shown = null;

  function told(view) {
    if (view !== shown) return;
    percent.value = Math.round(100 * view.magnification()) + " %";
  }

  function choose() {
    const names = { left: select.left.value, right: select.right.value };
    for (const view of views) view.compare(names.left, names.right);
  }

  function open(number) {
    shown = views[number];
    views.forEach((view, n) => (view.figure.hidden = n !== number));
    viewer.querySelectorAll(".parts [data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.view) === number));
    });
    shown.start();
    told(shown);
  }

  const zoom = {
    in: () => shown.zoom((scale) => scale * 1.5),
    out: () => shown.zoom((scale) => scale / 1.5),
    fit: () => shown.zoom(() => 1),
    one: () => shown.zoom(() => shown.scaleFor(1)),
    eight: () => shown.zoom(() => shown.scaleFor(8)),
  };
  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button === null) return;
    if (button.dataset.view !== undefined) open(Number(button.dataset.view));
    if (button.dataset.zoom !== undefined) zoom[button.dataset.zoom]();
    if (button.dataset.swap !== undefined) {
      [select.left.value, select.right.value] = [select.right.value, select.left.value];
      choose();
    }
  });
  select.left.addEventListener("change", choose);
  select.right.addEventListener("change", choose);
  new ResizeObserver(() => shown && told(shown)).observe(viewer);
  choose();
  open(0);
}

function setUpView(figure, told) {
  const stage = figure.querySelector(".stage");
  const panes = [...stage.querySelectorAll(".pane")];
  const layers = panes.map((pane) => pane.querySelector(".layer"));
  const split = stage.querySelector(".split");
  const pictureWidth = Number(stage.dataset.width);
  const tags = { left: stage.querySelector(".tag.left"), right: stage.querySelector(".tag.right") };
  let panzoom = null;

  const view = {
    figure,
    start() {
      if (panzoom === null) panzoom = begin();
    },
    compare(left, right) {
      for (const pane of panes) {
        const name = pane.dataset.version;
        pane.classList.toggle("on-left", name === left && left !== right);
        pane.classList.toggle("shown", name === left || name === right || name === undefined);
      }
      tags.left.textContent = left;
      tags.right.textContent = right;
      divide();
    },
    zoom(change) {
      const scale = change(panzoom.getScale());
      panzoom.setOptions({ contain: scale < 1 ? "inside" : "outside" });
      panzoom.zoom(scale, { animate: false });
    },
    magnification() {
      return panzoom === null ? 1 : panzoom.getScale() / view.scaleFor(1);
    },
    scaleFor(magnification) {
      return (magnification * pictureWidth) / (stage.clientWidth * devicePixelRatio);
    },
  };

  function begin() {
    const made = Panzoom(layers[0], {
      contain: "outside",
      maxScale: Math.max(4, view.scaleFor(MOST)),
      minScale: Math.min(1, view.scaleFor(1)),
      noBind: true,
      cursor: "",
      overflow: "",
      touchAction: "",
      pinchAndPan: true,
      setTransform(_element, { x, y, scale }) {
        for (const layer of layers) layer.style.transform = `scale(${scale}) translate(${x}px, ${y}px)`;
      },
    });
    layers[0].addEventListener("panzoomchange", ({ detail }) => {
      if (detail.scale >= 1) made.setOptions({ contain: "outside" });
      stage.classList.toggle("zoomed", detail.scale > 1.01);
      stage.classList.toggle("pixels", view.magnification() >= 1);
      stage.style.setProperty("--zoom", detail.scale);
      made.pan(detail.x, detail.y, { silent: true }); // within the limits, now that the scale is drawn
      told(view);
    });
    stage.addEventListener("pointerdown", (event) => {
      if (event.target.closest("input, button") !== null) return;
      stage.focus({ preventScroll: true });
      made.setOptions({ step: PINCH * made.getScale() }); // a second finger may follow
      made.handleDown(event);
    });
    document.addEventListener("pointermove", made.handleMove, { passive: true });
    for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, made.handleUp);
    return made;
  }

  function divide() {
    stage.style.setProperty("--split", split.value + "%");
    const words = `${tags.left.textContent} on the left ${Math.round(split.value)} percent, ${tags.right.textContent} on the right`;
    split.setAttribute("aria-valuetext", words);
  }

  split.addEventListener("input", divide);
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !stage.contains(document.activeElement)) return; // the page scrolls
      panzoom.zoomWithWheel(event, { step: WHEEL });
    },
    { passive: false },
  );
  stage.addEventListener("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = PAN / panzoom.getScale();
    const pans = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const zooms = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 };
    if (event.key in pans) panzoom.pan(...pans[event.key], { relative: true });
    else if (event.key in zooms) view.zoom((scale) => scale * zooms[event.key]);
    else if (event.key === "0") view.zoom(() => 1);
    else return;
    event.preventDefault();
  });
  return view;
}

document.documentElement.classList.add("js");
document.querySelectorAll("[data-viewer]").forEach(setUpViewer);
